"""The review of a draft and the decisions about it."""

from collections.abc import Callable
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_result import EditRefused
from engine.kinds.campaign import CAMPAIGN
from webapp.http.access import Role, actor, allow, settings
from webapp.pages.confirmation import Confirmation, ask_for_name, irreversible
from webapp.pages.document_text import in_order, written
from webapp.pages.drafts import version_views
from webapp.pages.drafts.blueprint import begin_draft_or_404, blueprint, draft_or_404, icon_of, person_names
from webapp.pages.drafts.view_models import ReviewPage
from webapp.pages.formats import minute_name
from webapp.pages.layout import database, may
from webapp.pages.rules.list_rows import start_words
from webapp.pages.tryout.backtest_panel import NEVER, can_be_backtested
from webapp.queue import slow_jobs
from webapp.services.campaigns.planned_campaigns import planned_campaign
from webapp.services.drafts import draft_changes, draft_editing
from webapp.services.drafts.merge_live_changes import merge_live_version
from webapp.services.publishing import draft_decisions, publish_on_schedule
from webapp.services.publishing import review as reviews
from webapp.services.publishing.draft_decisions import DraftDecision
from webapp.services.publishing.publish import FROM_NOW, PublicationResult
from webapp.store.events import seen_properties
from webapp.store.rules import rule_versions
from webapp.store.rules.drafts import Draft, DraftContent
from webapp.store.system.connection import Connection


@blueprint.get("/<key>/review")
@allow(role=Role.VIEWER)
def review(key: str) -> ResponseReturnValue:
    """What a draft changes, what it still needs to go live, and the decision.

    `?since=sent` compares with what was sent instead of what is live.
    """
    with database() as conn:
        return _page(conn, draft_or_404(conn, key))


def _page(conn: Connection, draft: Draft, refused: str = "") -> str:
    reviewed, catalogue = reviews.review_draft(conn, draft), seen_properties.catalogue(conn)
    since_sent = request.args.get("since") == "sent" and reviewed.sent is not None
    before = (
        DraftContent(reviewed.sent.document, reviewed.sent.tree, reviewed.sent.hash)
        if since_sent and reviewed.sent
        else reviewed.base
    )
    last, figures = version_views.backtest_figures(conn, draft)
    live_changes = _live_changes(conn, reviewed) if reviewed.has_moved else None
    view = ReviewPage(
        review=reviewed,
        icon=icon_of(draft),
        person=person_names(conn),
        since_sent=since_sent,
        difference=version_views.compare_contents(before, draft.content, catalogue),
        live_changes=live_changes,
        pending=publish_on_schedule.pending_publication(conn, reviewed.rule) if reviewed.rule else None,
        document=written(in_order(reviewed.document)),
        backtest=last,
        figures=figures,
        no_backtest="" if can_be_backtested(draft) else NEVER,
        launch=planned_campaign(conn, draft.key) if draft.kind == CAMPAIGN.key else None,
        dates=version_views.publication_dates(draft),
        refused=refused,
        typed=request.form,
        is_mine=reviewed.sent is not None and reviewed.sent.sent_by == actor(),
        may_publish=may(Role.PUBLISHER),
        may_write=may(Role.AUTHOR),
        lacking_eyes=reviewed.lacking_eyes(actor()),
    )
    return render_template("drafts/review.html", view=view)


def _live_changes(conn: Connection, reviewed: reviews.Review) -> version_views.VersionDifference:
    """What went live since the draft was started."""
    assert reviewed.rule is not None
    assert reviewed.live_version is not None
    live = draft_editing.content_of_version(conn, reviewed.rule, reviewed.live_version)
    return version_views.compare_contents(reviewed.base, live, seen_properties.catalogue(conn))


@blueprint.post("/<key>/submission")
@allow(role=Role.AUTHOR)
def send(key: str) -> ResponseReturnValue:
    """Send a draft for approval."""
    message = "Sent for approval. An edit voids the request."
    return _decided(
        key, lambda conn, draft: draft_decisions.send_for_approval(conn, draft.id, _decision(), actor()), message
    )


