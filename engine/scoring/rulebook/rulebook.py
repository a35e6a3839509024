"""The rulebook: all rule versions that are live at one time, compiled once and indexed by the events they look at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any

from engine.language.compile import Compiled
from engine.scoring.levels import CompiledLevels, compile_levels
from engine.scoring.lifecycle import CompiledLifecycle, compile_lifecycle
from engine.scoring.rulebook.board import CompiledLeaderboard
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledRule, CompiledStreak, compile_rule
from engine.scoring.rulebook.lookback import days_kept_in_state, lookback_days
from engine.scoring.rulebook.modifiers import CompiledBoost, CompiledPlayerLimits, CompiledSegment
from engine.scoring.state import generations

Zones = Mapping[str, tzinfo]


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One immutable version of a rule document; `generation` counts what its key has measured so far."""

    id: int
    key: str
    version: int
    document: dict[str, Any]
    generation: int = 1


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
    that count distinct values. `player_only_badges` are badges that read nothing but the player.
    """

    number: int
    zones: Zones
    metrics: dict[str, CompiledMetric] = field(default_factory=dict)
    streaks: dict[str, CompiledStreak] = field(default_factory=dict)
    rules: dict[str, CompiledRule] = field(default_factory=dict)
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
    missions: list[CompiledRule] = field(default_factory=list)
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


def build_rulebook(number: int, versions: Sequence[RuleVersion], zones: Zones) -> Rulebook:
    """Compile a rulebook from checked documents; the order of `versions` does not matter."""
    book = Rulebook(number, zones)
    days_kept = days_kept_in_state([version.document for version in versions])
    for version in sorted(versions, key=lambda version: version.key):
        _add(book, version, days_kept)
    _index(book)
    return book


def _add(book: Rulebook, version: RuleVersion, days_kept: int) -> None:
    raw, key = version.document, version.key
    match raw["kind"]:
        case "metric":
            metric = CompiledMetric.from_document(raw, version.version, days_kept)
            book.metrics[key] = replace(metric, generation=version.generation)
        case "streak":
            streak = CompiledStreak.from_document(raw, version.version)
            book.streaks[key] = replace(streak, generation=version.generation)
        case "earning" | "badge" | "mission":
            book.rules[key] = compile_rule(raw, version.version)
        case "leaderboard":
            board = CompiledLeaderboard.from_document(raw, version.version, book.zone(raw.get("timezone")))
            book.boards[key] = replace(board, generation=version.generation)
        case _:
            _add_modifier(book, version)


def _add_modifier(book: Rulebook, version: RuleVersion) -> None:
    """Add a document that only changes what other rules do; the remaining kinds play no part in judging an entry."""
    raw = version.document
    match raw["kind"]:
        case "boost":
            book.boosts.append(CompiledBoost.from_document(raw))
        case "segment":
            book.segments.append(CompiledSegment.from_document(raw, version.version))
        case "levels":
            book.levels = compile_levels(raw, version.version)
        case "lifecycle":
            book.lifecycle = compile_lifecycle(raw, version.version)
        case "player_limits":
            book.player_limits = CompiledPlayerLimits.from_document(raw, version.version)
        case _:
            pass


def _index(book: Rulebook) -> None:
    listeners: list[Any] = [*book.metrics.values(), *book.streaks.values(), *book.rules.values()]
    event_types = {"*", *(event for listener in listeners for event in listener.events)}
    book.plans = {event_type: _plan(book, event_type) for event_type in event_types}
    book.missions = book.rules_of_kind("mission")
    book.player_only_badges = [rule for rule in book.rules_of_kind("badge") if rule.reads_player_only]
    _index_lookback(book)
    _index_boards(book)


def _plan(book: Rulebook, event_type: str) -> EventPlan:
    def listens(events: tuple[str, ...]) -> bool:
        return "*" in events or event_type in events

    return EventPlan(
        metrics=[metric for metric in book.metrics.values() if listens(metric.events)],
        streaks=[streak for streak in book.streaks.values() if listens(streak.events)],
        earning=[rule for rule in book.rules_of_kind("earning") if listens(rule.events)],
        missions=[rule for rule in book.rules_of_kind("mission") if listens(rule.events)],
        badges=[rule for rule in book.rules_of_kind("badge") if listens(rule.events)],
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


def _logic_judged_with_an_entry(book: Rulebook) -> list[Compiled]:
    """All conditions and formulas but filters, which cannot read metrics."""
    moves = book.lifecycle.moves if book.lifecycle else ()
    conditional: list[Any] = [*book.rules.values(), *book.boosts, *book.segments, *moves]
    conditions = [rule.condition for rule in conditional if rule.condition is not None]
    grants = [rule.grant for rule in book.rules.values()]
    if book.levels:
        grants += [*book.levels.grants, book.levels.grant]
    return [*conditions, *(formula for grant in grants for formula in grant.formulas)]
