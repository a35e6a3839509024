"""What must be loaded before a batch is folded, beyond the player's document: listed here, loaded by the caller.

The fold itself reads no storage. Whatever it may look up in sets or in series that have left the document has to be
in the player's memory by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.language.semantics import value_at
from engine.scoring import event_rates, held_badges, leaderboards, metrics
from engine.scoring.profile_changes import apply_profile
from engine.scoring.rulebook.compiled_rules import CompiledMetric
from engine.scoring.rulebook.rulebook import EventPlan, Rulebook
from engine.scoring.state import scores
from engine.scoring.state.calendar import LocalTime, local_time, month_of, period_ordinal, week_of
from engine.scoring.state.memory import State
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import days_missing, is_bucket_missing
from engine.scoring.streaks import may_need_older
from engine.vocabulary.entry import HISTORY_AWARD, STREAK_PAUSE, STREAK_RESTORATION, Entry

FAR = 2**31 - 1
_MONTH_DAYS_MAX = 31


@dataclass(slots=True)
class Preload:
    """Members of sets to look up, whole sets, and ranges of buckets of series (both bounds included)."""

    keys: set[tuple[str, bytes]] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    past: set[tuple[str, int, int]] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether the document alone is enough."""
        return not (self.keys or self.sets or self.past)


def preload_for(state: State, entries: Sequence[Entry], book: Rulebook) -> Preload:
    """Work out what folding these entries of one player may read or write outside the document.

    Zones and attributes may change on the way, so each entry is read with those the player will have by then.
    """
    preload = Preload()
    profile: State = {name: state[name] for name in ("tz", "attributes") if name in state}
    for entry in entries:
        apply_profile(profile, entry)
        clock = local_time(entry.occurred_at, book.zone(profile.get("tz")))
        upcoming = _UpcomingEntry(state, entry, clock, profile.get("attributes", {}))
        if entry.is_event:
            plan = book.plan(entry.type)
            _add_members(preload, upcoming, plan, book)
            _add_days(preload, upcoming, plan, book)
            _add_periods(preload, upcoming, plan, len(entries))
            _add_rates(preload, upcoming, book)
        else:
            _add_for_system_entry(preload, upcoming, book)
        _add_missions(preload, upcoming, book)
        _add_boards(preload, upcoming, book)
    return preload


@dataclass(frozen=True, slots=True)
class _UpcomingEntry:
    """An entry that is about to be folded, with what is known before; its facts are those that once-per may name."""

    state: State
    entry: Entry
    clock: LocalTime
    attributes: State

    def fact(self, path: str) -> Any:
        """The fact at a path."""
        head, _, rest = path.partition(".")
        if path == "event.type":
            return self.entry.type
        if head == "time":
            return {"hour": self.clock.hour, "weekday": self.clock.weekday, "date": self.clock.date}.get(rest)
        values = self.entry.properties if head == "event" else self.attributes
        return value_at(values, tuple(rest.split(".")[1:]))

    def state_of(self, section: str, key: str) -> Any:
        """What a section of the player's document holds for a key."""
        return self.state.get(section, {}).get(key)


def _add_members(preload: Preload, upcoming: _UpcomingEntry, plan: EventPlan, book: Rulebook) -> None:
    day = upcoming.clock.day
    for rule in plan.once_per_rules:
        preload.keys.add((f"o:{rule.key}", digest(*map(upcoming.fact, rule.once_per))))
    for badge in plan.periodic_badges:
        period = held_badges.period_for(badge, upcoming.entry, day)
        preload.keys.add(held_badges.given_key(badge.key, period))
    for metric in plan.distinct_metrics:
        _add_distinct_value(preload, upcoming, metric, book)


def _add_distinct_value(preload: Preload, upcoming: _UpcomingEntry, metric: CompiledMetric, book: Rulebook) -> None:
    value = metrics.contribution(metric, upcoming.entry)
    if value is None:
        return
    key, day = metric.key, upcoming.clock.day
    sets = [f"t:{key}", metrics.day_set(key, day), metrics.week_set(key, day), metrics.month_set(key, day)]
    occurred_at = upcoming.entry.occurred_at
    sets += [leaderboards.run_set(board, board.run_at(occurred_at)) for board in book.metric_boards.get(key, ())]
    preload.keys.update((name, value) for name in sets)