@blueprint.post("/<key>/submission/withdrawal")
@allow(role=Role.AUTHOR)
def withdraw(key: str) -> ResponseReturnValue:
    """Withdraw the approval request."""
    return _decided(
        key, lambda conn, draft: draft_decisions.withdraw(conn, draft.id, actor()), "The approval request is withdrawn."
    )


@blueprint.post("/<key>/submission/return")
@allow(role=Role.PUBLISHER)
def send_back(key: str) -> ResponseReturnValue:
    """Send a draft back with what has to change."""
    message = "Sent back. Its author sees your comment on this page."
    return _decided(
        key, lambda conn, draft: draft_decisions.send_back(conn, draft.id, _decision().comment, actor()), message
    )


@blueprint.post("/<key>/publication")
@allow(role=Role.PUBLISHER)
def publish(key: str) -> ResponseReturnValue:
    """Approve what was sent, or publish a draft that nobody else has to review."""
    with database() as conn:
        draft = begin_draft_or_404(conn, key)
        try:
            result = draft_decisions.publish_draft(conn, draft.id, _decision(), actor())
        except EditRefused as refused:
            return _refused(conn, key, refused)
        message = _publication_message(conn, result, key)
    if result.job is not None:
        slow_jobs.enqueue_job(settings(), result.job)
    flash(message, "good")
    return redirect(url_for(".versions", key=key), 303)


def _publication_message(conn: Connection, result: PublicationResult, key: str) -> str:
    version = f"v{result.versions[key]}"
    if key in result.scheduled:
        start = minute_name(result.scheduled[key])
        return f"{version} takes over on {start}. Until then, the live version stays in force."
    if result.job is not None:
        return f"{version} goes live once its history is counted."
    rule = rule_versions.rule(conn, key)
    return f"{version} {start_words(rule)}." if rule else ""


@blueprint.post("/<key>/takeover")
@allow(role=Role.AUTHOR)
def take_over(key: str) -> ResponseReturnValue:
    """Merge what went live since the draft was started."""
    mine = request.form.get("clash") != "theirs"
    message = "Merged. Review the draft again before you publish it."
    return _decided(key, lambda conn, draft: merge_live_version(conn, draft.id, actor(), mine=mine), message)


def _decided(key: str, decide: Callable[[Connection, Draft], object], message: str) -> ResponseReturnValue:
    """Carry out a decision and show the review again, with the reason if the decision was refused."""
    with database() as conn:
        try:
            decide(conn, begin_draft_or_404(conn, key))
        except EditRefused as refused:
            return _refused(conn, key, refused)
    flash(message, "good")
    return redirect(url_for(".review", key=key), 303)


@blueprint.post("/<key>/draft/discarding")
@allow(role=Role.AUTHOR)
@irreversible
def discard(key: str) -> ResponseReturnValue:
    """Discard a draft, once the rule's key was typed; what is live stays."""
    consequence = "The draft is deleted with all of its steps. What is live stays."
    confirmation = Confirmation(
        key, f"Discard the draft of {key}?", consequence, "Discard", url_for(".review", key=key)
    )
    if page := ask_for_name(confirmation):
        return page
    with database() as conn:
        draft_changes.discard_draft(conn, begin_draft_or_404(conn, key), actor())
        is_known = rule_versions.rule(conn, key) is not None
    flash("Draft discarded. The live version is unchanged.", "good")
    return redirect(url_for("rules.show_one", key=key) if is_known else url_for("rules.show"), 303)


def _decision() -> DraftDecision:
    """The decision that the form makes."""
    form = request.form
    decision = DraftDecision(form.get("hash", ""), form.get("comment", "").strip(), form.get("past", FROM_NOW))
    if form.get("when") == "dates":
        return replace(decision, starts_at=form.get("starts_at", ""), ends_at=form.get("ends_at", ""))
    if form.get("when") == "at_once":
        return replace(decision, starts_at="", ends_at="")
    return decision


def _refused(conn: Connection, key: str, refused: EditRefused) -> ResponseReturnValue:
    conn.rollback()
    return _page(conn, draft_or_404(conn, key), str(refused)), 422
