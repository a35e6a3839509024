"""The versions of a rule: what each changed and why, returning to one, and archiving the rule."""

from collections.abc import Iterator
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_result import EditRefused
from engine.vocabulary.fact import Catalogue
from webapp.http.access import Role, actor, allow, settings
from webapp.http.numbers import number_in_query
from webapp.pages.drafts.blueprint import begin_draft_or_404, blueprint, draft_or_404, icon_of, person_names, tabs
from webapp.pages.drafts.version_views import compare_contents, sentence_of
from webapp.pages.drafts.view_models import VersionsPage, VersionView
from webapp.pages.formats import minute_name
from webapp.pages.layout import database, may
from webapp.pages.rules.list_rows import start_words
from webapp.queue import slow_jobs
from webapp.services.drafts import draft_changes, draft_editing
from webapp.services.drafts.draft_editing import SingleRuleExists
from webapp.services.publishing import draft_decisions, publish, publish_on_schedule, rule_changes
from webapp.services.publishing.rule_changes import RuleNeeded
from webapp.store.events import backlog, seen_properties
from webapp.store.rules import publication_facts, rule_versions, version_notes
from webapp.store.rules.drafts import DraftContent
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.rules.version_notes import VersionNote
from webapp.store.system.connection import Connection

SHOWN = 20
WAITING_MAX = 100_000


@blueprint.get("/<key>/versions")
@allow(role=Role.VIEWER)
def versions(key: str) -> ResponseReturnValue:
    """All versions, newest first, twenty at a time: those older than `before`."""
    with database() as conn:
        return _page(conn, key)


def _page(conn: Connection, key: str, refused: str = "") -> str:
    draft, rule = draft_or_404(conn, key), rule_versions.rule(conn, key)
    views = list(_versions(conn, rule, seen_properties.catalogue(conn))) if rule else []
    job = publication_facts.last_publication_of(conn, key)
    view = VersionsPage(
        draft=draft,
        rule=rule,
        icon=icon_of(draft),
        person=person_names(conn),
        tabs=tabs(conn, draft, "Versions"),
        versions=views,
        pending=publish_on_schedule.pending_publication(conn, rule) if rule else None,
        older=views[-1].number if views and views[-1].number > 1 else None,
        job=job if job and job["status"] != "done" else None,
        waiting=backlog.measure(conn, WAITING_MAX).waiting,
        dependents=_dependents(conn, rule) if rule and rule.status in ("live", "counting") else [],
        refused=refused,
        may_publish=may(Role.PUBLISHER),
        may_write=may(Role.AUTHOR),
    )
    return render_template("drafts/versions.html", view=view)


def _dependents(conn: Connection, rule: StoredRule) -> list[str]:
    """The names of the live rules that need this one."""
    names = rule_versions.names(conn)
    return [names[key] for key in publish.dependent_rules(conn, rule.key)]


def _versions(conn: Connection, rule: StoredRule, catalogue: Catalogue) -> Iterator[VersionView]:
    below = number_in_query("before") or rule.latest_version + 1
    rows = [row for row in rule_versions.versions_of(conn, rule.key) if row[0] < below]
    notes = version_notes.notes_of(conn, rule.key)
    contents = {row[0]: draft_editing.content_of_version(conn, rule, row[0]) for row in rows[: SHOWN + 1]}
    for number, _, by, at in rows[:SHOWN]:
        yield _version(number, contents, notes.get(number), catalogue, (by, at, number == rule.live_version))


def _version(
    number: int,
    contents: dict[int, DraftContent],
    note: VersionNote | None,
    catalogue: Catalogue,
    origin: tuple[Any, ...],
) -> VersionView:
    before = contents.get(number - 1)
    changed = compare_contents(before, contents[number], catalogue) if before else None
    return VersionView(number, sentence_of(contents[number], catalogue), changed, note, *origin)


@blueprint.get("/<key>/publication")
@allow(role=Role.VIEWER)
def progress(key: str) -> ResponseReturnValue:
    """The progress of a publication that counts or awards history, as a part of the page."""
    with database() as conn:
        job = publication_facts.last_publication_of(conn, key) or abort(404)
    return render_template("drafts/_counting.html", job=job, key=key)


@blueprint.post("/<key>/versions/<int:number>/return")
@allow(role=Role.PUBLISHER)
def roll_back(key: str, number: int) -> ResponseReturnValue:
    """Publish an older version as the newest one."""
    reason = request.form.get("reason", "").strip()[: draft_decisions.COMMENT_LENGTH_MAX] or f"Return to v{number}"
    with database() as conn:
        try:
            result = draft_decisions.roll_back(conn, key, number, reason, actor())
        except EditRefused as refused:
            conn.rollback()
            return _page(conn, key, str(refused)), 422
        rule = rule_versions.rule(conn, key) or abort(404)
    if result.job is not None:
        slow_jobs.enqueue_job(settings(), result.job)
    start = (
        f"It takes over on {minute_name(result.scheduled[key])}."
        if key in result.scheduled
        else f"It {start_words(rule)}."
    )
    flash(f"v{result.versions[key]} has the same content as v{number}. {start}", "good")
    return redirect(url_for(".versions", key=key), 303)


@blueprint.post("/<key>/schedule/withdrawal")
@allow(role=Role.PUBLISHER)
def call_off(key: str) -> ResponseReturnValue:
    """Cancel the version that waits for its date; the live one stays in force."""
    with database() as conn:
        try:
            cancelled = publish_on_schedule.withdraw(conn, key, actor())
        except EditRefused as refused:
            conn.rollback()
            return _page(conn, key, str(refused)), 422
    flash(f"v{cancelled.version} is cancelled. The live version stays in force.", "good")
    return redirect(url_for(".versions", key=key), 303)


@blueprint.post("/<key>/versions/<int:number>/draft")
@allow(role=Role.AUTHOR)
def edit_version(key: str, number: int) -> ResponseReturnValue:
    """Replace the content of the draft by that of a version, as one step that can be undone."""
    with database() as conn:
        rule = rule_versions.rule(conn, key) or abort(404)
        if not 1 <= number <= rule.latest_version:
            abort(404)
        draft_changes.restore_version(conn, begin_draft_or_404(conn, key), rule, number, actor())
    return redirect(url_for("editor.build", key=key), 303)


@blueprint.post("/<key>/archiving")
@allow(role=Role.PUBLISHER)
def archive(key: str) -> ResponseReturnValue:
    """Archive a rule; its versions stay, and so does what players got from it."""
    with database() as conn:
        rule = rule_versions.rule(conn, key) or abort(404)
    try:
        rule_changes.archive_rule(settings(), key, actor())
    except RuleNeeded:
        with database() as conn:
            needing = ", ".join(_dependents(conn, rule))
            return _page(conn, key, f"{rule.name} is needed by {needing}"), 422
    flash(f"{rule.name} is archived. Players keep what they have.", "good")
    return redirect(url_for(".versions", key=key), 303)


@blueprint.post("/<key>/copy")
@allow(role=Role.AUTHOR)
def copy(key: str) -> ResponseReturnValue:
    """Begin a new rule as a copy of this one."""
    with database() as conn:
        try:
            draft = draft_changes.copy_rule(conn, key, actor()) or abort(404)
        except SingleRuleExists as existing:
            flash(str(existing), "warn")
            return redirect(url_for("editor.build", key=existing.key), 303)
    return redirect(url_for("editor.build", key=draft.key), 303)
