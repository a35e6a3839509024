"""The rulebook: all rule versions live at a moment, compiled once and sorted by the events they look at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any

from engine.language.compile import Compiled
from engine.scoring.levels import Levels, levels_of
from engine.scoring.lifecycle import Lifecycle, lifecycle_of
from engine.scoring.rulebook.board import Board
from engine.scoring.rulebook.compiled_rules import Metric, Rule, Streak, ruled_rule
from engine.scoring.rulebook.lookback import days_kept, reach_of
from engine.scoring.rulebook.modifiers import Boost, PlayerLimits, Segment
from engine.scoring.state import generations

Zones = Mapping[str, tzinfo]
_RULES = ("earning", "mission", "badge")


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable version of a rule document; `generation` counts what its key has measured so far."""

    id: int
    key: str
    version: int
    document: dict[str, Any]
    generation: int = 1


@dataclass(slots=True)
class Plan:
    """What one type of event sets in motion. `once` are the earning rules that ask for a once-per key."""

    metrics: list[Metric]
    streaks: list[Streak]
    earning: list[Rule]
    missions: list[Rule]
    badges: list[Rule]
    distinct: list[Metric] = field(init=False)
    once: list[Rule] = field(init=False)
    capped: list[Rule] = field(init=False)
    repeated: list[Rule] = field(init=False)

    def __post_init__(self) -> None:
        self.distinct = [each for each in self.metrics if each.aggregate == "distinct"]
        self.once = [each for each in self.earning if each.once_per]
        self.capped = [each for each in self.earning if each.max_xp_per_day is not None]
        self.repeated = [each for each in self.badges if each.repeat not in ("once", "always")]


@dataclass(slots=True)
class Rulebook:
    """Rules ready to judge; immutable but for its caches."""

    number: int
    zones: Zones
    metrics: dict[str, Metric] = field(default_factory=dict)
    streaks: dict[str, Streak] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    boards: dict[str, Board] = field(default_factory=dict)
    boosts: list[Boost] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    levels: Levels | None = None
    lifecycle: Lifecycle | None = None
    player_limits: PlayerLimits | None = None
    plans: dict[str, Plan] = field(default_factory=dict)
    resolvers: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    reach: dict[str, int] = field(default_factory=dict)
    ranges: dict[str, int] = field(default_factory=dict)
    standing: list[Rule] = field(default_factory=list)
    missions: list[Rule] = field(default_factory=list)
    score_boards: list[Board] = field(default_factory=list)
    metric_boards: dict[str, list[Board]] = field(default_factory=dict)
    segmented: list[Board] = field(default_factory=list)

    def plan(self, event_type: str) -> Plan:
        """What an event of this type sets in motion; made once for each type that a rule names."""
        return self.plans.get(event_type) or self.plans["*"]

    def zone(self, name: str | None) -> tzinfo:
        """The zone of that name, UTC where there is none."""
        return self.zones.get(name, UTC) if name else UTC

    def is_distinct(self, key: str) -> bool:
        """Whether a metric counts distinct values."""
        return key in self.metrics and self.metrics[key].aggregate == "distinct"

    def of_kind(self, kind: str) -> list[Rule]:
        """All judging rules of one kind, by key."""
        return [rule for rule in self.rules.values() if rule.kind == kind]


def build(number: int, versions: Sequence[Version], zones: Zones) -> Rulebook:
    """Compile a rulebook from checked documents; the order of `versions` does not matter."""
    book = Rulebook(number, zones)
    keep = days_kept([version.document for version in versions])
    for version in sorted(versions, key=lambda each: each.key):
        _add(book, version, keep)
    _index(book)
    return book


def _add(book: Rulebook, version: Version, keep: int) -> None:
    raw, key = version.document, version.key
    match raw["kind"]:
        case "metric":
            book.metrics[key] = replace(Metric.of(raw, version.version, keep), generation=version.generation)
        case "streak":
            book.streaks[key] = replace(Streak.of(raw, version.version), generation=version.generation)
        case "earning" | "badge" | "mission":
            book.rules[key] = ruled_rule(raw, version.version)
        case "leaderboard":
            board = Board.of(raw, version.version, book.zone(raw.get("timezone")))
            book.boards[key] = replace(board, generation=version.generation)
        case _:
            _add_frame(book, version)


def _add_frame(book: Rulebook, version: Version) -> None:
    """Add what there is one of, or what only bends other rules; other kinds change nothing when an event is judged."""
    raw = version.document
    match raw["kind"]:
        case "boost":
            book.boosts.append(Boost.of(raw))
        case "segment":
            book.segments.append(Segment.of(raw, version.version))
        case "levels":
            book.levels = levels_of(raw, version.version)
        case "lifecycle":
            book.lifecycle = lifecycle_of(raw, version.version)
        case "player_limits":
            book.player_limits = PlayerLimits.of(raw, version.version)
        case _:
            pass


def _index(book: Rulebook) -> None:
    listening: list[Any] = [*book.metrics.values(), *book.streaks.values(), *book.rules.values()]
    for event_type in {"*", *(name for each in listening for name in each.events)}:
        book.plans[event_type] = _plan(book, event_type)
    book.boards = {key: generations.of_board(board, book.metrics) for key, board in book.boards.items()}
    book.missions = book.of_kind("mission")
    book.standing = [rule for rule in book.of_kind("badge") if rule.is_standing]
    paths = [path for compiled in _compiled(book) for path in compiled.paths]
    book.reach = {key: days for key, days in reach_of(paths).items() if days and key in book.metrics}
    looking_back = reach_of(path for path in paths if ".last_" in path)
    book.ranges = {key: days for key, days in looking_back.items() if book.is_distinct(key)}
    for board in book.boards.values():
        if board.segment_by:
            book.segmented.append(board)
        if board.metric is None:
            book.score_boards.append(board)
        elif board.metric in book.metrics:
            book.metric_boards.setdefault(board.metric, []).append(board)


def _plan(book: Rulebook, event_type: str) -> Plan:
    def meant(events: tuple[str, ...]) -> bool:
        return "*" in events or event_type in events

    earning, missions, badges = ([rule for rule in book.of_kind(kind) if meant(rule.events)] for kind in _RULES)
    return Plan(
        metrics=[each for each in book.metrics.values() if meant(each.events)],
        streaks=[each for each in book.streaks.values() if meant(each.events)],
        earning=earning,
        missions=missions,
        badges=badges,
    )


def _compiled(book: Rulebook) -> list[Compiled]:
    """All logic that is judged with an entry, but for filters: these read no metrics."""
    moves = book.lifecycle.moves if book.lifecycle else ()
    judging: list[Any] = [*book.rules.values(), *book.boosts, *book.segments, *moves]
    conditions: list[Compiled | None] = [each.condition for each in judging]
    grants = [rule.grant for rule in book.rules.values()]
    if book.levels:
        grants += [*book.levels.grants, book.levels.grant]
    return [*filter(None, conditions), *(formula for grant in grants for formula in grant.formulas)]
