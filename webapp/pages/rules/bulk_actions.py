"""What is done with several rules at once: pause, archive, export. Each change asks first and names the rules."""

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
    """A change that is about to be made to some rules: which of them it reaches, and what stands against it.

    `needed` maps rules to the live ones that could not go on without them.
    """

    verb: str
    reached: tuple[StoredRule, ...]
    left: tuple[StoredRule, ...]
    needed: dict[str, list[str]]
    waiting: int = 0


@blueprint.get("/pausing")
@allow(role=Role.PUBLISHER)
def ask_pause() -> ResponseReturnValue:
    """Name the rules that would be paused, and what it means."""
    return _ask("pause")


@blueprint.get("/archiving")
@allow(role=Role.PUBLISHER)
def ask_archive() -> ResponseReturnValue:
    """Name the rules that would be archived, and what it means."""
    return _ask("archive")


@blueprint.post("/pauses")
@allow(role=Role.PUBLISHER)
def pause() -> ResponseReturnValue:
    """Take the chosen live rules out of force, all or none."""
    return _change("pause", publish.pause, "paused")


@blueprint.post("/archivings")
@allow(role=Role.PUBLISHER)
def archive() -> ResponseReturnValue:
    """Take the chosen rules out of use, all or none."""
    return _change("archive", publish.archive, "archived")


@blueprint.get("/export")
@allow(role=Role.VIEWER)
def export() -> ResponseReturnValue:
    """The documents of the chosen rules as a file, or of all that are in use where none is chosen."""
    keys = request.args.getlist("key")
    with database() as conn:
        documents = [in_order(each) for each in rule_versions.export(conn, keys or None)]
    if keys and not documents:
        abort(404)
    name = f"{documents[0]['key']}.json" if len(documents) == 1 else "rules.json"
    head = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(f"{written(documents)}\n", mimetype="application/json", headers=head)


def _ask(verb: str) -> ResponseReturnValue:
    with database() as conn:
        asked = _asked(conn, verb, request.args.getlist("key"))
    return render("rules/leaving.html", "rules/_leaving.html", asked=asked)


def _asked(conn: Connection, verb: str, keys: Sequence[str]) -> BulkChange:
    found = [rule for key in dict.fromkeys(keys) if (rule := rule_versions.rule(conn, key))]
    reached = tuple(rule for rule in found if _may_leave(verb, rule))
    left = tuple(rule for rule in found if rule not in reached)
    going = {rule.key for rule in reached}
    needing = {
        rule.key: [key for key in publish.dependent_rules(conn, rule.key) if key not in going] for rule in reached
    }
    waiting = backlog.measure(conn, COUNTED_UP_TO).waiting
    return BulkChange(verb, reached, left, {key: names for key, names in needing.items() if names}, waiting)


def _may_leave(verb: str, rule: StoredRule) -> bool:
    return rule.status in {"live", "counting"} if verb == "pause" else rule.status != "archived"


def _change(verb: str, leave: Callable[[Connection, str, str], int], done: str) -> ResponseReturnValue:
    with database() as conn:
        rule_versions.lock(conn)
        asked = _asked(conn, verb, request.form.getlist("key"))
        if asked.needed or not asked.reached:
            page = render("rules/leaving.html", "rules/_leaving.html", asked=asked)
            return page, 422
        for rule in asked.reached:
            leave(conn, rule.key, actor())
        conn.commit()
    names = [rule.name for rule in asked.reached]
    told = f"{names[0]} is {done}" if len(names) == 1 else f"{len(names)} rules are {done}: {', '.join(names)}"
    flash(f"{told}. Players keep what they have.", "good")
    return redirect(url_for("rules.show"), 303)
