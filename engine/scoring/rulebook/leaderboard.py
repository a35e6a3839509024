"""A compiled leaderboard and its runs: which window of time a moment belongs to, and until when it accepts entries."""

from dataclasses import dataclass, field
from datetime import tzinfo

from engine.scoring.state.calendar import (
    HOUR,
    day_starts_at,
    first_day,
    local_time,
    parse_period_id,
    period_id,
    period_ordinal,
)
from engine.scoring.state.series import SeriesRetention

RUNS_KEPT = 2  # the present run, and the one before, which late entries still reach
RUNS_KEPT_MAX = 8
LATE_HOURS_DEFAULT = 12
_CACHED_MAX = 1000
_DAYS_PER_WINDOW = {"day": 1, "week": 7, "month": 28}
_NEVER_ENDS_DAYS = 10_000


@dataclass(frozen=True, slots=True)
class LeaderboardRun:
    """One window of a leaderboard: half open, moments in microseconds, None where it has no bound."""

    id: str
    ordinal: int
    starts_at: int | None
    ends_at: int | None
    takes_until: int | None

    def accepts(self, received_at: int) -> bool:
        """Whether an entry received at this moment still counts in this run."""
        return self.takes_until is None or received_at < self.takes_until


_ALL_TIME = LeaderboardRun("all", 0, None, None, None)


def runs_kept(window: str, late_hours: int) -> int:
    """How many runs of a board stay in the state.

    Every run that may still be open must be in the state, where a change of segment can move its score.
    """
    runs_open_at_once = RUNS_KEPT + late_hours // (24 * _DAYS_PER_WINDOW.get(window, _NEVER_ENDS_DAYS))
    return min(RUNS_KEPT_MAX, runs_open_at_once)


@dataclass(slots=True)
class CompiledLeaderboard:
    """What a leaderboard scores, by which window in which zone, and how long a closed run accepts late entries."""

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
    retention: SeriesRetention
    generation: int = 1
    runs: dict[int, LeaderboardRun] = field(default_factory=dict)

    @property
    def metric(self) -> str | None:
        """The key of the metric it ranks by; None where it ranks by XP or coins earned."""
        return self.score.removeprefix("metric.") if self.score.startswith("metric.") else None

    def run_at(self, moment: int) -> LeaderboardRun:
        """The run that contains a moment."""
        if self.window == "all_time":
            return _ALL_TIME
        return self.run(period_ordinal(local_time(moment, self.tz).day, self.window))

    def run_on(self, day: int) -> LeaderboardRun:
        """The run that contains a day of the board's own zone."""
        return _ALL_TIME if self.window == "all_time" else self.run(period_ordinal(day, self.window))

    def run(self, period: int) -> LeaderboardRun:
        """The run with this ordinal."""
        if self.window == "all_time":
            return _ALL_TIME
        run = self.runs.get(period)
        if run is None:
            # Late and future events can name any number of runs; the cache must not grow with them.
            if len(self.runs) >= _CACHED_MAX:
                self.runs.clear()
            run = self.runs[period] = self._make_run(period)
        return run

    def _make_run(self, period: int) -> LeaderboardRun:
        begins = day_starts_at(first_day(period, self.window), self.tz)
        ends = day_starts_at(first_day(period + 1, self.window), self.tz)
        return LeaderboardRun(period_id(period, self.window), period, begins, ends, ends + self.late_hours * HOUR)

    def run_named(self, name: str, now: int) -> LeaderboardRun | None:
        """The run that `current`, `previous` or an id names; None if this board has no such run."""
        present = self.run_at(now)
        if name == "current":
            return present
        if self.window == "all_time":
            return present if name == "all" else None
        if name == "previous":
            return self.run(present.ordinal - 1)
        period = parse_period_id(name, self.window)
        return None if period is None else self.run(period)
