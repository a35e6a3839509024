"""Badges and levels: each may depend on the other, so they are judged until nothing changes.

Each badge is given at most once (in its period), so this ends; a cycle of badges is refused at publication.
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
    period = period_of(context, badge)
    if period and badge.repeat != "always":
        context.player.memory.add(*period_key(badge, period))
    count_badge(context, badge.key)
    context.outcome.badges.append(BadgeAward(badge.key, badge.name, badge.tier, period, badge.version))
    pay_grant(context, badge, badge.grant)


def is_open(context: EvaluationContext, badge: CompiledRule) -> bool:
    """Whether a badge can be given: not if it is held for the period already, nor if it was taken back."""
    if badge.repeat == "once":
        return badge.key not in context.state.get("badges", {})
    if badge.repeat == "always":
        return True
    return period_key(badge, period_of(context, badge)) not in context.player.memory.keys


def period_key(badge: CompiledRule, period: str) -> tuple[str, bytes]:
    """The member of the player's sets that records that a repeating badge was earned in a period."""
    return f"g:{badge.key}", digest(period)


def period_of(context: EvaluationContext, badge: CompiledRule) -> str:
    """The period a badge is given for: empty for once, the local period, or the event if it always repeats."""
    if badge.repeat == "once":
        return ""
    if badge.repeat == "always":
        return f"{context.entry.app}/{context.entry.event_id}"
    return period_id(period_ordinal(context.clock.day, badge.repeat), badge.repeat)


def count_badge(context: EvaluationContext, badge: str) -> None:
    """Count a badge as held once more."""
    counts = context.state.setdefault("badges", {})
    counts[badge] = counts.get(badge, 0) + 1


def _update_level(context: EvaluationContext) -> None:
    """Set the level that the XP reaches; a level reached for the first time pays its grants, once."""
    levels = context.book.levels
    if levels is None:
        return
    state = context.state
    before = state.get("level", 1)
    after = levels.level_at(state.get("xp", 0))
    if after == before:
        return
    state["level"] = after
    # An entry may change the level several times; the outcome reports one change from where it began.
    initial = context.outcome.level.before if context.outcome.level else before
    context.outcome.level = LevelChange(initial, after, levels.name_of(after)) if after != initial else None
    highest_paid = max(before, state.get("top", 1))
    if after > highest_paid:
        state["top"] = after
        source = LedgerSource(levels.key, levels.version)
        for level in range(highest_paid + 1, after + 1):
            for grant in levels.grants_for(level):
                pay_grant(context, source, grant)
        _update_level(context)  # the grants may have brought enough XP for another level
