"""A leaderboard made ready, and its runs: which window of time a moment lies in, and until when it takes entries."""

from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Self

from engine.scoring.state.calendar import HOUR, first_day, local, ordinal, period_id, period_of_id, starts_at
from engine.scoring.state.series import Keeping

RUNS_KEPT = 2
RUNS_KEPT_MAX = 8
_CACHED_MAX = 1000
_DAYS = {"day": 1, "week": 7, "month": 28}


@dataclass(frozen=True, slots=True)
class Run:
    """One window of a leaderboard: half open, moments in microseconds, None where it has no bound."""

    id: str
    ordinal: int
    starts_at: int | None
    ends_at: int | None
    takes_until: int | None

    def takes(self, received_at: int) -> bool:
        """Whether an entry received at this moment still counts in it."""
        return self.takes_until is None or received_at < self.takes_until


_ALL = Run("all", 0, None, None, None)


@dataclass(slots=True)
class Board:
    """What a leaderboard scores, over which window of which zone, how long a closed run takes late entries."""

    key: str
    version: int
    name: str
    score: str
    window: str
    zone: str
    tz: tzinfo
    segment_by: str | None
    limit: int | None
    late_hours: int
    keeping: Keeping
    generation: int = 1
    runs: dict[int, Run] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: dict[str, Any], version: int, tz: tzinfo) -> Self:
        late = raw.get("finalise_after_hours")
        late = 12 if late is None else late
        open_at_once = RUNS_KEPT + late // (24 * _DAYS.get(raw["window"], 10_000))
        return cls(
            key=raw["key"],
            version=version,
            name=raw["name"],
            score=raw["score"],
            window=raw["window"],
            zone=raw.get("timezone") or "UTC",
            tz=tz,
            segment_by=raw.get("segment_by"),
            limit=raw.get("limit"),
            late_hours=late,
            keeping=Keeping(f"b:{raw['key']}", min(RUNS_KEPT_MAX, open_at_once)),
        )

    @property
    def metric(self) -> str | None:
        """The key of the metric that it ranks by; None where it ranks by XP or coins earned."""
        return self.score.removeprefix("metric.") if self.score.startswith("metric.") else None

    def run_at(self, moment: int) -> Run:
        """The run that a moment lies in."""
        if self.window == "all_time":
            return _ALL
        return self.run(ordinal(local(moment, self.tz).day, self.window))

    def run_on(self, day: int) -> Run:
        """The run that a day of the board's own zone lies in."""
        return _ALL if self.window == "all_time" else self.run(ordinal(day, self.window))

    def run(self, period: int) -> Run:
        """The run with this ordinal."""
        if self.window == "all_time":
            return _ALL
        found = self.runs.get(period)
        if found is None:
            if len(self.runs) >= _CACHED_MAX:
                self.runs.clear()
            found = self.runs[period] = self._run(period)
        return found

    def _run(self, period: int) -> Run:
        first, after = (starts_at(first_day(each, self.window), self.tz) for each in (period, period + 1))
        return Run(period_id(period, self.window), period, first, after, after + self.late_hours * HOUR)

    def run_named(self, name: str, now: int) -> Run | None:
        """The run that `current`, `previous` or an id names; None for what is no run of this board."""
        present = self.run_at(now)
        if name == "current":
            return present
        if self.window == "all_time":
            return present if name == "all" else None
        if name == "previous":
            return self.run(present.ordinal - 1)
        period = period_of_id(name, self.window)
        return None if period is None else self.run(period)
