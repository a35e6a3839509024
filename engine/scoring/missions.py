"""Missions: so many matching events within a period of the player's or the mission's zone; each done once a period."""

from engine.scoring.award import grant
from engine.scoring.evaluation import guarded, matches
from engine.scoring.evaluation_context import Scene, mission_period, progress_of
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.state.calendar import period_id
from engine.scoring.state.series import new_buckets, put_bucket
from engine.vocabulary.outcome import Completion


def step(scene: Scene, missions: list[CompiledRule]) -> None:
    """Count the entry towards every mission that it matches."""
    for rule, is_met in guarded(scene, missions, matches):
        if is_met:
            _count(scene, rule)


def _count(scene: Scene, rule: CompiledRule) -> None:
    period = mission_period(scene, rule)
    progress, is_done = progress_of(scene.player, rule, period)
    if is_done:
        return
    progress += 1
    is_done = progress >= rule.target
    kept = scene.state.setdefault("missions", {}).setdefault(rule.key, new_buckets())
    put_bucket(kept, period, [progress, int(is_done)], rule.retention, scene.player.memory)
    name = period_name(rule, period)
    scene.outcome.missions[rule.key] = {
        "progress": progress,
        "target": rule.target,
        "state": "completed" if is_done else "active",
        "period": name,
    }
    if is_done:
        scene.outcome.completions.append(Completion(rule.key, name, rule.version))
        grant(scene, rule, rule.grant)


def period_name(rule: CompiledRule, period: int) -> str:
    """The name of a period of a mission; empty for a mission without periods."""
    return "" if rule.period == "once" else period_id(period, rule.period)
