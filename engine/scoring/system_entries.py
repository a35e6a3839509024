"""Entries of our own: grants, revocations, redemptions, freezes, pauses, awards for the past, erasure."""

from collections.abc import Callable
from typing import Any

from engine.scoring import seeding, streaks
from engine.scoring.award import LedgerSource, change_balance
from engine.scoring.badges import count_badge
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledStreak
from engine.scoring.state import generations
from engine.scoring.state.calendar import day_of_date, period_ordinal
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import new_buckets, put_bucket, read_bucket
from engine.vocabulary import entry as kinds
from engine.vocabulary.outcome import BadgeAward, BadgeRevocation, CouponClaim, Currency, Refusal, RefusalReason

Content = dict[str, Any]


def apply_system_entry(context: EvaluationContext) -> None:
    """Do what an entry of our own says; a tick or a profile says nothing more than that time has passed."""
    act = _ACTS.get(context.entry.type)
    if act is not None:
        act(context, context.entry.properties)


def _grant(context: EvaluationContext, content: Content) -> None:
    _pay(context, content, None, content.get("reason"))
    if content.get("badge"):
        _award(context, content["badge"], content.get("period") or "", None)


def _history_award(context: EvaluationContext, content: Content) -> None:
    """What a rule would have given for an event of the past: paid now, dated then, and not to be earned again."""
    payer = LedgerSource(content["rule"], content["version"])
    keys = [(name, bytes.fromhex(member)) for name, member in content.get("keys") or ()]
    if any(key in context.player.memory.keys for key in keys):
        return
    for key in keys:
        context.player.memory.add(*key)
    granted = content.get("grant") or {}
    if content.get("badge") and not _award(context, content["badge"], content.get("period") or "", payer.version):
        return
    _pay(context, granted, payer, None)
    if granted.get("coupon_pool"):
        context.outcome.claims.append(CouponClaim(payer.key, payer.version, granted["coupon_pool"]))
    _note_cap(context, payer.key, granted.get("xp") or 0)


def _note_cap(context: EvaluationContext, key: str, xp: int) -> None:
    rule = context.book.rules.get(key)
    if rule is None or rule.max_xp_per_day is None or not xp:
        return
    days = context.state.setdefault("caps", {}).setdefault(key, new_buckets())
    given = read_bucket(days, context.clock.day, rule.retention.series, context.player.memory) or 0
    put_bucket(days, context.clock.day, given + xp, rule.retention, context.player.memory)


def _pay(context: EvaluationContext, content: Content, payer: LedgerSource | None, reason: str | None) -> None:
    for currency in Currency:
        change_balance(context, currency, max(0, content.get(currency) or 0), payer, reason)


def _award(context: EvaluationContext, badge: str, period: str, version: int | None) -> bool:
    rule = context.book.rules.get(badge)
    held = context.state.get("badges", {}).get(badge)
    if period:
        if not context.player.memory.add(f"g:{badge}", digest(period)):
            return False
    elif held or (held is not None and version is not None):  # a rule gives nothing again that was taken back
        return False
    count_badge(context, badge)
    name, tier = (rule.name, rule.tier) if rule else (badge, "bronze")
    context.outcome.badges.append(BadgeAward(badge, name, tier, period, version))
    return True


def _revoke(context: EvaluationContext, content: Content) -> None:
    """Take back by counter-entries, never below zero; a badge taken back is not given again by its rule."""
    for currency in Currency:
        taken = min(max(0, content.get(currency) or 0), context.state.get(currency, 0))
        change_balance(context, currency, -taken, None, content.get("reason"))
    badge = content.get("badge")
    held = context.state.get("badges", {}).get(badge)
    if badge and held:
        context.state["badges"][badge] = held - 1
        context.outcome.revoked.append(BadgeRevocation(badge, content.get("period") or ""))


def _redeem(context: EvaluationContext, content: Content) -> None:
    """Spend coins on a reward; whoever has too few spends none."""
    payer = LedgerSource(content["reward"], content["version"])
    if context.state.get(Currency.COINS, 0) < content["coins"]:
        context.outcome.not_awarded.append(Refusal(payer.key, payer.version, RefusalReason.INSUFFICIENT_COINS))
        return
    change_balance(context, Currency.COINS, -content["coins"], payer, content.get("redemption"))


def _refund(context: EvaluationContext, content: Content) -> None:
    """Give back by a counter-entry what a redemption cost."""
    change_balance(
        context,
        Currency.COINS,
        content["coins"],
        LedgerSource(content["reward"], content["version"]),
        content.get("reason"),
    )


def _freeze(context: EvaluationContext, content: Content) -> None:
    for streak in _named(context, content):
        record = _record(context, streak)
        record["freezes"] = max(record["freezes"], min(streak.max_freezes, record["freezes"] + content["count"]))
        _tell(context, streak.key)


def _pause(context: EvaluationContext, content: Content) -> None:
    for streak in _named(context, content):
        first, last = (period_ordinal(day_of_date(content[name]), streak.every) for name in ("from", "to"))
        streaks.add_pause(_record(context, streak), first, last)
        _tell(context, streak.key)


def _record(context: EvaluationContext, streak: CompiledStreak) -> streaks.Record:
    """The player's record, also where an older one awaits its recount: that will see this entry too."""
    generations.begin_counting(context.state, streak)
    return streaks.record_for(context.player, streak)


def _named(context: EvaluationContext, content: Content) -> list[Any]:
    """The streak that is named, or all of them where none is."""
    key = content.get("streak")
    return [streak for streak in context.book.streaks.values() if key in (None, streak.key)]


def _tell(context: EvaluationContext, key: str) -> None:
    context.outcome.streaks[key] = streaks.summary(context.state["streaks"][key])


def _erase(context: EvaluationContext, _: Content) -> None:
    """Forget who the player was; what was earned and counted stays, so that totals stay true."""
    for name in ("attributes", "tz", "seg"):
        context.state.pop(name, None)


_ACTS: dict[str, Callable[[EvaluationContext, Content], None]] = {
    kinds.GRANT: _grant,
    kinds.HISTORY_AWARD: _history_award,
    kinds.REVOCATION: _revoke,
    kinds.STREAK_FREEZE: _freeze,
    kinds.STREAK_PAUSE: _pause,
    kinds.REDEMPTION: _redeem,
    kinds.REFUND: _refund,
    kinds.ERASURE: _erase,
    kinds.SEEDED: seeding.apply_seeded,
}