def _add_days(preload: Preload, upcoming: _UpcomingEntry, plan: EventPlan, book: Rulebook) -> None:
    """Days that the entry counts on or that rules look back to, as far as they have left the document."""
    today = upcoming.clock.day
    for metric in plan.metrics:
        days = upcoming.state_of("days", metric.key)
        if days and days_missing(days, today, today):
            preload.past.add((metric.retention.series, today, today))
    for key, lookback in book.lookback_days.items():
        # The week or month around the day of a late entry also reaches beyond that day.
        last = today if lookback == 1 else today + _MONTH_DAYS_MAX
        span = days_missing(upcoming.state_of("days", key), today - lookback + 1, last)
        if span:
            preload.past.add((book.metrics[key].retention.series, *span))
    for key, lookback in book.distinct_lookback_days.items():
        preload.sets.update(metrics.day_set(key, day) for day in range(today - lookback + 1, today + 1))
        _add_week_and_month(preload, upcoming, key)


def _add_week_and_month(preload: Preload, upcoming: _UpcomingEntry, key: str) -> None:
    day = upcoming.clock.day
    for section, prefix, period in (("weeks", "w", week_of(day)), ("months", "n", month_of(day))):
        if is_bucket_missing(upcoming.state_of(section, key), period):
            preload.past.add((f"{prefix}:{key}", period, period))


def _add_periods(preload: Preload, upcoming: _UpcomingEntry, plan: EventPlan, entries: int) -> None:
    day = upcoming.clock.day
    for metric in plan.distinct_metrics:
        _add_week_and_month(preload, upcoming, metric.key)
    for rule in plan.capped_rules:
        if is_bucket_missing(upcoming.state_of("caps", rule.key), day):
            preload.past.add((rule.retention.series, day, day))
    for streak in plan.streaks:
        # A late period may join any older runs, so all of them are needed.
        if may_need_older(upcoming.state_of("streaks", streak.key), period_ordinal(day, streak.every), entries):
            preload.past.add((f"s:{streak.key}", -FAR, FAR))


def _add_rates(preload: Preload, upcoming: _UpcomingEntry, book: Rulebook) -> None:
    limits, hour = book.player_limits, event_rates.hour_of(upcoming.entry.occurred_at)
    if event_rates.counts_minutes(limits) and is_bucket_missing(upcoming.state_of("rates", "minutes"), hour):
        preload.past.add((event_rates.MINUTES.series, hour, hour))
    day = upcoming.clock.day
    if event_rates.counts_days(limits) and is_bucket_missing(upcoming.state_of("rates", "days"), day):
        preload.past.add((event_rates.DAYS.series, day, day))


def _add_missions(preload: Preload, upcoming: _UpcomingEntry, book: Rulebook) -> None:
    for rule in book.missions:
        buckets = upcoming.state_of("missions", rule.key)
        if buckets is None or buckets[0] is None:
            continue  # everything is still in the document
        day = local_time(upcoming.entry.occurred_at, book.zone(rule.zone)).day if rule.zone else upcoming.clock.day
        period = period_ordinal(day, rule.period)
        if is_bucket_missing(buckets, period):
            preload.past.add((rule.retention.series, period, period))


def _add_boards(preload: Preload, upcoming: _UpcomingEntry, book: Rulebook) -> None:
    for board in book.boards.values():
        if board.key not in upcoming.state.get("closed", ()):
            continue
        run = board.run_at(upcoming.entry.occurred_at)
        if scores.is_missing(upcoming.state, board, run.ordinal) and run.accepts(upcoming.entry.received_at):
            preload.past.add((board.retention.series, run.ordinal, run.ordinal))


def _add_for_system_entry(preload: Preload, upcoming: _UpcomingEntry, book: Rulebook) -> None:
    content, day = upcoming.entry.properties, upcoming.clock.day
    for rule in book.player_only_badges:
        if rule.repeat not in (held_badges.ONCE, held_badges.ALWAYS):
            preload.keys.add(held_badges.given_key(rule.key, held_badges.period_for(rule, upcoming.entry, day)))
    if content.get("badge"):
        badge = content["badge"]
        period = held_badges.period_named(content, book.rules.get(badge), upcoming.entry, day)
        preload.keys.update((held_badges.given_key(badge, period), held_badges.taken_back_key(badge, period)))
    if upcoming.entry.type in (STREAK_PAUSE, STREAK_RESTORATION):
        # What is excused may join any older runs.
        preload.past.update((f"s:{key}", -FAR, FAR) for key in book.streaks if content.get("streak") in (None, key))
    if upcoming.entry.type == HISTORY_AWARD:
        preload.keys.update((name, bytes.fromhex(member)) for name, member in content.get("keys") or ())
        preload.past.add((f"c:{content['rule']}", day, day))
