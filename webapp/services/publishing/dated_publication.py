"""What waits for its date goes live then, as an ordinary publication; or waits on, and says what is in its way.

The beat asks every second. A publication is carried out in one transaction under the lock of the rulebook, together
with its own end, so that it happens once, whoever asks and however often. It never goes over what went live meanwhile:
it takes over from the version that its approval was about, or from none. Where the obstacle goes away, it goes live.
"""

from dataclasses import dataclass

from engine.authoring.tree.edit_refused import EditRefused
from webapp.config import Settings
from webapp.queue import slow_jobs
from webapp.runtime.failpoints import failpoint
from webapp.services.publishing import publish
from webapp.services.publishing.publish import PublicationResult
from webapp.store.people import audit
from webapp.store.rules import dated_publications, rule_versions
from webapp.store.rules.dated_publications import ScheduledPublication
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection, connect

BY_ITSELF = "laurel"
_STATUS_OBSTACLES = {
    "paused": "the rule is paused",
    "archived": "the rule is archived",
    "counting": "its history is counted",
}


@dataclass(frozen=True, slots=True)
class PendingPublication:
    """What waits for its date, and what is in its way as its rule stands now, if anything is."""

    due: ScheduledPublication
    obstacle: str | None


def pending_publication(conn: Connection, rule: StoredRule) -> PendingPublication | None:
    """What waits for the date of a rule; None where nothing does."""
    due = dated_publications.of_rule(conn, rule.key)
    return None if due is None else PendingPublication(due, obstacle_to(due, rule) or due.obstacle)


def publish_due(settings: Settings) -> int:
    """Carry out what is due and can be, each in a transaction of its own; gives how many went live."""
    done = 0
    with connect(settings.database_url) as conn:
        while due := dated_publications.take_due(conn):
            conn.commit()
            applied = publish_if_possible(conn, due.id)
            failpoint("before_handover")
            conn.commit()
            done += applied is not None
            if applied is not None and applied.job is not None:
                slow_jobs.call(settings, applied.job)
    return done


def publish_if_possible(conn: Connection, number: int) -> PublicationResult | None:
    """Publish what waits under this number; None where it has to wait on, or waits no more. The caller commits."""
    rule_versions.lock(conn)
    due = dated_publications.locked(conn, number)
    if due is None:
        return None
    reason, applied = obstacle_to(due, rule_versions.rule(conn, due.key)), None
    if reason is None:
        applied = _published(conn, due)
        reason = "; ".join(each.message for each in applied.problems)
    if reason:
        _hold(conn, due, reason)
        return None
    dated_publications.end(conn, due.id, "done", BY_ITSELF)
    return applied


def obstacle_to(due: ScheduledPublication, rule: StoredRule | None) -> str | None:
    """Why a version would not go live on its date, as its rule stands now; None where nothing is in its way."""
    assert rule is not None, "rules that have versions are never deleted"
    if rule.status != "live":
        return _STATUS_OBSTACLES.get(rule.status, "the rule is not live")
    if rule.live_version not in (due.base_version, due.version):
        return f"v{rule.live_version} went live meanwhile"
    return None


def _published(conn: Connection, due: ScheduledPublication) -> PublicationResult:
    """Test cases are not asked: they passed when it was approved, and may belong to the next draft by now."""
    problems, documents = publish.check_documents(
        conn, [rule_versions.document(conn, due.key, due.version)], publish=True
    )
    if problems:
        return PublicationResult(problems)
    return publish.go_live_now(conn, documents, {due.key: due.version}, due.approved_by, due.past)


def _hold(conn: Connection, due: ScheduledPublication, reason: str) -> None:
    if reason != due.obstacle:
        dated_publications.hold(conn, due.id, reason)
        audit.note(conn, BY_ITSELF, "rule.held_back", due.key, after={"version": due.version, "reason": reason})


def withdraw(conn: Connection, key: str, by: str) -> ScheduledPublication:
    """Call off what waits for its date; what is live goes on. `Refused` where nothing waits; the caller commits."""
    rule_versions.lock(conn)
    due = dated_publications.of_rule(conn, key)
    if due is None:
        raise EditRefused("Nothing waits for its date: it is live, or was called off")
    dated_publications.end(conn, due.id, "withdrawn", by)
    before = {"version": due.version, "starts_at": due.starts_at.isoformat()}
    audit.note(conn, by, "rule.unscheduled", key, before=before)
    return due
