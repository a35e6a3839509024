"""Entries of our own: grants, revocations, redemptions, freezes, pauses, awards for the past, erasure."""

from collections.abc import Callable
from typing import Any

from engine.scoring import seeding, streaks
from engine.scoring.award import Payer, move
from engine.scoring.badges import hold
from engine.scoring.evaluation_context import Scene
from engine.scoring.rulebook.compiled_rules import CompiledStreak
from engine.scoring.state import generations
from engine.scoring.state.calendar import day_of_date, ordinal
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import new_buckets, put_bucket, read_bucket
from engine.vocabulary import entry as kinds
from engine.vocabulary.outcome import BadgeAward, BadgeRevocation, Claim, Currency, Reason, Refusal

Content = dict[str, Any]


def apply(scene: Scene) -> None:
    """Do what an entry of our own says; a tick or a profile says nothing more than that time has passed."""
    act = _ACTS.get(scene.entry.type)
    if act is not None:
        act(scene, scene.entry.properties)


def _grant(scene: Scene, content: Content) -> None:
    _pay(scene, content, None, content.get("reason"))
    if content.get("badge"):
        _award(scene, content["badge"], content.get("period") or "", None)


def _history_award(scene: Scene, content: Content) -> None:
    """What a rule would have given for an event of the past: paid now, dated then, and not to be earned again."""
    payer = Payer(content["rule"], content["version"])
    keys = [(name, bytes.fromhex(member)) for name, member in content.get("keys") or ()]
    if any(key in scene.player.memory.keys for key in keys):
        return
    for key in keys:
        scene.player.memory.add(*key)
    granted = content.get("grant") or {}
    if content.get("badge") and not _award(scene, content["badge"], content.get("period") or "", payer.version):
        return
    _pay(scene, granted, payer, None)
    if granted.get("coupon_pool"):
        scene.outcome.claims.append(Claim(payer.key, payer.version, granted["coupon_pool"]))
    _note_cap(scene, payer.key, granted.get("xp") or 0)


def _note_cap(scene: Scene, key: str, xp: int) -> None:
    rule = scene.book.rules.get(key)
    if rule is None or rule.max_xp_per_day is None or not xp:
        return
    days = scene.state.setdefault("caps", {}).setdefault(key, new_buckets())
    given = read_bucket(days, scene.clock.day, rule.retention.series, scene.player.memory) or 0
    put_bucket(days, scene.clock.day, given + xp, rule.retention, scene.player.memory)


def _pay(scene: Scene, content: Content, payer: Payer | None, reason: str | None) -> None:
    for currency in Currency:
        move(scene, currency, max(0, content.get(currency) or 0), payer, reason)


def _award(scene: Scene, badge: str, period: str, version: int | None) -> bool:
    rule = scene.book.rules.get(badge)
    held = scene.state.get("badges", {}).get(badge)
    if period:
        if not scene.player.memory.add(f"g:{badge}", digest(period)):
            return False
    elif held or (held is not None and version is not None):  # a rule gives nothing again that was taken back
        return False
    hold(scene, badge)
    name, tier = (rule.name, rule.tier) if rule else (badge, "bronze")
    scene.outcome.badges.append(BadgeAward(badge, name, tier, period, version))
    return True


def _revoke(scene: Scene, content: Content) -> None:
    """Take back by counter-entries, never below zero; a badge taken back is not given again by its rule."""
    for currency in Currency:
        taken = min(max(0, content.get(currency) or 0), scene.state.get(currency, 0))
        move(scene, currency, -taken, None, content.get("reason"))
    badge = content.get("badge")
    held = scene.state.get("badges", {}).get(badge)
    if badge and held:
        scene.state["badges"][badge] = held - 1
        scene.outcome.revoked.append(BadgeRevocation(badge, content.get("period") or ""))


def _redeem(scene: Scene, content: Content) -> None:
    """Spend coins on a reward; whoever has too few spends none."""
    payer = Payer(content["reward"], content["version"])
    if scene.state.get(Currency.COINS, 0) < content["coins"]:
        scene.outcome.not_awarded.append(Refusal(payer.key, payer.version, Reason.INSUFFICIENT_COINS))
        return
    move(scene, Currency.COINS, -content["coins"], payer, content.get("redemption"))


def _refund(scene: Scene, content: Content) -> None:
    """Give back by a counter-entry what a redemption cost."""
    move(scene, Currency.COINS, content["coins"], Payer(content["reward"], content["version"]), content.get("reason"))


def _freeze(scene: Scene, content: Content) -> None:
    for streak in _named(scene, content):
        record = _record(scene, streak)
        record["freezes"] = max(record["freezes"], min(streak.max_freezes, record["freezes"] + content["count"]))
        _tell(scene, streak.key)


def _pause(scene: Scene, content: Content) -> None:
    for streak in _named(scene, content):
        first, last = (ordinal(day_of_date(content[name]), streak.every) for name in ("from", "to"))
        streaks.add_pause(_record(scene, streak), first, last)
        _tell(scene, streak.key)


def _record(scene: Scene, streak: CompiledStreak) -> streaks.Record:
    """The player's record, also where an older one awaits its recount: that will see this entry too."""
    generations.begin(scene.state, streak)
    return streaks.record_of(scene.player, streak)


def _named(scene: Scene, content: Content) -> list[Any]:
    """The streak that is named, or all of them where none is."""
    key = content.get("streak")
    return [streak for streak in scene.book.streaks.values() if key in (None, streak.key)]


def _tell(scene: Scene, key: str) -> None:
    scene.outcome.streaks[key] = streaks.told(scene.state["streaks"][key])


def _erase(scene: Scene, _: Content) -> None:
    """Forget who the player was; what was earned and counted stays, so that totals stay true."""
    for name in ("attributes", "tz", "seg"):
        scene.state.pop(name, None)


_ACTS: dict[str, Callable[[Scene, Content], None]] = {
    kinds.GRANT: _grant,
    kinds.HISTORY_AWARD: _history_award,
    kinds.REVOCATION: _revoke,
    kinds.STREAK_FREEZE: _freeze,
    kinds.STREAK_PAUSE: _pause,
    kinds.REDEMPTION: _redeem,
    kinds.REFUND: _refund,
    kinds.ERASURE: _erase,
    kinds.SEEDED: seeding.replace,
}
