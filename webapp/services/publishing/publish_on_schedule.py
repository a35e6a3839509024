"""Publishes versions on their start date, as ordinary publications; one that cannot go live waits and says why.

The beat asks every second. A publication is carried out in one transaction under the rulebook lock, together with its
own end, so it happens exactly once, whoever asks and however often. It never overrides what went live in the meantime:
it only replaces the version that its approval was about. Once the obstacle is gone, it goes live.
"""

from dataclasses import dataclass

from engine.authoring.tree.edit_result import EditRefused
from webapp.config import Settings
from webapp.queue import slow_jobs
from webapp.runtime.failpoints import failpoint
from webapp.services.publishing import publish
from webapp.services.publishing.publish import PublicationResult
from webapp.store.people import audit
from webapp.store.rules import rule_versions, scheduled_publications
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.rules.scheduled_publications import ScheduledPublication
from webapp.store.system.connection import Connection, connect

BY_ITSELF = "laurel"
_STATUS_OBSTACLES = {
    "paused": "the rule is paused",
    "archived": "the rule is archived",
    "counting": "its history is still being counted",
}


@dataclass(frozen=True, slots=True)
class PendingPublication:
    """A version that waits for its date, and what keeps it from going live as the rule stands now, if anything."""

    due: ScheduledPublication
    obstacle: str | None


def pending_publication(conn: Connection, rule: StoredRule) -> PendingPublication | None:
    """The version of a rule that waits for its date; None if none does."""
    due = scheduled_publications.of_rule(conn, rule.key)
    if due is None:
        return None
    return PendingPublication(due, obstacle_to(due, rule) or due.obstacle)


def publish_due(settings: Settings) -> int:
    """Publish every version that is due and can go live, each in its own transaction; returns how many went live."""
    published = 0
    with connect(settings.database_url) as conn:
        while due := scheduled_publications.take_due(conn):
            conn.commit()
            result = publish_if_possible(conn, due.id)
            failpoint("before_handover")
            conn.commit()
            published += result is not None
            if result is not None and result.job is not None:
                slow_jobs.enqueue_job(settings, result.job)
    return published


def publish_if_possible(conn: Connection, publication_id: int) -> PublicationResult | None:
    """Publish one scheduled version; None if it has to go on waiting, or no longer waits. The caller commits."""
    rule_versions.lock(conn)
    due = scheduled_publications.locked(conn, publication_id)
    if due is None:
        return None
    if obstacle := obstacle_to(due, rule_versions.rule(conn, due.key)):
        _keep_waiting(conn, due, obstacle)
        return None
    result = _publish(conn, due)
    if result.problems:
        _keep_waiting(conn, due, "; ".join(problem.message for problem in result.problems))
        return None
    scheduled_publications.end(conn, due.id, "done", BY_ITSELF)
    return result


def obstacle_to(due: ScheduledPublication, rule: StoredRule | None) -> str | None:
    """Why a version would not go live on its date, as its rule stands now; None if nothing prevents it."""
    assert rule is not None, "rules that have versions are never deleted"
    if rule.status != "live":
        return _STATUS_OBSTACLES.get(rule.status, "the rule is not live")
    if rule.live_version not in (due.base_version, due.version):
        return f"v{rule.live_version} went live in the meantime"
    return None


def _publish(conn: Connection, due: ScheduledPublication) -> PublicationResult:
    """Test cases are not run again: they passed at approval, and may by now belong to the next draft."""
    document = rule_versions.document(conn, due.key, due.version)
    problems, documents = publish.check_documents(conn, [document], publish=True)
    if problems:
        return PublicationResult(problems)
    return publish.go_live_now(conn, documents, {due.key: due.version}, due.approved_by, due.past)


def _keep_waiting(conn: Connection, due: ScheduledPublication, obstacle: str) -> None:
    if obstacle != due.obstacle:  # tried again every ten seconds: audited once for each obstacle
        scheduled_publications.hold(conn, due.id, obstacle)
        audit.note(conn, BY_ITSELF, "rule.held_back", due.key, after={"version": due.version, "reason": obstacle})


def withdraw(conn: Connection, key: str, by: str) -> ScheduledPublication:
    """Cancel the version that waits for its date; the live one stays in force. Commits.

    Raises `EditRefused` if none is waiting.
    """
    rule_versions.lock(conn)
    due = scheduled_publications.of_rule(conn, key)
    if due is None:
        raise EditRefused("Nothing is scheduled: the version is live already, or was cancelled")
    scheduled_publications.end(conn, due.id, "withdrawn", by)
    before = {"version": due.version, "starts_at": due.starts_at.isoformat()}
    audit.note(conn, by, "rule.unscheduled", key, before=before)
    conn.commit()
    return due
