"""System entries: grants, revocations, redemptions, freezes, pauses, awards for the past, erasure."""

from collections.abc import Callable
from typing import Any

from engine.scoring import held_badges, seeding, streaks
from engine.scoring.award import LedgerSource, change_balance
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledStreak
from engine.scoring.state import generations
from engine.scoring.state.calendar import day_of_date, period_ordinal
from engine.scoring.state.memory import Player
from engine.scoring.state.series import new_buckets, put_bucket, read_bucket
from engine.vocabulary import entry as entry_types
from engine.vocabulary.outcome import BadgeAward, BadgeRevocation, CouponClaim, Currency, Refusal, RefusalReason

Content = dict[str, Any]


def apply_system_entry(context: EvaluationContext) -> None:
    """Do what a system entry says; a tick or a profile says nothing more than that time has passed."""
    action = _ACTIONS.get(context.entry.type)
    if action is not None:
        action(context, context.entry.properties)


def _grant(context: EvaluationContext, content: Content) -> None:
    """Give XP, coins and a badge by hand; nothing at all if the badge is held for that period already."""
    badge, period = content.get("badge"), _period_named(context, content)
    if badge and held_badges.is_held(context.player, badge, period):
        _refuse(context, badge, RefusalReason.ALREADY_HELD)
        return
    _pay(context, content, None, content.get("reason"))
    if badge:
        _award_badge(context, badge, period, None)


def _period_named(context: EvaluationContext, content: Content) -> str:
    rule = context.book.rules.get(content.get("badge") or "")
    return held_badges.period_named(content, rule, context.entry, context.clock.day)


def _refuse(context: EvaluationContext, key: str, reason: RefusalReason) -> None:
    """Record that a change by hand is not made, whether its rule is in force or not."""
    rule = context.book.rules.get(key) or context.book.streaks.get(key)
    context.outcome.not_awarded.append(Refusal(key, rule.version if rule else 0, reason))


def _pay_history_award(context: EvaluationContext, content: Content) -> None:
    """Pay what a rule would have given for a past event: paid now, dated then, and not to be earned again."""
    source = LedgerSource(content["rule"], content["version"])
    if is_already_given(context.player, content):
        return
    for key in _once_per_keys(content):
        context.player.memory.add(*key)
    grant = content.get("grant") or {}
    if content.get("badge"):
        _award_badge(context, content["badge"], content.get("period") or "", source.version)
    _pay(context, grant, source, None)
    if grant.get("coupon_pool"):
        context.outcome.claims.append(CouponClaim(source.key, source.version, grant["coupon_pool"]))
    _count_towards_cap(context, source.key, grant.get("xp") or 0)


def is_already_given(player: Player, content: Content) -> bool:
    """Whether a player has what an award for the past would give, or had it: a rule never gives again.

    The memory must hold what `preload_for` lists for the entry that pays the award.
    """
    if any(key in player.memory.keys for key in _once_per_keys(content)):
        return True
    badge = content.get("badge") or ""
    return badge != "" and held_badges.was_given(player, badge, content.get("period") or "")


def _once_per_keys(content: Content) -> list[tuple[str, bytes]]:
    return [(name, bytes.fromhex(member)) for name, member in content.get("keys") or ()]


def _count_towards_cap(context: EvaluationContext, key: str, xp: int) -> None:
    rule = context.book.rules.get(key)
    if rule is None or rule.max_xp_per_day is None or not xp:
        return
    day, memory = context.clock.day, context.player.memory
    xp_by_day = context.state.setdefault("caps", {}).setdefault(key, new_buckets())
    paid_that_day = read_bucket(xp_by_day, day, rule.retention.series, memory) or 0
    put_bucket(xp_by_day, day, paid_that_day + xp, rule.retention, memory)


def _pay(context: EvaluationContext, content: Content, source: LedgerSource | None, reason: str | None) -> None:
    for currency in Currency:
        change_balance(context, currency, max(0, content.get(currency) or 0), source, reason)


def _award_badge(context: EvaluationContext, badge: str, period: str, version: int | None) -> None:
    """Award a badge that is not held for the period. `version` is None for a manual award."""
    held_badges.give(context.player, badge, period)
    rule = context.book.rules.get(badge)
    name, tier = (rule.name, rule.tier) if rule else (badge, "bronze")
    context.outcome.badges.append(BadgeAward(badge, name, tier, period, version))


