"""Which badges a player holds, for which periods, and which were taken back: the one place that reads or changes it.

`state.badges` says for each badge how often it is held (0: it was taken back). A badge that repeats is held for
periods; `state.periods` says for how many, and the rest of the count is the award that has none. Beside the document,
the set `g:BADGE` has every period for which the badge was ever given, and `x:BADGE` those for which it is taken back.
"""

from typing import Any

from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.state.calendar import period_id, period_ordinal
from engine.scoring.state.memory import Player
from engine.scoring.state.player_state import digest
from engine.vocabulary.entry import GRANT, Entry

ONCE, ALWAYS = "once", "always"


def period_for(badge: CompiledRule, entry: Entry, day: int) -> str:
    """The period for which an entry on this day earns a badge: empty for once, the entry if it always repeats."""
    if badge.repeat == ONCE:
        return ""
    if badge.repeat == ALWAYS:
        # Ids of system entries can name the player, who may be erased; those of events are the app's.
        return f"{entry.app}/{entry.event_id if entry.is_event else entry.seq}"
    return period_id(period_ordinal(day, badge.repeat), badge.repeat)


def period_named(content: dict[str, Any], badge: CompiledRule | None, entry: Entry, day: int) -> str:
    """The period that a system entry about a badge means; a grant that names none means the one that it falls in."""
    period: str = content.get("period") or ""
    if not period and entry.type == GRANT and badge is not None:
        return period_for(badge, entry, day)
    return period


def given_key(badge: str, period: str) -> tuple[str, bytes]:
    """The member of the player's sets that records that a badge was ever given for a period."""
    return f"g:{badge}", digest(period)


def taken_back_key(badge: str, period: str) -> tuple[str, bytes]:
    """The member of the player's sets that records that a badge is taken back for a period."""
    return f"x:{badge}", digest(period)


def was_given(player: Player, badge: str, period: str) -> bool:
    """Whether a badge was ever given for a period, held still or not: then no rule gives it again."""
    if not period:
        return badge in player.state.get("badges", {})
    return given_key(badge, period) in player.memory.keys


def is_held(player: Player, badge: str, period: str) -> bool:
    """Whether the player holds a badge for a period; an empty period is the award without one."""
    if not period:
        state = player.state
        return bool(state.get("badges", {}).get(badge, 0) > state.get("periods", {}).get(badge, 0))
    keys = player.memory.keys
    return given_key(badge, period) in keys and taken_back_key(badge, period) not in keys


def give(player: Player, badge: str, period: str) -> None:
    """Give a badge that is not held for the period."""
    _count(player, "badges", badge, 1)
    if period:
        _count(player, "periods", badge, 1)
        player.memory.add(*given_key(badge, period))
        player.memory.remove(*taken_back_key(badge, period))


def take_back(player: Player, badge: str, period: str) -> None:
    """Take back a badge that is held for the period."""
    _count(player, "badges", badge, -1)
    if period:
        _count(player, "periods", badge, -1)
        player.memory.add(*taken_back_key(badge, period))


def _count(player: Player, section: str, badge: str, change: int) -> None:
    counts = player.state.setdefault(section, {})
    counts[badge] = max(0, counts.get(badge, 0) + change)
