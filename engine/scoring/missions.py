"""Missions: so many matching events within a period of the player's or the mission's zone; once per period."""

from engine.scoring.award import pay_grant
from engine.scoring.evaluation import matches, run_isolated
from engine.scoring.evaluation_context import EvaluationContext, mission_period, progress_of
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.state.calendar import period_id
from engine.scoring.state.series import new_buckets, put_bucket
from engine.vocabulary.outcome import MissionCompletion


def count_missions(context: EvaluationContext, missions: list[CompiledRule]) -> None:
    """Count the entry towards every mission that it matches."""
    for mission, is_met in run_isolated(context, missions, matches):
        if is_met:
            _count(context, mission)


def _count(context: EvaluationContext, mission: CompiledRule) -> None:
    period = mission_period(context, mission)
    progress, is_done = progress_of(context.player, mission, period)
    if is_done:
        return
    progress += 1
    is_done = progress >= mission.target
    buckets = context.state.setdefault("missions", {}).setdefault(mission.key, new_buckets())
    put_bucket(buckets, period, [progress, int(is_done)], mission.retention, context.player.memory)
    period_name = mission_period_id(mission, period)
    context.outcome.missions[mission.key] = {
        "progress": progress,
        "target": mission.target,
        "state": "completed" if is_done else "active",
        "period": period_name,
    }
    if is_done:
        context.outcome.completions.append(MissionCompletion(mission.key, period_name, mission.version))
        pay_grant(context, mission, mission.grant)


def mission_period_id(mission: CompiledRule, period: int) -> str:
    """The id of a period of a mission; empty for a mission without periods."""
    return "" if mission.period == "once" else period_id(period, mission.period)
