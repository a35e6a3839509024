"""Handover: if a rule is live and its next version starts later, the live version stays in force until then.

The next version is stored and waits for its date; `publish_on_schedule` carries it out as an ordinary publication.
Rules that count (metrics, streaks, leaderboards) are never handed over: their dates say which events they count, not
from when on the version is in force.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.documents.document import Document
from engine.kinds import KINDS
from engine.vocabulary.moment import micros_of
from webapp.runtime import clock
from webapp.runtime.clock import from_micros
from webapp.store.rules import rule_versions, scheduled_publications
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection


def later_starts(conn: Connection, documents: Sequence[Document]) -> dict[str, datetime]:
    """Key → start, for those documents whose rule is in force until they start."""
    now = clock.now_micros()
    return {
        document.key: from_micros(document.starts_at)
        for document in documents
        if document.starts_at is not None
        and _is_in_force_between(rule_versions.rule(conn, document.key), now, document.starts_at)
    }


def _is_in_force_between(rule: StoredRule | None, start: int, end: int) -> bool:
    """Whether the live version of a rule is in force at any time between two moments (µs)."""
    if rule is None or rule.status != "live" or KINDS[rule.kind].is_counted:
        return False
    rule_starts, rule_ends = micros_of(rule.document.get("starts_at")), micros_of(rule.document.get("ends_at"))
    return max(start, rule_starts or 0) < min(end, rule_ends or end)


def schedule_versions(
    conn: Connection, starts: Mapping[str, datetime], versions: Mapping[str, int], by: str, past: str
) -> None:
    """Schedule versions for their starts; one that is scheduled already from the same live version stays as it is."""
    for key, starts_at in starts.items():
        scheduled, rule = scheduled_publications.of_rule(conn, key), rule_versions.rule(conn, key)
        assert rule is not None
        replacement = (versions[key], rule.live_version)
        if scheduled is None or (scheduled.version, scheduled.base_version) != replacement:
            scheduled_publications.add(conn, rule, versions[key], starts_at, past=past, approved_by=by)
