"""Which rules an entry matched: those that gave something, that a limit kept from giving, or that counted it."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.outcome import Outcome, RefusalReason
from webapp.store.events import rule_activity
from webapp.store.system.connection import Connection

WRITE_EVERY_SECONDS = 1.0
UNMATCHED = frozenset(
    (
        RefusalReason.MISSING_FACT,
        RefusalReason.DIVISION_BY_ZERO,
        RefusalReason.TOO_LARGE,
        RefusalReason.NOT_IN_SCHEDULE,
        RefusalReason.RULE_FAULT,
    )
)
"""RefusalReasons for giving nothing that also mean: the rule did not match."""


def matched(outcome: Outcome, book: Rulebook) -> set[str]:
    """The keys of all rules that an entry matched; manual changes match none."""
    keys = {*outcome.metrics, *outcome.streaks, *outcome.missions, *outcome.entered}
    keys.update([line.rule for line in outcome.ledger if line.rule_version])
    keys.update([change.board for change in outcome.boards])
    if outcome.badges:
        keys.update([badge.badge for badge in outcome.badges if badge.rule_version])
    if outcome.claims:
        keys.update([claim.rule for claim in outcome.claims])
    if outcome.not_awarded:
        keys.update([no.rule for no in outcome.not_awarded if no.rule_version and no.reason not in UNMATCHED])
    if outcome.level and book.levels:
        keys.add(book.levels.key)
    if outcome.lifecycle and book.lifecycle:
        keys.add(book.lifecycle.key)
    return keys


@dataclass(slots=True)
class MatchCounts:
    """Matches of committed batches that are on their way to the lists that show them.

    They are written once a second: counting within each batch took a seventh of a worker's time when events came one by
    one. A process that is killed loses what it had not written; nothing but the lists reads these counts.
    """

    by_rule: Counter[str] = field(default_factory=Counter)
    _written_at: float = field(default_factory=time.monotonic)

    def add(self, matches: Mapping[str, int]) -> None:
        self.by_rule.update(matches)

    def write_if_due(self, conn: Connection, shard: int) -> None:
        """Write what was counted, if the last time is a second ago."""
        if time.monotonic() - self._written_at >= WRITE_EVERY_SECONDS:
            self.write(conn, shard)

    def write(self, conn: Connection, shard: int) -> None:
        """Write what was counted, under one shard of the lane; the connection commits by itself."""
        rule_activity.count(conn, shard, self.by_rule)
        self.by_rule.clear()
        self._written_at = time.monotonic()
