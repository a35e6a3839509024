"""Taking back a badge: which of the awards is meant, and what came with it."""

from collections.abc import Sequence
from typing import Any

from engine.kinds.badge import BADGE
from webapp.services.pipeline.apply_now import UnknownPlayerError
from webapp.store.players import player_profiles, player_states
from webapp.store.players.player_profiles import BadgeGrant
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

CAME_WITH_IT = "grant"
"""The member of a revocation's entry with the XP and coins that the award gave: `{"xp": 100, "coins": 40}`."""
KEEP_GRANT = "keep_grant"
PERIODS_NAMED_MAX = 5


class UnknownBadge(LookupError):  # noqa: N818  (it names what is wrong)
    """There is no badge of this key, and there never was one."""


class BadgeNotHeld(Exception):  # noqa: N818  (it names what is wrong)
    """The player does not hold this badge, or not for this period."""


class BadgePeriodMissing(Exception):  # noqa: N818  (it names what is wrong)
    """The badge repeats, so that the revocation has to say which period it means."""


def with_what_came_with_it(conn: Connection, player: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The content of a revocation with what the award gave, unless it says `keep_grant`.

    The caller holds the shard's lock. Raises UnknownPlayerError, UnknownBadge, BadgeNotHeld and BadgePeriodMissing.
    """
    number = player_states.number_of(conn, player)
    if number is None:
        raise UnknownPlayerError(player)
    badge = payload["badge"]
    award = _award_meant(badge, payload.get("period") or "", player_profiles.badge_grants(conn, number, badge), conn)
    grant = {} if payload.get(KEEP_GRANT) else award.grant
    return {**payload, CAME_WITH_IT: grant} if grant else payload


def _award_meant(badge: str, period: str, awards: Sequence[BadgeGrant], conn: Connection) -> BadgeGrant:
    for award in awards:
        if award.period == period:
            return award
    if not awards:
        rule = rule_versions.rule(conn, badge)
        if rule is None or rule.kind != BADGE.key:
            raise UnknownBadge(badge)
        raise BadgeNotHeld(f"the player does not hold {badge}")
    held = _periods(awards)
    if period:
        raise BadgeNotHeld(f"the player does not hold {badge} for {period}, but {held}")
    raise BadgePeriodMissing(f"required: the player holds {badge} {held}")


def _periods(awards: Sequence[BadgeGrant]) -> str:
    """Which awards there are: "for 2026-11-21, 2026-11-20"."""
    periods = [award.period for award in awards if award.period]
    if not periods:
        return "without a period"
    more = f" and {len(periods) - PERIODS_NAMED_MAX} more" if len(periods) > PERIODS_NAMED_MAX else ""
    return f"for {', '.join(periods[:PERIODS_NAMED_MAX])}{more}"
