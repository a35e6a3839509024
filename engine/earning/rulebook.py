"""The rulebook: all rule versions live at a moment, compiled once and sorted by the events they look at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from engine.earning.levels import Levels, levels_of
from engine.earning.lifecycle import Lifecycle, lifecycle_of
from engine.earning.ruled import Board, Boost, Formula, Metric, Rule, Segment, Streak, ruled_rule

Zones = Mapping[str, tzinfo]


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable version of a rule document."""

    id: int
    key: str
    version: int
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlayerLimits:
    """How many events a minute of one player earn something, and how far above the usual a day is flagged."""

    max_events_per_minute: int | None
    flag_above_usual: int | None


@dataclass(slots=True)
class Plan:
    """What one type of event sets in motion."""

    metrics: list[Metric]
    streaks: list[Streak]
    earning: list[Rule]
    missions: list[Rule]
    badges: list[Rule]


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

    def plan(self, event_type: str) -> Plan:
        """What an event of this type sets in motion; worked out once a type."""
        found = self.plans.get(event_type)
        if found is None:
            found = self.plans[event_type] = _plan(self, event_type)
        return found

    def zone(self, name: str | None) -> tzinfo:
        """The zone of that name, UTC where there is none."""
        return self.zones.get(name, UTC) if name else UTC

    def of_kind(self, kind: str) -> list[Rule]:
        """All judging rules of one kind, by key."""
        return [rule for rule in self.rules.values() if rule.kind == kind]


def _plan(book: Rulebook, event_type: str) -> Plan:
    def meant(events: tuple[str, ...]) -> bool:
        return "*" in events or event_type in events

    return Plan(
        metrics=[each for each in book.metrics.values() if meant(each.events)],
        streaks=[each for each in book.streaks.values() if meant(each.events)],
        earning=[rule for rule in book.of_kind("earning") if meant(rule.events)],
        missions=[rule for rule in book.of_kind("mission") if meant(rule.events)],
        badges=[rule for rule in book.of_kind("badge") if meant(rule.events)],
    )


def build(number: int, versions: Sequence[Version], zones: Zones) -> Rulebook:
    """Compile a rulebook from checked documents; the order of `versions` does not matter."""
    book = Rulebook(number, zones)
    for version in sorted(versions, key=lambda each: each.key):
        _add(book, version)
    for compiled in _conditions(book):
        for path in compiled:
            _note_reach(book, path)
    return book


def _add(book: Rulebook, version: Version) -> None:
    raw, key = version.document, version.key
    match raw["kind"]:
        case "metric":
            book.metrics[key] = Metric.of(raw)
        case "streak":
            book.streaks[key] = Streak.of(raw)
        case "earning" | "badge" | "mission":
            book.rules[key] = ruled_rule(raw, version.version)
        case "leaderboard":
            book.boards[key] = Board.of(raw)
        case _:
            _add_frame(book, version)


def _add_frame(book: Rulebook, version: Version) -> None:
    """Add what there is one of, or what only bends other rules; other kinds change nothing when an event is judged."""
    raw = version.document
    match raw["kind"]:
        case "boost":
            book.boosts.append(Boost.of(raw))
        case "segment":
            book.segments.append(Segment.of(raw))
        case "levels":
            book.levels = levels_of(raw, version.version)
        case "lifecycle":
            book.lifecycle = lifecycle_of(raw)
        case "player_limits":
            book.player_limits = PlayerLimits(raw.get("max_events_per_minute"), raw.get("flag_above_usual"))
        case _:
            pass


def _conditions(book: Rulebook) -> list[frozenset[str]]:
    conditional: list[Any] = [*book.rules.values(), *book.boosts, *book.segments]
    paths = [each.condition.paths for each in conditional if each.condition is not None]
    formulas = [f for rule in book.rules.values() for f in (rule.xp, rule.coins) if isinstance(f, Formula)]
    moves = book.lifecycle.paths if book.lifecycle else frozenset()
    return [*paths, *(formula.compiled.paths for formula in formulas), moves]


def _note_reach(book: Rulebook, path: str) -> None:
    """Remember how many days back a metric is read, so that `needs` can ask for what left the document."""
    parts = path.split(".")
    if parts[0] != "metric":
        return
    window = parts[2]
    days = (
        int(window.split("_")[1]) if window.startswith("last_") else {"this_week": 7, "this_month": 31}.get(window, 1)
    )
    book.reach[parts[1]] = max(book.reach.get(parts[1], 1), days)
