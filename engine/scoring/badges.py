"""Badges and levels: each may need the other, so they are judged until nothing changes.

Each badge is given at most once (in its period), so this ends; a circle of badges is refused at publication.
"""

from engine.scoring.award import Payer, grant
from engine.scoring.evaluation import guarded, matches
from engine.scoring.evaluation_context import Scene
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.state.calendar import ordinal, period_id
from engine.scoring.state.player_state import digest
from engine.vocabulary.outcome import BadgeAward, LevelChange


def settle(scene: Scene, badges: list[CompiledRule]) -> None:
    """Give levels and badges until nothing changes."""
    waiting = [rule for rule in badges if _is_open(scene, rule)]
    _level(scene)
    while waiting:
        met = [rule for rule, is_met in guarded(scene, waiting, matches) if is_met]
        if not met:
            return
        for rule in met:
            _give(scene, rule)
        _level(scene)
        done = {rule.key for rule in met} | {fault.rule for fault in scene.outcome.faults}
        waiting = [rule for rule in waiting if rule.key not in done]


def _give(scene: Scene, rule: CompiledRule) -> None:
    period = period_of(scene, rule)
    if period and rule.repeat != "always":
        scene.player.memory.add(*period_key(rule, period))
    hold(scene, rule.key)
    scene.outcome.badges.append(BadgeAward(rule.key, rule.name, rule.tier, period, rule.version))
    grant(scene, rule, rule.grant)


def _is_open(scene: Scene, rule: CompiledRule) -> bool:
    """Whether there is anything to judge: not where the badge is held for the period, nor where it was taken back."""
    if rule.repeat == "once":
        return rule.key not in scene.state.get("badges", {})
    return rule.repeat == "always" or period_key(rule, period_of(scene, rule)) not in scene.player.memory.keys


def period_key(rule: CompiledRule, period: str) -> tuple[str, bytes]:
    """The member of the player's sets that says that a repeating badge was earned in a period."""
    return f"g:{rule.key}", digest(period)


def period_of(scene: Scene, rule: CompiledRule) -> str:
    """The period that a badge is for: empty for once, the local period, or the event for one that always repeats."""
    if rule.repeat == "once":
        return ""
    if rule.repeat == "always":
        return f"{scene.entry.app}/{scene.entry.event_id}"
    return period_id(ordinal(scene.clock.day, rule.repeat), rule.repeat)


def hold(scene: Scene, badge: str) -> None:
    """Count a badge as held once more."""
    held = scene.state.setdefault("badges", {})
    held[badge] = held.get(badge, 0) + 1


def _level(scene: Scene) -> None:
    """Set the level to what the XP stands on; a level reached for the first time pays what it grants, once."""
    levels = scene.book.levels
    if levels is None:
        return
    state = scene.state
    before = state.get("level", 1)
    after = levels.level_at(state.get("xp", 0))
    if after == before:
        return
    state["level"] = after
    started = scene.outcome.level.before if scene.outcome.level else before
    scene.outcome.level = LevelChange(started, after, levels.name_of(after)) if after != started else None
    top = max(before, state.get("top", 1))
    if after > top:
        state["top"] = after
        payer = Payer(levels.key, levels.version)
        for number in range(top + 1, after + 1):
            for granted in levels.grants_for(number):
                grant(scene, payer, granted)
        _level(scene)
