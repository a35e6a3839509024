"""What a batch needs from beside a player's document before it is folded: asked for here, loaded by the shell."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.language.semantics import part
from engine.scoring import metrics, rank
from engine.scoring.badges import period_key
from engine.scoring.profile import take_profile
from engine.scoring.rulebook.rulebook import Plan, Rulebook
from engine.scoring.state import scores
from engine.scoring.state.calendar import Local, local, month_of, ordinal, period_id, week_of
from engine.scoring.state.memory import State
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import days_missing, is_bucket_missing
from engine.scoring.streaks import needs_older
from engine.vocabulary.entry import HISTORY_AWARD, Entry

FAR = 2**31 - 1


@dataclass(slots=True)
class Needs:
    """Members of sets to look up, whole sets, ranges of buckets of series, both bounds included."""

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
    found = Needs()
    profile: State = {name: state[name] for name in ("tz", "attributes") if name in state}
    for entry in entries:
        take_profile(profile, entry)
        clock = local(entry.occurred_at, book.zone(profile.get("tz")))
        known = _Known(state, entry, clock, profile.get("attributes", {}))
        if entry.is_event:
            plan = book.plan(entry.type)
            _members(found, known, plan, book)
            _days(found, known, plan, book)
            _periods(found, known, plan)
        else:
            _of_our_own(found, known, book)
        _missions(found, known, book)
        _boards(found, known, book)
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known before an entry is folded; its facts are those that once-per may name."""

    state: State
    entry: Entry
    clock: Local
    attributes: State

    def fact(self, path: str) -> Any:
        """The fact at a path."""
        head, _, rest = path.partition(".")
        if path == "event.type":
            return self.entry.type
        if head == "time":
            return {"hour": self.clock.hour, "weekday": self.clock.weekday, "date": self.clock.date}.get(rest)
        return part(self.entry.properties if head == "event" else self.attributes, tuple(rest.split(".")[1:]))

    def kept(self, name: str, key: str) -> Any:
        """The part of the state with this name and key."""
        return self.state.get(name, {}).get(key)


def _members(found: Needs, known: _Known, plan: Plan, book: Rulebook) -> None:
    day = known.clock.day
    for rule in plan.once:
        found.keys.add((f"o:{rule.key}", digest(*map(known.fact, rule.once_per))))
    for rule in plan.repeated:
        found.keys.add(period_key(rule, period_id(ordinal(day, rule.repeat), rule.repeat)))
    for metric in plan.distinct:
        value, key = metrics.contribution(metric, known.entry), metric.key
        if value is None:
            continue
        names = (f"t:{key}", metrics.day_set(key, day), metrics.week_set(key, day), metrics.month_set(key, day))
        found.keys.update((name, value) for name in names)
        for board in book.metric_boards.get(key, ()):
            found.keys.add((rank.run_set(board, board.run_at(known.entry.occurred_at)), value))


def _days(found: Needs, known: _Known, plan: Plan, book: Rulebook) -> None:
    """Days that the entry lands in or that rules look back to, as far as they have left the document."""
    day = known.clock.day
    for metric in plan.metrics:
        days = known.kept("days", metric.key)
        if days and days_missing(days, day, day):
            found.past.add((metric.keeping.series, day, day))
    for key, reach in book.reach.items():
        late = day if reach == 1 else day + 31  # a week or month also reaches beyond the day of a late entry
        span = days_missing(known.kept("days", key), day - reach + 1, late)
        if span:
            found.past.add((book.metrics[key].keeping.series, *span))
    for key, reach in book.ranges.items():
        found.sets.update(metrics.day_set(key, each) for each in range(day - reach + 1, day + 1))
        _spans(found, known, key)


def _spans(found: Needs, known: _Known, key: str) -> None:
    for name, series, period in (("weeks", "w", week_of(known.clock.day)), ("months", "n", month_of(known.clock.day))):
        if is_bucket_missing(known.kept(name, key), period):
            found.past.add((f"{series}:{key}", period, period))


def _periods(found: Needs, known: _Known, plan: Plan) -> None:
    for metric in plan.distinct:
        _spans(found, known, metric.key)
    for rule in plan.capped:
        if is_bucket_missing(known.kept("caps", rule.key), known.clock.day):
            found.past.add((rule.keeping.series, known.clock.day, known.clock.day))
    for streak in plan.streaks:
        if needs_older(known.kept("streaks", streak.key), ordinal(known.clock.day, streak.every)):
            found.past.add((f"s:{streak.key}", -FAR, FAR))


def _missions(found: Needs, known: _Known, book: Rulebook) -> None:
    for rule in book.missions:
        kept = known.kept("missions", rule.key)
        if kept is None or kept[0] is None:
            continue
        day = local(known.entry.occurred_at, book.zone(rule.zone)).day if rule.zone else known.clock.day
        period = ordinal(day, rule.period)
        if is_bucket_missing(kept, period):
            found.past.add((rule.keeping.series, period, period))


def _boards(found: Needs, known: _Known, book: Rulebook) -> None:
    for board in book.boards.values():
        if board.key not in known.state.get("closed", ()):
            continue
        run = board.run_at(known.entry.occurred_at)
        if scores.is_missing(known.state, board, run.ordinal) and run.takes(known.entry.received_at):
            found.past.add((board.keeping.series, run.ordinal, run.ordinal))


def _of_our_own(found: Needs, known: _Known, book: Rulebook) -> None:
    content, day = known.entry.properties, known.clock.day
    for rule in book.standing:
        if rule.repeat not in ("once", "always"):
            found.keys.add(period_key(rule, period_id(ordinal(day, rule.repeat), rule.repeat)))
    badge, period = content.get("badge"), content.get("period")
    if badge and period:
        found.keys.add((f"g:{badge}", digest(period)))
    if known.entry.type == HISTORY_AWARD:
        found.keys.update((name, bytes.fromhex(member)) for name, member in content.get("keys") or ())
        found.past.add((f"c:{content['rule']}", day, day))
