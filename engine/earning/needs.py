"""What a batch needs from beside a player's document before it is folded: asked for here, loaded by the shell."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.earning import rank
from engine.earning.calendar import Local, local, month_days, ordinal, period_id, week_days
from engine.earning.metrics import contribution, part
from engine.earning.own import take_profile
from engine.earning.rulebook import Plan, Rulebook
from engine.earning.state import DAYS_KEPT, State, digest
from engine.vocabulary.entry import Entry

FAR = 2**31 - 1


@dataclass(slots=True)
class Needs:
    """Members of sets to look up, whole sets, and ranges of buckets of series."""

    keys: set[tuple[str, bytes]] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    past: set[tuple[str, int, int]] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether the document alone is enough."""
        return not (self.keys or self.sets or self.past)


def needs(state: State, entries: Sequence[Entry], book: Rulebook) -> Needs:
    """Work out what folding these entries of one player may read or write beside the document.

    Zones and attributes may change on the way, so each entry is read with those that will be the player's by then.
    """
    found, newest = Needs(), state.get("day")
    profile: State = {name: state[name] for name in ("tz", "attributes") if name in state}
    for entry in entries:
        take_profile(profile, entry)
        clock = local(entry.occurred_at, book.zone(profile.get("tz")))
        plan, day = book.plan(entry.type), clock.day
        _distinct(found, entry, plan, book, day)
        _once(found, plan, _Known(entry, clock, profile.get("attributes", {})))
        newest = day if newest is None else max(newest, day)
        _older(found, (state, plan, book), entry, day, newest)
    return found


def _distinct(found: Needs, entry: Entry, plan: Plan, book: Rulebook, day: int) -> None:
    for metric in plan.metrics:
        value = contribution(metric, entry) if metric.aggregate == "distinct" else None
        if value is None:
            continue
        found.keys.update({(f"t:{metric.key}", value), (f"d:{metric.key}:{day}", value)})
        _boards_of(found, entry, book, metric.key, value)
    for metric in book.metrics.values():
        reach = book.reach.get(metric.key, 1)
        if metric.aggregate == "distinct" and reach > 1:
            found.sets.update(f"d:{metric.key}:{each}" for each in range(day - reach - 31, day + 32))


def _once(found: Needs, plan: Plan, known: "_Known") -> None:
    for rule in plan.earning:
        if rule.once_per:
            found.keys.add((f"o:{rule.key}", digest(*map(known.fact, rule.once_per))))
    for rule in plan.badges:
        if rule.repeat in {"day", "week", "month"}:
            name = period_id(ordinal(known.clock.day, rule.repeat), rule.repeat)
            found.keys.add((f"o:{rule.key}", digest(name)))


@dataclass(frozen=True, slots=True)
class _Known:
    """The facts that are known before an entry is folded: those that once-per may name."""

    entry: Entry
    clock: Local
    attributes: State

    def fact(self, path: str) -> object:
        head, _, rest = path.partition(".")
        if path == "event.type":
            return self.entry.type
        if head == "time":
            return {"hour": self.clock.hour, "weekday": self.clock.weekday, "date": self.clock.date}.get(rest)
        return part(self.entry.properties if head == "event" else self.attributes, tuple(rest.split(".")[1:]))


def _boards_of(found: Needs, entry: Entry, book: Rulebook, metric: str, value: bytes) -> None:
    for board in book.boards.values():
        if board.metric == metric:
            found.keys.add((f"b:{board.key}:{rank.run_at(book, board, entry.occurred_at).id}", value))


def _older(found: Needs, about: tuple[State, Plan, Rulebook], entry: Entry, day: int, newest: int) -> None:
    state, plan, book = about
    floor = max(state.get("floor", day), newest - DAYS_KEPT + 1)
    for metric in book.metrics.values():
        first = min(day - book.reach.get(metric.key, 1) + 1, week_days(day)[0], month_days(day)[0])
        if first < floor:
            found.past.add((f"m:{metric.key}", first, floor - 1))
    if day < floor:
        found.past.update((f"c:{rule.key}", day, day) for rule in plan.earning if rule.max_xp_per_day is not None)
    if state.get("day") is not None and day < state["day"]:
        _older_periods(found, about, entry, day)


def _older_periods(found: Needs, about: tuple[State, Plan, Rulebook], entry: Entry, day: int) -> None:
    state, plan, book = about
    for streak in plan.streaks:
        record = state.get("streaks", {}).get(streak.key)
        if record and record.get("more") and ordinal(day, streak.every) < record["runs"][0][0]:
            found.past.add((f"s:{streak.key}", -FAR, FAR))
    for rule in plan.missions:
        period = ordinal(day, rule.period)
        found.past.add((f"p:{rule.key}", period - 1, period + 1))
    for board in book.boards.values():
        if board.window != "all_time":
            period = rank.run_at(book, board, entry.occurred_at).ordinal
            found.past.add((f"b:{board.key}", period, period))
