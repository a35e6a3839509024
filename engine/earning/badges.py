"""Badges and levels: each may need the other, so they are judged until nothing changes.

Each badge is given at most once (in its period), so this ends; a cycle of badges is refused at publication.
"""

from engine.earning.award import Gift, amount, grant_of, move
from engine.earning.calendar import ordinal, period_id
from engine.earning.judge import matches, refuse
from engine.earning.ruled import Rule
from engine.earning.scene import Scene
from engine.earning.state import digest
from engine.vocabulary.outcome import BadgeAward, Currency, LevelChange, Reason


def settle(scene: Scene, badges: list[Rule]) -> None:
    """Give levels and badges until nothing changes."""
    waiting = [rule for rule in badges if not _is_out_of_reach(scene, rule)]
    raise_level(scene)
    while waiting:
        scene.facts.forget()
        given = [rule for rule in waiting if _holds_quietly(scene, rule) and _give(scene, rule)]
        if not given:
            break
        waiting = [rule for rule in waiting if rule not in given]
        raise_level(scene)
    scene.facts.forget()


def _is_out_of_reach(scene: Scene, rule: Rule) -> bool:
    """A badge given once and known already, held or revoked, is not judged again."""
    return rule.repeat == "once" and rule.key in scene.state.get("badges", {})


def _holds_quietly(scene: Scene, rule: Rule) -> bool:
    # A second round asks the same rules again: what was refused is noted once.
    noted = len(scene.outcome.not_awarded)
    if matches(scene, rule):
        return True
    fresh = scene.outcome.not_awarded[noted:]
    scene.outcome.not_awarded[noted:] = [each for each in fresh if each not in scene.outcome.not_awarded[:noted]]
    return False


def _give(scene: Scene, rule: Rule) -> bool:
    period = period_of(scene, rule)
    if rule.repeat in {"day", "week", "month"} and not scene.player.memory.add(f"o:{rule.key}", digest(period)):
        if not any(each.rule == rule.key for each in scene.outcome.not_awarded):
            refuse(scene, rule, Reason.ALREADY_HELD)
        return False
    hold(scene, rule.key)
    scene.outcome.badges.append(BadgeAward(rule.key, rule.name, rule.tier, period, rule.version))
    grant_of(scene, rule)
    return True


def period_of(scene: Scene, rule: Rule) -> str:
    """The period that a badge is for: empty for once, the local period, or a count for one that always repeats."""
    if rule.repeat == "once":
        return ""
    if rule.repeat == "always":
        return str(scene.state.get("badges", {}).get(rule.key, 0) + 1)
    return period_id(ordinal(scene.clock.day, rule.repeat), rule.repeat)


def hold(scene: Scene, badge: str) -> None:
    """Count a badge as held once more."""
    held = scene.state.setdefault("badges", {})
    held[badge] = held.get(badge, 0) + 1


def raise_level(scene: Scene) -> None:
    """Set the level to what the XP stands on; each new level reached upwards pays the levels' grant once."""
    levels = scene.book.levels
    if levels is None:
        return
    before = scene.state.get("level", 1)
    after = levels.number(scene.state.get("xp", 0))
    if after == before:
        return
    scene.state["level"] = after
    started = scene.outcome.level.before if scene.outcome.level else before
    scene.outcome.level = LevelChange(started, after, levels.name(after))
    if after > max(before, scene.state.get("top", 1)):
        climbed = after - max(before, scene.state.get("top", 1))
        scene.state["top"] = after
        _pay_levels(scene, climbed)


def _pay_levels(scene: Scene, climbed: int) -> None:
    levels = scene.book.levels
    assert levels is not None
    gift = Gift(_constant(levels.xp), _constant(levels.coins))
    move(scene, Currency.COINS, gift.coins * climbed, levels.key, levels.version)
    if gift.xp:
        move(scene, Currency.XP, gift.xp * climbed, levels.key, levels.version)
        raise_level(scene)


def _constant(written: object) -> int:
    """Levels grant constants only: a formula would have no event to read."""
    return int(written) if isinstance(written, int) else 0


__all__ = ["amount", "hold", "period_of", "raise_level", "settle"]
