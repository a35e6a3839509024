"""Missions: so many matching events within a period of the player's or the mission's zone; each done once a period."""

from engine.scoring.award import pay_grant
from engine.scoring.evaluation import matches, run_isolated
from engine.scoring.evaluation_context import EvaluationContext, mission_period, progress_of
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.state.calendar import period_id
from engine.scoring.state.series import new_buckets, put_bucket
from engine.vocabulary.outcome import MissionCompletion


def count_missions(context: EvaluationContext, missions: list[CompiledRule]) -> None:
    """Count the entry towards every mission that it matches."""
    for rule, is_met in run_isolated(context, missions, matches):
        if is_met:
            _count(context, rule)


def _count(context: EvaluationContext, rule: CompiledRule) -> None:
    period = mission_period(context, rule)
    progress, is_done = progress_of(context.player, rule, period)
    if is_done:
        return
    progress += 1
    is_done = progress >= rule.target
    kept = context.state.setdefault("missions", {}).setdefault(rule.key, new_buckets())
    put_bucket(kept, period, [progress, int(is_done)], rule.retention, context.player.memory)
    name = mission_period_id(rule, period)
    context.outcome.missions[rule.key] = {
        "progress": progress,
        "target": rule.target,
        "state": "completed" if is_done else "active",
        "period": name,
    }
    if is_done:
        context.outcome.completions.append(MissionCompletion(rule.key, name, rule.version))
        pay_grant(context, rule, rule.grant)


def mission_period_id(rule: CompiledRule, period: int) -> str:
    """The name of a period of a mission; empty for a mission without periods."""
    return "" if rule.period == "once" else period_id(period, rule.period)
