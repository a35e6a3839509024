"""Entries of our own: profiles, grants, revocations, freezes, pauses, awards for the past."""

from typing import Any

from engine.earning import badges, rank, streaks
from engine.earning.award import move
from engine.earning.calendar import day_of_date, ordinal
from engine.earning.scene import Scene
from engine.earning.state import State
from engine.vocabulary import entry as kinds
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import BadgeAward, BadgeRevocation, Currency

BY_HAND = "by hand"


def take_profile(state: State, entry: Entry) -> None:
    """Set the zone and merge attributes by key; null removes. A PUT replaces all attributes it names none of."""
    zone, attributes = entry.timezone, entry.attributes
    if entry.type == kinds.PROFILE:
        zone, attributes = entry.properties.get("timezone"), entry.properties.get("attributes")
    if zone is not None:
        state["tz"] = zone
    if attributes:
        merged = {**state.get("attributes", {}), **attributes}
        kept = {name: value for name, value in merged.items() if value is not None}
        if kept:
            state["attributes"] = kept
        else:
            state.pop("attributes", None)


def apply(scene: Scene) -> None:
    """Do what an entry of our own says; levels and badges follow as always."""
    content = scene.entry.properties
    match scene.entry.type:
        case kinds.GRANT:
            _give(scene, content, BY_HAND, None)
        case kinds.HISTORY_AWARD:
            _give(scene, content, content["rule"], content["version"])
        case kinds.REVOCATION:
            _take(scene, content)
        case kinds.STREAK_FREEZE:
            _freeze(scene, content)
        case kinds.STREAK_PAUSE:
            _pause(scene, content)
        case kinds.ERASURE:
            scene.state.pop("attributes", None)
            scene.state.pop("tz", None)
        case _:
            return  # a tick or a profile: time has passed and the profile is taken already
    badges.settle(scene, scene.book.plan(scene.entry.type).badges)
    rank.rank(scene, {})


def _give(scene: Scene, content: dict[str, Any], rule: str, version: int | None) -> None:
    reason = content.get("reason")
    move(scene, Currency.XP, content.get("xp") or 0, rule, version, reason)
    move(scene, Currency.COINS, content.get("coins") or 0, rule, version, reason)
    badge = content.get("badge")
    if badge is None or scene.state.get("badges", {}).get(badge):
        return
    known = scene.book.rules.get(badge)
    scene.state.setdefault("badges", {})[badge] = 1
    name, tier = (known.name, known.tier) if known else (badge, "bronze")
    scene.outcome.badges.append(BadgeAward(badge, name, tier, content.get("period") or "", version))


def _take(scene: Scene, content: dict[str, Any]) -> None:
    """Take back by counter-entries, never below zero; a badge taken back is not given again by its rule."""
    for currency in Currency:
        taken = min(content.get(str(currency)) or 0, scene.state.get(str(currency), 0))
        move(scene, currency, -taken, BY_HAND, None, content.get("reason"))
    badge = content.get("badge")
    if badge is not None and scene.state.get("badges", {}).get(badge):
        scene.state["badges"][badge] = 0
        scene.outcome.revoked.append(BadgeRevocation(badge, content.get("period") or ""))


def _freeze(scene: Scene, content: dict[str, Any]) -> None:
    streak = scene.book.streaks.get(content["streak"])
    if streak is not None:
        record = streaks.record_of(scene.player, streak)
        record["freezes"] = min(streak.most, record["freezes"] + content["count"])


def _pause(scene: Scene, content: dict[str, Any]) -> None:
    streak = scene.book.streaks.get(content["streak"])
    if streak is not None:
        first, last = (ordinal(day_of_date(content[name]), streak.every) for name in ("from", "to"))
        streaks.add_pause(streaks.record_of(scene.player, streak), first, last)
