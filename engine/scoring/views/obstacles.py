"""What keeps a rule from awarding any event of this moment, whatever the event holds.

Each function reads the state that the fold would judge by, and changes nothing. Properties that a mechanism has in the
fold (which badge is open, how long a cooldown lasts) are asked for there.
"""

from collections.abc import Iterator

from engine.scoring import held_badges
from engine.scoring.award import is_cooling_down, paid_on_day
from engine.scoring.badges import is_open
from engine.scoring.evaluation_context import EvaluationContext, mission_period, progress_of
from engine.scoring.event_rates import MINUTE, minute_count
from engine.scoring.rulebook.compiled_rules import CompiledRule, Schedule
from engine.scoring.state.calendar import day_starts_at, first_day, period_ordinal
from engine.scoring.state.player_state import digest
from engine.scoring.views.dependence import is_settled
from engine.vocabulary.prospect import Obstacle, ObstacleReason


def schedule_obstacles(schedule: Schedule, now: int) -> Iterator[Obstacle]:
    """A rule outside its dates."""
    if schedule.ends_at is not None and now >= schedule.ends_at:
        yield Obstacle(ObstacleReason.ENDED, until=schedule.ends_at, is_final=True)
    elif schedule.starts_at is not None and now < schedule.starts_at:
        yield Obstacle(ObstacleReason.NOT_STARTED, until=schedule.starts_at)


def rate_obstacles(context: EvaluationContext) -> Iterator[Obstacle]:
    """A player who has sent as many events in this minute as may count."""
    limits = context.book.player_limits
    if limits is None or limits.max_events_per_minute is None:
        return
    if minute_count(context) >= limits.max_events_per_minute:
        until = (context.entry.occurred_at // MINUTE + 1) * MINUTE
        yield Obstacle(ObstacleReason.RATE_LIMITED, until=until, need=limits.max_events_per_minute)


def badge_obstacles(context: EvaluationContext, badge: CompiledRule) -> Iterator[Obstacle]:
    """A badge that is held, or was taken back: for good, or for the period."""
    if is_open(context, badge):
        return
    if badge.repeat == held_badges.ONCE:
        is_held = bool(context.state["badges"][badge.key])
        yield Obstacle(ObstacleReason.HELD if is_held else ObstacleReason.REVOKED, is_final=True)
    else:
        period = held_badges.period_for(badge, context.entry, context.clock.day)
        is_held = held_badges.is_held(context.player, badge.key, period)
        reason = ObstacleReason.HELD if is_held else ObstacleReason.REVOKED
        next_period = period_ordinal(context.clock.day, badge.repeat) + 1
        until = day_starts_at(first_day(next_period, badge.repeat), context.zone)
        yield Obstacle(reason, until=until, period=badge.repeat)


def mission_obstacles(context: EvaluationContext, mission: CompiledRule) -> Iterator[Obstacle]:
    """A mission that is completed, or that one event does not complete."""
    period = mission_period(context, mission)
    progress, is_done = progress_of(context.player, mission, period)
    until, unit = None, ""
    if mission.period != "once":
        zone = context.book.zone(mission.zone) if mission.zone else context.zone
        until, unit = day_starts_at(first_day(period + 1, mission.period), zone), mission.period
    if is_done:
        yield Obstacle(ObstacleReason.COMPLETED, until, is_final=until is None, period=unit)
    elif progress + 1 < mission.target:
        yield Obstacle(ObstacleReason.GOAL, have=progress, need=mission.target, period=unit)


def earning_obstacles(context: EvaluationContext, rule: CompiledRule) -> Iterator[Obstacle]:
    """An earning rule that pauses, whose XP of the day are used up, or whose once-per key is used for any event."""
    if rule.cooldown and is_cooling_down(context, rule):
        yield Obstacle(ObstacleReason.COOLDOWN, until=context.state["cool"][rule.key] + rule.cooldown)
    if rule.max_xp_per_day is not None and rule.grant.coins == 0 and not rule.grant.pool:
        paid = paid_on_day(context, rule)
        if paid >= rule.max_xp_per_day:
            tomorrow = day_starts_at(context.clock.day + 1, context.zone)
            yield Obstacle(ObstacleReason.DAILY_CAP, tomorrow, have=paid, need=rule.max_xp_per_day, period="day")
    if rule.once_per and all(map(is_settled, rule.once_per)):
        yield from _once_per_obstacles(context, rule)


def _once_per_obstacles(context: EvaluationContext, rule: CompiledRule) -> Iterator[Obstacle]:
    values = [context.facts[path] for path in rule.once_per]
    if None in values:
        missing = tuple(path for path, value in zip(rule.once_per, values, strict=True) if value is None)
        yield Obstacle(ObstacleReason.MISSING_FACT, facts=missing)
    elif (f"o:{rule.key}", digest(*values)) in context.player.memory.keys:
        yield Obstacle(ObstacleReason.ONCE_PER, facts=rule.once_per)
