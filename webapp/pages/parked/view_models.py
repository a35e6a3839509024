"""What the pages about parked work show: what failed, grouped by reason, and what a replay would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.pages.document_text import readable, written
from webapp.pages.outcome_lines import OutcomeLine
from webapp.pages.parked.suggested_fixes import likely_fix
from webapp.services.pipeline.replay_parked import DryRun
from webapp.store.events.fault_log import FaultyRule
from webapp.store.events.parked_entries import ParkedEntry

PLAYERS_NAMED = 3


@dataclass(frozen=True, slots=True)
class ParkedGroup:
    """Parked entries that failed for the same reason, the newest first."""

    title: str
    detail: str
    entries: Sequence[ParkedEntry]

    @property
    def newest(self) -> ParkedEntry:
        """The entry that the group shows."""
        return self.entries[0]

    @property
    def fix(self) -> str:
        """What most likely helps."""
        return likely_fix(self.detail)

    @property
    def players(self) -> str:
        """The first players by name, the others by number."""
        names = list(dict.fromkeys(entry.player or "an erased player" for entry in self.entries))
        rest = len(names) - PLAYERS_NAMED
        return ", ".join(names[:PLAYERS_NAMED]) + (f" and {rest} more" if rest > 0 else "")

    @property
    def event(self) -> str:
        """The newest of the events as JSON."""
        entry = self.newest
        event: dict[str, Any] = {"id": entry.event_id, "type": entry.type, "player": entry.player}
        event["properties"] = readable(entry.payload)
        return written(event)


@dataclass(frozen=True, slots=True)
class FailingRule:
    """A rule that failed lately, and what most likely helps."""

    rule: FaultyRule

    @property
    def fix(self) -> str:
        """What most likely helps."""
        return likely_fix(self.rule.detail)


@dataclass(frozen=True, slots=True)
class ParkedPage:
    """What waits for a decision, or what was replayed if `is_settled`; `by_day` counts the last 14 days."""

    groups: Sequence[ParkedGroup]
    failing_rules: Sequence[FailingRule]
    is_settled: bool
    waiting: int
    settled: int
    by_day: Sequence[int]
    may_replay: bool

    @property
    def shown_rules(self) -> Sequence[FailingRule]:
        """The failing rules of the list: none beside settled entries."""
        return () if self.is_settled else self.failing_rules


@dataclass(frozen=True, slots=True)
class DryRunRow:
    """What a replay of one entry would do now."""

    result: DryRun
    lines: Sequence[OutcomeLine]

    @property
    def works(self) -> bool:
        """Whether the entry can be applied and no rule fails."""
        return self.result.outcome is not None and not self.result.error


@dataclass(frozen=True, slots=True)
class DryRunPage:
    """What a replay of every waiting entry would do now."""

    rows: Sequence[DryRunRow]
    may_replay: bool

    @property
    def working(self) -> Sequence[int]:
        """The numbers of the entries that a replay would settle."""
        return [row.result.seq for row in self.rows if row.works]
