"""Pausing, archiving and exporting several rules at once. Each change is confirmed first, naming the rules."""

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow
from webapp.http.htmx import render
from webapp.pages.document_text import in_order, written
from webapp.pages.layout import database
from webapp.services.publishing import bulk_changes
from webapp.services.publishing.bulk_changes import ARCHIVE, PAUSE
from webapp.store.rules import rule_versions

blueprint = Blueprint("chosen", __name__, url_prefix="/chosen-rules")


@blueprint.get("/pausing")
@allow(role=Role.PUBLISHER)
def ask_pause() -> ResponseReturnValue:
    """Confirmation: the rules that would be paused, and what that means."""
    return _confirm_page(PAUSE)


@blueprint.get("/archiving")
@allow(role=Role.PUBLISHER)
def ask_archive() -> ResponseReturnValue:
    """Confirmation: the rules that would be archived, and what that means."""
    return _confirm_page(ARCHIVE)


@blueprint.post("/pauses")
@allow(role=Role.PUBLISHER)
def pause() -> ResponseReturnValue:
    """Pause the chosen live rules, all or none."""
    return _change(PAUSE, "paused")


@blueprint.post("/archivings")
@allow(role=Role.PUBLISHER)
def archive() -> ResponseReturnValue:
    """Archive the chosen rules, all or none."""
    return _change(ARCHIVE, "archived")


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
        change = bulk_changes.preview_change(conn, verb, request.args.getlist("key"))
    return render("rules/leaving.html", "rules/_leaving.html", change=change)


def _change(verb: str, done: str) -> ResponseReturnValue:
    with database() as conn:
        change = bulk_changes.change_rules(conn, verb, request.form.getlist("key"), actor())
    if not change.is_possible:
        return render("rules/leaving.html", "rules/_leaving.html", change=change), 422
    names = [rule.name for rule in change.affected]
    summary = f"{names[0]} is {done}" if len(names) == 1 else f"{len(names)} rules are {done}: {', '.join(names)}"
    flash(f"{summary}. Players keep what they have.", "good")
    return redirect(url_for("rules.show"), 303)
