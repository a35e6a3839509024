"""Rules: the filtered list, one rule read-only, pausing and resuming."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.language.explain import explain
from engine.language.facts import Facts
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue
from webapp.http.access import Role, actor, allow, settings
from webapp.http.htmx import render
from webapp.pages.condition_rows import ConditionLine, rows_of
from webapp.pages.document_text import in_order, written
from webapp.pages.formats import day_name
from webapp.pages.layout import database, may
from webapp.pages.outcome_lines import reason_text
from webapp.pages.rules.filters import RuleFilters
from webapp.pages.rules.list_rows import all_rows, edit_address, new_rule_links, row_of
from webapp.pages.rules.view_models import RulePage, RulesPage, VersionLine
from webapp.queue import slow_jobs
from webapp.runtime import clock
from webapp.services.publishing import publish_on_schedule, rule_changes
from webapp.services.publishing.rule_changes import RuleNeeded
from webapp.store.events import rule_activity, seen_properties
from webapp.store.rules import drafts, publication_facts, rule_versions
from webapp.store.rules.rule_versions import StoredRule

blueprint = Blueprint("rules", __name__, url_prefix="/rules")
VERSIONS_SHOWN = 5


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Every rule that passes the filters of the address."""
    filters = RuleFilters.of_request()
    with database() as conn:
        rows = all_rows(conn)
        number, since = rule_versions.live_number(conn), rule_versions.live_since(conn)
    view = RulesPage(
        rows=[row for row in rows if filters.admit(row)],
        filters=filters,
        kind_tabs=filters.tabs(rows),
        events=sorted({event for row in rows for event in row.events if event != "*"}),
        rulebook=f"Rulebook {number}, live since {_moment_text(since)}",
        links=new_rule_links(),
        may_change=may(Role.PUBLISHER),
        may_edit=may(Role.AUTHOR),
    )
    return render("rules/page.html", "rules/_table.html", view=view)


def _moment_text(moment: datetime) -> str:
    """A moment for people: the time if it is today, else the date."""
    return f"{moment:%H:%M}" if moment.date() == clock.now().date() else day_name(moment)


@blueprint.get("/<key>")
@allow(role=Role.VIEWER)
def show_one(key: str) -> ResponseReturnValue:
    """One rule: sentence, condition tree, document, versions."""
    with database() as conn:
        rule = rule_versions.rule(conn, key)
        if rule is None and drafts.of_rule(conn, key):
            return redirect(edit_address(key) if may(Role.AUTHOR) else url_for("drafts.review", key=key))
        if rule is None:
            abort(404)
        catalogue = seen_properties.catalogue(conn)
        hours = rule_activity.matches_by_rule(conn).get(key, [])
        refusals = rule_activity.refusals_of_rule(conn, key)
        versions = rule_versions.versions_of(conn, key)
        pending = publish_on_schedule.pending_publication(conn, rule)
        job = publication_facts.last_publication_of(conn, key)
    view = RulePage(
        rule=rule,
        row=row_of(rule, catalogue, due=pending.due if pending else None),
        pending=pending,
        job=job if job and job["status"] != "done" else None,
        tree=_tree(rule.document, catalogue),
        document=written(in_order(rule.document)),
        versions=[
            VersionLine(number, rule_sentence(document, catalogue), by, at)
            for number, document, by, at in versions[:VERSIONS_SHOWN]
        ],
        hours=hours,
        refusals=[(reason_text(refusal.reason, catalogue, refusal.fact), refusal.count) for refusal in refusals],
        may_change=may(Role.PUBLISHER),
        may_edit=may(Role.AUTHOR),
    )
    return render_template("rules/rule.html", view=view)


@blueprint.post("/<key>/pause")
@allow(role=Role.PUBLISHER)
def pause(key: str) -> ResponseReturnValue:
    """Pause a live rule; each shard's next batch runs without it."""
    rule = _in_state(key, "live")
    try:
        rule_changes.pause_rule(settings(), key, actor())
    except RuleNeeded as needed:
        with database() as conn:
            names = rule_versions.names(conn)
        needing = ", ".join(names[dependent] for dependent in needed.dependents)
        flash(f"{rule.name} cannot be paused on its own: it is needed by {needing}.", "bad")
    else:
        flash(f"{rule.name} is paused. Players keep what they have.", "good")
    return redirect(url_for(".show_one", key=key), 303)


@blueprint.post("/<key>/resumption")
@allow(role=Role.PUBLISHER)
def resume(key: str) -> ResponseReturnValue:
    """Put a paused rule back into force."""
    rule = _in_state(key, "paused")
    result = rule_changes.resume_rule(settings(), key, actor())
    if result.job:
        slow_jobs.enqueue_job(settings(), result.job)
    if result.problems:
        flash(f"{rule.name} no longer fits the live rules: {result.problems[0].message}.", "bad")
    else:
        flash(
            f"{rule.name} {'goes live again once its history is counted' if result.job else 'is live again'}.", "good"
        )
    return redirect(url_for(".show_one", key=key), 303)


def _in_state(key: str, status: str) -> StoredRule:
    """The rule, if it has this status; else 409, and 404 for an unknown rule."""
    with database() as conn:
        rule = rule_versions.rule(conn, key) or abort(404)
    if rule.status != status:
        abort(409)
    return rule


def _tree(document: dict[str, Any], catalogue: Catalogue) -> tuple[ConditionLine, ...]:
    """The condition as rows of words; facts do not matter here, only how the rows read."""
    member = "condition" if document.get("condition") is not None else "filter"
    condition = document.get(member)
    if condition is None:
        return ()
    events = (document.get("trigger") or {}).get("events") or document.get("events") or ["*"]
    trace = explain(condition, Facts({}), catalogue.for_events(events), f"/{member}")
    return rows_of(trace.to_json()["root"], document)
