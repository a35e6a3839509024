"""The context in which one entry is judged: player, entry, local time, and facts that are worked out when read."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from engine.language.facts import Facts
from engine.language.semantics import value_at
from engine.scoring import metrics, streaks
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import LocalTime, local_time, period_ordinal
from engine.scoring.state.generations import is_stale
from engine.scoring.state.memory import Player
from engine.scoring.state.series import read_bucket
from engine.scoring.step_budget import STEPS_MAX, RuleVersionKey
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import AmountOrigin, AppliedBoost, Outcome

Resolver = Callable[["EvaluationContext"], Any]


class LazyFacts(Facts):
    """Facts by full path; each is worked out when a rule first reads it.

    Facts that the steps of a fold change are worked out anew each time, so that rules see the values after the step
    before.
    """

    __slots__ = ("context",)

    def __init__(self, context: "EvaluationContext") -> None:
        super().__init__()
        self.context = context

    def __missing__(self, path: str) -> Any:
        context = self.context
        resolve = context.book.resolvers.get(path)
        if resolve is None:
            resolve = context.book.resolvers[path] = resolver_for(path, context.book)
        value = resolve(context)
        # Awards change the player and missions within one entry; everything else is settled before rules judge.
        # Slices, since this runs for every fact of every entry.
        if path[:6] != "player" and path[:7] != "mission":
            self[path] = value
        return value


class EvaluationContext:
    """Everything about one entry while it is judged; lives as long as one fold.

    `boosts` caches the boosts in force by rule and currency, `contributions` holds what metrics counted.
    `origins` are those of computed amounts that are not simply what their rule says, by rule and currency. Once
    `facts.steps` exceeds `steps_max`, no further rule is judged; `spent` names the rules that cost most of them.
    """

    __slots__ = (
        "book", "boosts", "clock", "contributions", "entry", "facts",
        "origins", "outcome", "player", "spent", "state", "steps_max", "zone",
    )  # fmt: skip

    def __init__(self, player: Player, entry: Entry, book: Rulebook, steps_max: int = STEPS_MAX) -> None:
        self.player, self.entry, self.book = player, entry, book
        self.state = player.state
        self.zone: tzinfo = book.zone(player.state.get("tz"))
        self.clock: LocalTime = local_time(entry.occurred_at, self.zone)
        self.outcome = Outcome()
        self.facts = LazyFacts(self)
        self.boosts: dict[tuple[str, str], tuple[AppliedBoost, ...]] = {}
        self.origins: dict[tuple[str, str], AmountOrigin] = {}
        self.contributions: dict[str, Any] = {}
        self.steps_max = steps_max
        self.spent: dict[RuleVersionKey, int] = {}

    def day_in(self, zone: tzinfo | None) -> int:
        """The day of the entry in a zone; None is the player's."""
        return self.clock.day if zone is None else local_time(self.entry.occurred_at, zone).day


def resolver_for(path: str, book: Rulebook) -> Resolver:
    """How to work out one fact; a fact that this rulebook does not have is None."""
    head, _, rest = path.partition(".")
    if head == "event":
        return _event_resolver(rest)
    if head == "player":
        return _player_resolver(rest, book)
    if head == "time":
        return _TIME_RESOLVERS.get(rest, _nothing)
    key, _, which = rest.partition(".")
    return _KEYED_RESOLVERS[head](book, key, which) if head in _KEYED_RESOLVERS else _nothing


def _event_resolver(rest: str) -> Resolver:
    if rest == "type":
        return lambda context: context.entry.type
    steps = tuple(rest.split("."))[1:]
    if len(steps) == 1:
        name = steps[0]
        return lambda context: context.entry.properties.get(name)
    return lambda context: value_at(context.entry.properties, steps)


def _player_resolver(rest: str, book: Rulebook) -> Resolver:
    if rest.startswith("attributes."):
        steps = tuple(rest.split("."))[1:]
        return lambda context: value_at(context.state.get("attributes"), steps)
    if rest == "state":
        lifecycle = book.lifecycle
        if lifecycle is None:
            return lambda context: context.state.get("life", [None])[0]
        return lambda context: lifecycle.state_of(context.state)
    return _PLAYER_RESOLVERS.get(rest, _nothing)


_PLAYER_RESOLVERS: dict[str, Resolver] = {
    "xp": lambda context: context.state.get("xp", 0),
    "coins": lambda context: context.state.get("coins", 0),
    "level": lambda context: context.state.get("level", 1),
    "badges": lambda context: [key for key, count in context.state.get("badges", {}).items() if count],
    "segments": lambda context: list(context.state.get("in", ())),  # as the entry before has left them
}
_TIME_RESOLVERS: dict[str, Resolver] = {
    "hour": lambda context: context.clock.hour,
    "weekday": lambda context: context.clock.weekday,
    "date": lambda context: context.clock.date,
}


def _metric_resolver(book: Rulebook, key: str, which: str) -> Resolver:
    metric = book.metrics.get(key)
    if metric is None:
        return _nothing
    if metric.generation == 1:  # nearly all: such a value can never be stale
        return lambda context: metrics.value(context.player, metric, which, context.clock.day)

    def resolve(context: EvaluationContext) -> Any:
        if is_stale(context.state, metric):
            return None  # its history is being counted again
        return metrics.value(context.player, metric, which, context.clock.day)

    return resolve


def _streak_resolver(book: Rulebook, key: str, which: str) -> Resolver:
    streak = book.streaks.get(key)
    if streak is None:
        return _nothing

    def resolve(context: EvaluationContext) -> int | None:
        if is_stale(context.state, streak):
            return None
        record = context.state.get("streaks", {}).get(key)
        if record is None:
            return 0
        return streaks.current_length(record) if which == "current" else int(record["longest"])

    return resolve


def _mission_resolver(book: Rulebook, key: str, which: str) -> Resolver:
    rule = book.rules.get(key)
    if rule is None or rule.kind != "mission":
        return _nothing

    def resolve(context: EvaluationContext) -> Any:
        progress, is_done = progress_of(context.player, rule, mission_period(context, rule))
        if which == "progress":
            return progress
        return is_done  # not in one expression: mypyc would make a number of it

    return resolve


def mission_period(context: EvaluationContext, rule: CompiledRule) -> int:
    """The ordinal of the period that contains the entry, in the player's zone or the mission's own."""
    zone = context.book.zone(rule.zone) if rule.zone else None
    return period_ordinal(context.day_in(zone), rule.period)


def progress_of(player: Player, rule: CompiledRule, period: int) -> tuple[int, bool]:
    """The progress of a mission in a period and whether it is completed."""
    buckets = player.state.get("missions", {}).get(rule.key)
    stored = read_bucket(buckets, period, rule.retention.series, player.memory)
    return (stored[0], bool(stored[1])) if stored else (0, False)


def _nothing(_: EvaluationContext) -> None:
    return None


_KEYED_RESOLVERS: dict[str, Callable[[Rulebook, str, str], Resolver]] = {
    "metric": _metric_resolver,
    "streak": _streak_resolver,
    "mission": _mission_resolver,
}
