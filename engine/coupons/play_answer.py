"""What a player is told of a play, and from when on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.coupons.game import Game
from engine.coupons.play import QUEUED, WON
from engine.vocabulary.moment import rfc3339


@dataclass(frozen=True, slots=True)
class Prize:
    """The coupon of a play that won; `expires_at` in µs, None for never."""

    code: str
    brand: str
    expires_at: int | None


def shown_from(game: Game, received_at: int) -> int:
    """The moment (µs) at which the reel ends: an outcome is pushed no earlier."""
    return received_at + game.reel


def answer(
    play_id: str, outcome: str, reason: str | None, prize: Prize | None, decided_at: int | None
) -> Mapping[str, Any]:
    """The body of `GET /v1/plays/{play_id}`; a play without an outcome is `queued` and tells nothing else."""
    if outcome == QUEUED:
        return {"play_id": play_id, "status": QUEUED, "reason": None, "coupon": None, "decided_at": None}
    coupon = None
    if outcome == WON:
        assert prize is not None, "a win is told only with its coupon"
        expires = None if prize.expires_at is None else rfc3339(prize.expires_at)
        coupon = {"code": prize.code, "brand": prize.brand, "expires_at": expires}
    decided = None if decided_at is None else rfc3339(decided_at)
    return {"play_id": play_id, "status": outcome, "reason": reason, "coupon": coupon, "decided_at": decided}
