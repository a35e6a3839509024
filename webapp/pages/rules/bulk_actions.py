"""Pausing, archiving and exporting several rules at once. Each change is confirmed first, naming the rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow
from webapp.http.htmx import render
from webapp.pages.document_text import in_order, written
from webapp.pages.layout import database
from webapp.services.publishing import publish
from webapp.store.events import backlog
from webapp.store.rules import rule_versions
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection

blueprint = Blueprint("chosen", __name__, url_prefix="/chosen-rules")
COUNTED_UP_TO = 10_000


@dataclass(frozen=True, slots=True)
class BulkChange:
    """A change to some rules before it is confirmed: which of them it affects, and what prevents it.

    `dependents` maps rules to the live rules that need them. `waiting` is how many events wait to be applied.
    """

    verb: str
    affected: tuple[StoredRule, ...]
    unaffected: tuple[StoredRule, ...]
    dependents: dict[str, list[str]]
    waiting: int = 0


@blueprint.get("/pausing")
@allow(role=Role.PUBLISHER)
def ask_pause() -> ResponseReturnValue:
    """Confirmation: the rules that would be paused, and what that means."""
    return _confirm_page("pause")


@blueprint.get("/archiving")
@allow(role=Role.PUBLISHER)
def ask_archive() -> ResponseReturnValue:
    """Confirmation: the rules that would be archived, and what that means."""
    return _confirm_page("archive")


@blueprint.post("/pauses")
@allow(role=Role.PUBLISHER)
def pause() -> ResponseReturnValue:
    """Take the chosen live rules out of force, all or none."""
    return _change("pause", publish.pause, "paused")


@blueprint.post("/archivings")
@allow(role=Role.PUBLISHER)
def archive() -> ResponseReturnValue:
    """Archive the chosen rules, all or none."""
    return _change("archive", publish.archive, "archived")


@blueprint.get("/export")
@allow(role=Role.VIEWER)
def export() -> ResponseReturnValue:
    """The documents of the chosen rules as a file, or of all rules in use if none is chosen."""
    keys = request.args.getlist("key")
    with database() as conn:
        documents = [in_order(document) for document in rule_versions.export(conn, keys or None)]
    if keys and not documents:
        abort(404)
    name = f"{documents[0]['key']}.json" if len(documents) == 1 else "rules.json"
    head = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(f"{written(documents)}\n", mimetype="application/json", headers=head)


def _confirm_page(verb: str) -> ResponseReturnValue:
    with database() as conn:
        change = _bulk_change(conn, verb, request.args.getlist("key"))
    return render("rules/leaving.html", "rules/_leaving.html", change=change)


def _bulk_change(conn: Connection, verb: str, keys: Sequence[str]) -> BulkChange:
    rules = [rule for key in dict.fromkeys(keys) if (rule := rule_versions.rule(conn, key))]
    affected = tuple(rule for rule in rules if _may_leave(verb, rule))
    unaffected = tuple(rule for rule in rules if rule not in affected)
    affected_keys = {rule.key for rule in affected}
    dependents = {
        rule.key: [key for key in publish.dependent_rules(conn, rule.key) if key not in affected_keys]
        for rule in affected
    }
    waiting = backlog.measure(conn, COUNTED_UP_TO).waiting
    return BulkChange(verb, affected, unaffected, {key: names for key, names in dependents.items() if names}, waiting)


def _may_leave(verb: str, rule: StoredRule) -> bool:
    return rule.status in {"live", "counting"} if verb == "pause" else rule.status != "archived"


def _change(verb: str, leave: Callable[[Connection, str, str], int], done: str) -> ResponseReturnValue:
    with database() as conn:
        rule_versions.lock(conn)
        change = _bulk_change(conn, verb, request.form.getlist("key"))
        if change.dependents or not change.affected:
            page = render("rules/leaving.html", "rules/_leaving.html", change=change)
            return page, 422
        for rule in change.affected:
            leave(conn, rule.key, actor())
        conn.commit()
    names = [rule.name for rule in change.affected]
    summary = f"{names[0]} is {done}" if len(names) == 1 else f"{len(names)} rules are {done}: {', '.join(names)}"
    flash(f"{summary}. Players keep what they have.", "good")
    return redirect(url_for("rules.show"), 303)
