"""Handing over: where a rule is live and its next version starts later, the live one goes on until then.

The next version is stored and waits for its date; `scheduled` carries it out as an ordinary publication. What counts
(metrics, streaks, leaderboards) is no part of it: its dates say which events it counts, not since when it stands.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.documents.document import Document, moment
from engine.kinds import KINDS
from webapp.runtime import clock
from webapp.runtime.clock import from_micros
from webapp.store.rules import dated_publications, rule_versions
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection


def later_starts(conn: Connection, documents: Sequence[Document]) -> dict[str, datetime]:
    """Those of the documents whose rule is live until they start, by key, with the moment of their start."""
    now = clock.now_micros()
    return {
        each.key: from_micros(each.starts_at)
        for each in documents
        if each.starts_at is not None and _goes_on(rule_versions.rule(conn, each.key), now, each.starts_at)
    }


def _goes_on(rule: StoredRule | None, now: int, until: int) -> bool:
    """Whether a rule gives anything between two moments as it is live now."""
    if rule is None or rule.status != "live" or KINDS[rule.kind].is_counted:
        return False
    starts, ends = moment(rule.document.get("starts_at")), moment(rule.document.get("ends_at"))
    return max(now, starts or 0) < min(until, ends or until)


def schedule_versions(
    conn: Connection, starts: Mapping[str, datetime], versions: Mapping[str, int], by: str, past: str
) -> None:
    """Let versions wait for their starts; what waits already with the same words stays as it is."""
    for key, starts_at in starts.items():
        known, live = dated_publications.of_rule(conn, key), rule_versions.rule(conn, key)
        assert live is not None
        assert live.live_version is not None
        if known is None or (known.version, known.base_version) != (versions[key], live.live_version):
            dated_publications.add(conn, key, (live.live_version, versions[key]), starts_at, (past, by))