def _revoke(context: EvaluationContext, content: Content) -> None:
    """Take back by counter-entries, never below zero; nothing at all if the badge is not held for that period.

    A badge that is taken back is not given again by its rule. What came with it, the entry's `grant`, goes with it.
    """
    badge, period = content.get("badge"), content.get("period") or ""
    if badge and not held_badges.is_held(context.player, badge, period):
        _refuse(context, badge, RefusalReason.NOT_HELD)
        return
    came_with_it = content.get("grant") or {}
    for currency in Currency:
        wanted = max(0, content.get(currency) or 0) + max(0, came_with_it.get(currency) or 0)
        change_balance(context, currency, -min(wanted, context.state.get(currency, 0)), None, content.get("reason"))
    if badge:
        held_badges.take_back(context.player, badge, period)
        context.outcome.revoked.append(BadgeRevocation(badge, period))


def _redeem(context: EvaluationContext, content: Content) -> None:
    """Spend coins on a reward; a player who has too few spends none."""
    source = LedgerSource(content["reward"], content["version"])
    if context.state.get(Currency.COINS, 0) < content["coins"]:
        refusal = Refusal(source.key, source.version, RefusalReason.INSUFFICIENT_COINS)
        context.outcome.not_awarded.append(refusal)
        return
    change_balance(context, Currency.COINS, -content["coins"], source, content.get("redemption"))


def _refund(context: EvaluationContext, content: Content) -> None:
    """Return the cost of a redemption by a counter-entry."""
    source = LedgerSource(content["reward"], content["version"])
    change_balance(context, Currency.COINS, content["coins"], source, content.get("reason"))


def _give_freezes(context: EvaluationContext, content: Content) -> None:
    for streak in _streaks_named(context, content):
        is_changed = streaks.give_freezes(
            _record(context, streak), streak, content["count"], _present_period(context, streak)
        )
        _report_streak(context, streak, None if is_changed else RefusalReason.LIMIT_REACHED)


def _pause(context: EvaluationContext, content: Content) -> None:
    for streak in _streaks_named(context, content):
        first = period_ordinal(day_of_date(content["from"]), streak.every)
        last = period_ordinal(day_of_date(content["to"]), streak.every)
        record, period = _record(context, streak), _present_period(context, streak)
        is_paused = streaks.pause(context.player, record, streak, (first, last), period)
        _report_streak(context, streak, None if is_paused else RefusalReason.LIMIT_REACHED)


def _restore(context: EvaluationContext, content: Content) -> None:
    for streak in _streaks_named(context, content):
        record, period = _record(context, streak), _present_period(context, streak)
        is_restored = streaks.restore(context.player, record, streak, period)
        _report_streak(context, streak, None if is_restored else RefusalReason.NOT_BROKEN)


def _present_period(context: EvaluationContext, streak: CompiledStreak) -> int:
    return period_ordinal(context.clock.day, streak.every)


def _record(context: EvaluationContext, streak: CompiledStreak) -> streaks.Record:
    """The player's record, even if an older one awaits its recount: that will see this entry, too."""
    generations.begin_counting(context.state, streak)
    return streaks.record_for(context.player, streak)


def _streaks_named(context: EvaluationContext, content: Content) -> list[CompiledStreak]:
    """The streak that is named, or all of them if none is."""
    key = content.get("streak")
    return [streak for streak in context.book.streaks.values() if key in (None, streak.key)]


def _report_streak(context: EvaluationContext, streak: CompiledStreak, refusal: RefusalReason | None) -> None:
    """Report a streak as it is now, or why the change was not made."""
    if refusal is not None:
        _refuse(context, streak.key, refusal)
        return
    record = context.state["streaks"][streak.key]
    current, _, _ = streaks.status_at(record, _present_period(context, streak))
    context.outcome.streaks[streak.key] = {**streaks.summary(record), "current": current}


def _erase(context: EvaluationContext, _: Content) -> None:
    """Forget who the player was; what was earned and counted stays, so that totals stay true."""
    for name in ("attributes", "tz", "seg"):
        context.state.pop(name, None)


_ACTIONS: dict[str, Callable[[EvaluationContext, Content], None]] = {
    entry_types.GRANT: _grant,
    entry_types.HISTORY_AWARD: _pay_history_award,
    entry_types.REVOCATION: _revoke,
    entry_types.STREAK_FREEZE: _give_freezes,
    entry_types.STREAK_PAUSE: _pause,
    entry_types.STREAK_RESTORATION: _restore,
    entry_types.REDEMPTION: _redeem,
    entry_types.REFUND: _refund,
    entry_types.ERASURE: _erase,
    entry_types.SEEDED: seeding.apply_seeded,
}
