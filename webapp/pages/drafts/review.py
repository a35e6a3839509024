"""The review of a draft and the decisions about it."""

from collections.abc import Callable
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_refused import EditRefused
from webapp.http.access import Role, actor, allow, settings
from webapp.pages.document_text import in_order, written
from webapp.pages.drafts import version_views
from webapp.pages.drafts.blueprint import begin_draft_or_404, blueprint, draft_or_404, icon_of, person_names
from webapp.pages.formats import minute_name
from webapp.pages.layout import database, may
from webapp.queue import slow_jobs
from webapp.services.drafts import draft_editing
from webapp.services.drafts.merge_live_changes import merge_live_version as taking_over
from webapp.services.publishing import decisions, publish_on_schedule
from webapp.services.publishing import review as reviews
from webapp.services.publishing.decisions import Decision
from webapp.services.publishing.publish import FROM_NOW, PublicationResult
from webapp.store.events import seen_properties
from webapp.store.rules import rule_versions
from webapp.store.rules.drafts import Draft, DraftContent
from webapp.store.system.connection import Connection


@blueprint.get("/<key>/review")
@allow(role=Role.VIEWER)
def review(key: str) -> ResponseReturnValue:
    """What a draft changes, what it takes to go live, and the decision; `?since=sent` shows edits since it was sent."""
    with database() as conn:
        return _page(conn, draft_or_404(conn, key))


def _page(conn: Connection, draft: Draft, refused: str = "") -> str:
    seen, catalogue = reviews.review_draft(conn, draft), seen_properties.catalogue(conn)
    since_sent = request.args.get("since") == "sent" and seen.sent is not None
    before = DraftContent(seen.sent.document, seen.sent.tree, seen.sent.hash) if since_sent and seen.sent else seen.base
    last, figures = version_views.backtest_figures(conn, draft)
    moved = _moved(conn, seen) if seen.has_moved else None
    return render_template(
        "drafts/review.html",
        seen=seen,
        draft=draft,
        sign=icon_of(draft),
        person=person_names(conn),
        since_sent=since_sent,
        difference=version_views.compare_contents(before, draft.content, catalogue),
        moved=moved,
        outlook=publish_on_schedule.pending_publication(conn, seen.rule) if seen.rule else None,
        document=written(in_order(seen.document)),
        backtest=last,
        figures=figures,
        when=version_views.publication_dates(draft),
        past_names=version_views.PAST_NAMES,
        refused=refused,
        typed=request.form,
        is_mine=seen.sent is not None and seen.sent.sent_by == actor(),
        may_publish=may(Role.PUBLISHER),
        may_write=may(Role.AUTHOR),
        lacking_eyes=seen.lacking_eyes(actor()),
    )


def _moved(conn: Connection, seen: reviews.Review) -> version_views.VersionDifference:
    """What went live since the draft was begun."""
    assert seen.rule is not None
    assert seen.live_version is not None
    live = draft_editing.content_of_version(conn, seen.rule, seen.live_version)
    return version_views.compare_contents(seen.base, live, seen_properties.catalogue(conn))


@blueprint.post("/<key>/submission")
@allow(role=Role.AUTHOR)
def send(key: str) -> ResponseReturnValue:
    """Send a draft for approval."""
    said = "It waits for approval now. An edit takes it back."
    return _decided(key, lambda conn, draft: decisions.send_for_approval(conn, draft.id, _said(), actor()), said)


@blueprint.post("/<key>/submission/withdrawal")
@allow(role=Role.AUTHOR)
def withdraw(key: str) -> ResponseReturnValue:
    """Take back what waits for approval."""
    return _decided(key, lambda conn, draft: decisions.withdraw(conn, draft.id, actor()), "It is yours again.")


@blueprint.post("/<key>/submission/return")
@allow(role=Role.PUBLISHER)
def send_back(key: str) -> ResponseReturnValue:
    """Send a draft back with what is to be changed."""
    said = "Sent back. Its author reads your comment on this page."
    return _decided(key, lambda conn, draft: decisions.send_back(conn, draft.id, _said().comment, actor()), said)


@blueprint.post("/<key>/publication")
@allow(role=Role.PUBLISHER)
def publish(key: str) -> ResponseReturnValue:
    """Approve what was sent, or publish a draft where nobody else has to look at it."""
    with database() as conn:
        draft = begin_draft_or_404(conn, key)
        try:
            applied = decisions.publish_draft(conn, draft.id, _said(), actor())
        except EditRefused as refused:
            return _refused(conn, key, refused)
        conn.commit()
    if applied.job is not None:
        slow_jobs.call(settings(), applied.job)
    flash(_told(applied, key), "good")
    return redirect(url_for(".versions", key=key), 303)


def _told(applied: PublicationResult, key: str) -> str:
    version = f"v{applied.versions[key]}"
    if key in applied.scheduled:
        return f"{version} takes over on {minute_name(applied.scheduled[key])}. Until then what is live goes on."
    if applied.job is not None:
        return f"{version} goes live as soon as its history is counted."
    return f"{version} is live from each shard's next batch on."


@blueprint.post("/<key>/takeover")
@allow(role=Role.AUTHOR)
def take_over(key: str) -> ResponseReturnValue:
    """Take over what went live since the draft was begun."""
    mine, said = request.form.get("clash") != "theirs", "Taken over. Look at the draft again before it goes on."
    return _decided(key, lambda conn, draft: taking_over(conn, draft.id, actor(), mine=mine), said)


def _decided(key: str, decide: Callable[[Connection, Draft], object], said: str) -> ResponseReturnValue:
    """Decide about the draft of a rule and show its review again, with the reason where it may not be."""
    with database() as conn:
        try:
            decide(conn, begin_draft_or_404(conn, key))
        except EditRefused as refused:
            return _refused(conn, key, refused)
        conn.commit()
    flash(said, "good")
    return redirect(url_for(".review", key=key), 303)


@blueprint.post("/<key>/draft/discarding")
@allow(role=Role.AUTHOR)
def discard(key: str) -> ResponseReturnValue:
    """Throw a draft away; what is live stays."""
    with database() as conn:
        draft_editing.discard(conn, begin_draft_or_404(conn, key).id, actor())
        is_known = rule_versions.rule(conn, key) is not None
        conn.commit()
    flash("The draft is gone. The live version stays as it is.", "good")
    return redirect(url_for("rules.show_one", key=key) if is_known else url_for("rules.show"), 303)


def _said() -> Decision:
    """The decision as the form says it."""
    form = request.form
    said = Decision(form.get("hash", ""), form.get("comment", "").strip(), form.get("past", FROM_NOW))
    if form.get("when") == "dates":
        return replace(said, starts_at=form.get("starts_at", ""), ends_at=form.get("ends_at", ""))
    return replace(said, starts_at="", ends_at="") if form.get("when") == "at_once" else said


def _refused(conn: Connection, key: str, refused: EditRefused) -> ResponseReturnValue:
    conn.rollback()
    return _page(conn, draft_or_404(conn, key), str(refused)), 422
