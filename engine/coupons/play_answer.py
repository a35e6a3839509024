"""What a player learns about a play, and from when on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.coupons.game import Game
from engine.coupons.play import QUEUED, WON
from engine.vocabulary.moment import rfc3339


@dataclass(frozen=True, slots=True)
class WonCoupon:
    """The coupon of a play that won; `expires_at` in µs, None for never."""

    code: str
    brand: str
    expires_at: int | None


def shown_from(game: Game, received_at: int) -> int:
    """The moment (µs) at which the reel ends: an outcome is pushed no earlier."""
    return received_at + game.reel


def play_answer_body(
    play_id: str, outcome: str, reason: str | None, coupon: WonCoupon | None, decided_at: int | None
) -> Mapping[str, Any]:
    """The body of `GET /v1/plays/{play_id}`; a play without an outcome is `queued` and shows nothing else."""
    if outcome == QUEUED:
        return {"play_id": play_id, "status": QUEUED, "reason": None, "coupon": None, "decided_at": None}
    return {
        "play_id": play_id,
        "status": outcome,
        "reason": reason,
        "coupon": _coupon_body(coupon) if outcome == WON else None,
        "decided_at": None if decided_at is None else rfc3339(decided_at),
    }


def _coupon_body(coupon: WonCoupon | None) -> Mapping[str, Any]:
    assert coupon is not None, "a win is shown only with its coupon"
    expires_at = None if coupon.expires_at is None else rfc3339(coupon.expires_at)
    return {"code": coupon.code, "brand": coupon.brand, "expires_at": expires_at}
