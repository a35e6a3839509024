"""Badges and levels: each may depend on the other, so they are judged until nothing changes.

Each badge is given at most once (in its period), so this ends; a cycle of badges is refused at publication.
"""

from engine.scoring import held_badges, level_grants
from engine.scoring.award import LedgerSource, pay_grant
from engine.scoring.evaluation import matches, run_isolated
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.vocabulary.outcome import BadgeAward, LevelChange


def settle_levels_and_badges(context: EvaluationContext, badges: list[CompiledRule]) -> None:
    """Give levels and badges until nothing changes."""
    open_badges = [badge for badge in badges if is_open(context, badge)]
    _update_level(context)
    while open_badges:
        matching = [badge for badge, is_met in run_isolated(context, open_badges, matches) if is_met]
        if not matching:
            return
        for badge in matching:
            _give(context, badge)
        _update_level(context)
        # A badge that broke would only break again.
        done = {badge.key for badge in matching} | {fault.rule for fault in context.outcome.faults}
        open_badges = [badge for badge in open_badges if badge.key not in done]


def _give(context: EvaluationContext, badge: CompiledRule) -> None:
    period = held_badges.period_for(badge, context.entry, context.clock.day)
    held_badges.give(context.player, badge.key, period)
    context.outcome.badges.append(BadgeAward(badge.key, badge.name, badge.tier, period, badge.version))
    pay_grant(context, badge, badge.grant)


def is_open(context: EvaluationContext, badge: CompiledRule) -> bool:
    """Whether a badge can be given: not if it is held for the period already, nor if it was taken back."""
    if badge.repeat == held_badges.ALWAYS:
        return True  # every entry is a period of its own
    period = held_badges.period_for(badge, context.entry, context.clock.day)
    return not held_badges.was_given(context.player, badge.key, period)


def _update_level(context: EvaluationContext) -> None:
    """Set the level that the XP reaches; a level reached for the first time pays its grants, once."""
    levels = context.book.levels
    if levels is None:
        return
    state = context.state
    before = state.get("level", 1)
    after = levels.level_at(state.get("xp", 0))
    if after == before and not levels.was_renumbered:
        return
    newly_reached = level_grants.newly_reached(state, levels, after)
    if after != before:
        # An entry may change the level several times; the outcome reports one change from where it began.
        initial = context.outcome.level.before if context.outcome.level else before
        context.outcome.level = LevelChange(initial, after, levels.name_of(after)) if after != initial else None
    source = LedgerSource(levels.key, levels.version)
    for level in newly_reached:
        for grant in levels.grants_for(level):
            pay_grant(context, source, grant)
    if newly_reached:
        _update_level(context)  # the grants may have brought enough XP for another level
