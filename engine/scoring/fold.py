"""The fold: one entry applied to one player. Everything that derives state goes through here.

Within one entry, in this order: what it says about the player, changes that were due before it, metrics and streaks,
earning rules, missions, levels and badges until nothing changes, lifecycle, segments, leaderboards.
"""

from typing import Any

from engine.scoring import (
    award,
    badges,
    event_rates,
    level_grants,
    metrics,
    missions,
    player_activity,
    streaks,
    system_entries,
)
from engine.scoring.evaluation import listens, run_isolated
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.leaderboards import update_boards
from engine.scoring.profile_changes import apply_profile, skip_cut_day
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledStreak
from engine.scoring.rulebook.rulebook import EventPlan, Rulebook
from engine.scoring.state import generations
from engine.scoring.state.calendar import period_ordinal
from engine.scoring.state.memory import Player
from engine.scoring.step_budget import STEPS_MAX, UNLIMITED
from engine.vocabulary.entry import ERASURE, SYSTEM_TYPE_PREFIX, Entry
from engine.vocabulary.outcome import Outcome, Refusal, RefusalReason

ENGINE_VERSION = "4"
"""The version of all that decides outcomes; it changes only where the same log would lead to different outcomes."""
PROFILE_RULE = "profile"


def fold(player: Player, entry: Entry, book: Rulebook, *, is_history: bool = False) -> Outcome:
    """Apply one entry: changes `player.state` and `player.memory` in place and returns the outcome.

    The caller has loaded into the memory what `preload_for` lists. Raises `StepBudgetSpent` for an event that costs too
    many steps; then the player is of no more use. Not for one of history: once applied, it stays applied.
    """
    context = begin(player, entry, book, is_history=is_history)
    if entry.type.startswith(SYSTEM_TYPE_PREFIX):
        system_entries.apply_system_entry(context)
        gave_something = context.outcome.ledger or context.outcome.badges
        badges.settle_levels_and_badges(context, book.player_only_badges if gave_something else [])
    elif event_rates.exceeds_rate_limit(context):
        limits = book.player_limits
        assert limits is not None, "without limits no event exceeds one"
        context.outcome.not_awarded.append(Refusal(limits.key, limits.version, RefusalReason.RATE_LIMITED))
        player_activity.note_activity(context)
    else:
        _judge_event(context, book.plan(entry.type))
    player_activity.update_segments(context)
    # An erasure has just removed the player's segments; ranking would write them back.
    if entry.type != ERASURE:
        update_boards(context)
    return context.outcome


def begin(player: Player, entry: Entry, book: Rulebook, *, is_history: bool = False) -> EvaluationContext:
    """Apply the profile, let time pass up to the entry, and return the context for judging it."""
    state = player.state
    state["v"] = state.get("v", 0) + 1
    # Before the clock is read: an event that names another zone is judged by that zone's day.
    is_profile_accepted = True
    if entry.timezone or entry.attributes or entry.properties:
        zone_before = state.get("tz")
        is_profile_accepted = apply_profile(state, entry)
        skip_cut_day(state, entry, book, zone_before)
    # Where levels are newer than the player's XP, the level is taken as reached: nothing is paid for it.
    if book.levels is not None and "level" not in state:
        level_grants.take_as_reached(state, book.levels)
    # A system entry is judged within its budget for ever: beyond it, its outcome is another.
    steps_max = UNLIMITED if is_history and entry.is_event else STEPS_MAX
    context = EvaluationContext(player, entry, book, steps_max)
    if not is_profile_accepted:
        context.outcome.not_awarded.append(Refusal(PROFILE_RULE, 0, RefusalReason.LIMIT_REACHED))
    player_activity.pass_time(context)
    return context


def _judge_event(context: EvaluationContext, plan: EventPlan) -> None:
    # Metrics and streaks first: rules that judge the event see it counted already.
    run_isolated(context, plan.metrics, _measure)
    run_isolated(context, plan.streaks, _mark_streak)
    award.apply_earning_rules(context, plan.earning)
    missions.count_missions(context, plan.missions)
    badges.settle_levels_and_badges(context, plan.badges)
    player_activity.note_activity(context)


def _measure(context: EvaluationContext, metric: CompiledMetric) -> None:
    if not listens(context, metric) or not generations.begin_counting(context.state, metric):
        return
    value: Any = metrics.contribution(metric, context.entry)
    if value is not None:
        day = context.clock.day
        context.contributions[metric.key] = value
        metrics.update(context.player, metric, value, day)
        context.outcome.metrics[metric.key] = metrics.value(context.player, metric, "total", day)


def _mark_streak(context: EvaluationContext, streak: CompiledStreak) -> None:
    if not listens(context, streak) or not generations.begin_counting(context.state, streak):
        return
    if streaks.mark_active(context.player, streak, period_ordinal(context.clock.day, streak.every)):
        context.outcome.streaks[streak.key] = streaks.summary(context.state["streaks"][streak.key])
