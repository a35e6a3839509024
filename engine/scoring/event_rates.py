"""How fast a player's events come: what exceeds the limit of its minute, and days that are far from usual.

Each event counts towards the minute and the day in which it occurred, in whatever order events arrive: whoever sends
late earns no more than whoever sends at once. The newest counts are in the state, as series (see `series`): those of
minutes in one bucket for each hour, {minute of the hour: events}; those of days; and the sums over all days.
"""

from decimal import Decimal
from typing import Any

from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.modifiers import CompiledPlayerLimits
from engine.scoring.state.calendar import SECOND
from engine.scoring.state.memory import State
from engine.scoring.state.series import SeriesRetention, new_buckets, put_bucket, read_bucket

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
MINUTES = SeriesRetention("r:minutes", keep=2)
DAYS = SeriesRetention("r:days", keep=7)
USUAL_DAYS = 7  # fewer days say nothing about what is usual
BUSY_DAY = 20  # so few events are never suspicious, however low the mean


def exceeds_rate_limit(context: EvaluationContext) -> bool:
    """Count the event towards its minute and its day; returns whether the minute is over its limit."""
    limits = context.book.player_limits
    if limits is None:
        return False
    if limits.flag_above_usual is not None:
        _compare_with_usual(context, limits.flag_above_usual)
    if limits.max_events_per_minute is None:
        return False
    hour, minute = _hour_and_minute(context.entry.occurred_at)
    hours = _rates(context.state).setdefault("minutes", new_buckets())
    counts = dict(read_bucket(hours, hour, MINUTES.series, context.player.memory) or {})
    count = int(counts.get(minute, 0)) + 1
    counts[minute] = count
    put_bucket(hours, hour, counts, MINUTES, context.player.memory)
    return count > limits.max_events_per_minute


def minute_count(context: EvaluationContext) -> int:
    """How many events the limit has counted in the minute of the entry."""
    hour, minute = _hour_and_minute(context.entry.occurred_at)
    hours = context.state.get("rates", {}).get("minutes")
    counts = read_bucket(hours, hour, MINUTES.series, context.player.memory) or {}
    return int(counts.get(minute, 0))


def hour_of(occurred_at: int) -> int:
    """The bucket of the minutes in which a moment lies."""
    return occurred_at // HOUR


def counts_minutes(limits: CompiledPlayerLimits | None) -> bool:
    """Whether events are counted by minute."""
    return limits is not None and limits.max_events_per_minute is not None


def counts_days(limits: CompiledPlayerLimits | None) -> bool:
    """Whether events are counted by day."""
    return limits is not None and limits.flag_above_usual is not None


def _hour_and_minute(occurred_at: int) -> tuple[int, str]:
    return hour_of(occurred_at), str(occurred_at // MINUTE % 60)


def _rates(state: State) -> dict[str, Any]:
    rates: dict[str, Any] = state.setdefault("rates", {})
    return rates


def _compare_with_usual(context: EvaluationContext, factor: Decimal) -> None:
    """Flag a day far above the mean of the player's other days."""
    rates, day, memory = _rates(context.state), context.clock.day, context.player.memory
    by_day = rates.setdefault("days", new_buckets())
    count = (read_bucket(by_day, day, DAYS.series, memory) or 0) + 1
    put_bucket(by_day, day, count, DAYS, memory)
    days, events = rates.get("usual", (0, 0))
    days, events = days + (count == 1), events + 1
    rates["usual"] = [days, events]
    other_days, other_events = days - 1, events - count
    # count > factor × mean, without the division that a mean needs.
    is_far_above = count > BUSY_DAY and count * other_days > factor * other_events
    if other_days >= USUAL_DAYS and is_far_above:
        mean = max(1, round(other_events / other_days))
        context.outcome.flag = f"{count} events on {context.clock.date}, usually about {mean} a day"
