"""The rulebook: all rule versions that are live at one time, compiled once and indexed by the events they look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from engine.language.compile import CompiledLogic
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledRule, CompiledStreak
from engine.scoring.rulebook.leaderboard import CompiledLeaderboard
from engine.scoring.rulebook.levels import CompiledLevels
from engine.scoring.rulebook.lifecycle import CompiledLifecycle
from engine.scoring.rulebook.lookback import DAYS_KEPT, lookback_days
from engine.scoring.rulebook.modifiers import CompiledBoost, CompiledPlayerLimits, CompiledSegment
from engine.scoring.state import generations

Zones = Mapping[str, tzinfo]


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One immutable version of a rule document; `generation` counts what its key has measured so far.

    `earlier` are the documents of the versions before it, the oldest first, for kinds that look at them.
    """

    id: int
    key: str
    version: int
    document: dict[str, Any]
    generation: int = 1
    earlier: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True)
class EventPlan:
    """The rules that one type of event concerns; the last four lists are selections from the first five."""

    metrics: list[CompiledMetric]
    streaks: list[CompiledStreak]
    earning: list[CompiledRule]
    missions: list[CompiledRule]
    badges: list[CompiledRule]
    distinct_metrics: list[CompiledMetric] = field(init=False)
    once_per_rules: list[CompiledRule] = field(init=False)
    capped_rules: list[CompiledRule] = field(init=False)
    periodic_badges: list[CompiledRule] = field(init=False)

    def __post_init__(self) -> None:
        self.distinct_metrics = [metric for metric in self.metrics if metric.aggregate == "distinct"]
        self.once_per_rules = [rule for rule in self.earning if rule.once_per]
        self.capped_rules = [rule for rule in self.earning if rule.max_xp_per_day is not None]
        self.periodic_badges = [badge for badge in self.badges if badge.repeat not in ("once", "always")]


@dataclass(slots=True)
class Rulebook:
    """Compiled rules, ready to judge entries; immutable but for its caches.

    `lookback_days` says for each metric how many days back rules read it, `distinct_lookback_days` the same for those
    that count distinct values. `days_kept` is how many days of each metric stay in the state. `rules` holds `earning`,
    `badges` and `missions` by key. `player_only_badges` are badges that read nothing but the player.
    """

    number: int
    zones: Zones
    days_kept: int = DAYS_KEPT
    metrics: dict[str, CompiledMetric] = field(default_factory=dict)
    streaks: dict[str, CompiledStreak] = field(default_factory=dict)
    rules: dict[str, CompiledRule] = field(default_factory=dict)
    earning: list[CompiledRule] = field(default_factory=list)
    badges: list[CompiledRule] = field(default_factory=list)
    missions: list[CompiledRule] = field(default_factory=list)
    boards: dict[str, CompiledLeaderboard] = field(default_factory=dict)
    boosts: list[CompiledBoost] = field(default_factory=list)
    segments: list[CompiledSegment] = field(default_factory=list)
    levels: CompiledLevels | None = None
    lifecycle: CompiledLifecycle | None = None
    player_limits: CompiledPlayerLimits | None = None
    plans: dict[str, EventPlan] = field(default_factory=dict)
    resolvers: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    lookback_days: dict[str, int] = field(default_factory=dict)
    distinct_lookback_days: dict[str, int] = field(default_factory=dict)
    player_only_badges: list[CompiledRule] = field(default_factory=list)
    score_boards: list[CompiledLeaderboard] = field(default_factory=list)
    metric_boards: dict[str, list[CompiledLeaderboard]] = field(default_factory=dict)
    segmented_boards: list[CompiledLeaderboard] = field(default_factory=list)

    def plan(self, event_type: str) -> EventPlan:
        """The rules that an event of this type concerns; made once for each type that a rule names."""
        return self.plans.get(event_type) or self.plans["*"]

    def zone(self, name: str | None) -> tzinfo:
        """The zone of that name, UTC if there is none."""
        return self.zones.get(name, UTC) if name else UTC

    def is_distinct(self, key: str) -> bool:
        """Whether a metric counts distinct values."""
        return key in self.metrics and self.metrics[key].aggregate == "distinct"

    def rules_of_kind(self, kind: str) -> list[CompiledRule]:
        """All earning, badge or mission rules, by key."""
        return [rule for rule in self.rules.values() if rule.kind == kind]


def index(book: Rulebook) -> None:
    """Index a rulebook by the events that its rules listen to, once all of them are added."""
    listeners: list[Any] = [*book.metrics.values(), *book.streaks.values(), *book.rules.values()]
    event_types = {"*", *(event for listener in listeners for event in listener.events)}
    book.plans = {event_type: _plan(book, event_type) for event_type in event_types}
    book.player_only_badges = [badge for badge in book.badges if badge.reads_player_only]
    _index_lookback(book)
    _index_boards(book)


def _plan(book: Rulebook, event_type: str) -> EventPlan:
    def listens(events: tuple[str, ...]) -> bool:
        return "*" in events or event_type in events

    return EventPlan(
        metrics=[metric for metric in book.metrics.values() if listens(metric.events)],
        streaks=[streak for streak in book.streaks.values() if listens(streak.events)],
        earning=[rule for rule in book.earning if listens(rule.events)],
        missions=[rule for rule in book.missions if listens(rule.events)],
        badges=[rule for rule in book.badges if listens(rule.events)],
    )


def _index_lookback(book: Rulebook) -> None:
    paths = [path for logic in _logic_judged_with_an_entry(book) for path in logic.paths]
    for key, days in lookback_days(paths).items():
        if days and key in book.metrics:
            book.lookback_days[key] = days
    # Distinct values of the current week or month are counted as they come; only `last_N_days` reads them by day.
    for key, days in lookback_days(path for path in paths if ".last_" in path).items():
        if book.is_distinct(key):
            book.distinct_lookback_days[key] = days


def _index_boards(book: Rulebook) -> None:
    book.boards = {key: generations.with_metric_generation(board, book.metrics) for key, board in book.boards.items()}
    for board in book.boards.values():
        if board.segment_by:
            book.segmented_boards.append(board)
        if board.metric is None:
            book.score_boards.append(board)
        elif board.metric in book.metrics:
            book.metric_boards.setdefault(board.metric, []).append(board)


def _logic_judged_with_an_entry(book: Rulebook) -> list[CompiledLogic]:
    """All conditions and formulas but filters, which cannot read metrics."""
    moves = book.lifecycle.moves if book.lifecycle else ()
    conditional: list[Any] = [*book.rules.values(), *book.boosts, *book.segments, *moves]
    conditions = [rule.condition for rule in conditional if rule.condition is not None]
    grants = [rule.grant for rule in book.rules.values()]
    if book.levels:
        grants += [*book.levels.grants, book.levels.grant]
    return [*conditions, *(formula for grant in grants for formula in grant.formulas)]
