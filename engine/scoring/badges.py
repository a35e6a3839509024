"""Badges and levels: each may need the other, so they are judged until nothing changes.

Each badge is given at most once (in its period), so this ends; a circle of badges is refused at publication.
"""

from engine.scoring.award import LedgerSource, pay_grant
from engine.scoring.evaluation import matches, run_isolated
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.state.calendar import period_id, period_ordinal
from engine.scoring.state.player_state import digest
from engine.vocabulary.outcome import BadgeAward, LevelChange


def settle_levels_and_badges(context: EvaluationContext, badges: list[CompiledRule]) -> None:
    """Give levels and badges until nothing changes."""
    waiting = [rule for rule in badges if _is_open(context, rule)]
    _level(context)
    while waiting:
        met = [rule for rule, is_met in run_isolated(context, waiting, matches) if is_met]
        if not met:
            return
        for rule in met:
            _give(context, rule)
        _level(context)
        done = {rule.key for rule in met} | {fault.rule for fault in context.outcome.faults}
        waiting = [rule for rule in waiting if rule.key not in done]


def _give(context: EvaluationContext, rule: CompiledRule) -> None:
    period = period_of(context, rule)
    if period and rule.repeat != "always":
        context.player.memory.add(*period_key(rule, period))
    count_badge(context, rule.key)
    context.outcome.badges.append(BadgeAward(rule.key, rule.name, rule.tier, period, rule.version))
    pay_grant(context, rule, rule.grant)


def _is_open(context: EvaluationContext, rule: CompiledRule) -> bool:
    """Whether there is anything to judge: not where the badge is held for the period, nor where it was taken back."""
    if rule.repeat == "once":
        return rule.key not in context.state.get("badges", {})
    return rule.repeat == "always" or period_key(rule, period_of(context, rule)) not in context.player.memory.keys


def period_key(rule: CompiledRule, period: str) -> tuple[str, bytes]:
    """The member of the player's sets that says that a repeating badge was earned in a period."""
    return f"g:{rule.key}", digest(period)


def period_of(context: EvaluationContext, rule: CompiledRule) -> str:
    """The period that a badge is for: empty for once, the local period, or the event for one that always repeats."""
    if rule.repeat == "once":
        return ""
    if rule.repeat == "always":
        return f"{context.entry.app}/{context.entry.event_id}"
    return period_id(period_ordinal(context.clock.day, rule.repeat), rule.repeat)


def count_badge(context: EvaluationContext, badge: str) -> None:
    """Count a badge as held once more."""
    held = context.state.setdefault("badges", {})
    held[badge] = held.get(badge, 0) + 1


def _level(context: EvaluationContext) -> None:
    """Set the level to what the XP stands on; a level reached for the first time pays what it grants, once."""
    levels = context.book.levels
    if levels is None:
        return
    state = context.state
    before = state.get("level", 1)
    after = levels.level_at(state.get("xp", 0))
    if after == before:
        return
    state["level"] = after
    started = context.outcome.level.before if context.outcome.level else before
    context.outcome.level = LevelChange(started, after, levels.name_of(after)) if after != started else None
    top = max(before, state.get("top", 1))
    if after > top:
        state["top"] = after
        payer = LedgerSource(levels.key, levels.version)
        for number in range(top + 1, after + 1):
            for granted in levels.grants_for(number):
                pay_grant(context, payer, granted)
        _level(context)
