"""The shapes of what is given away: games with their budgets of coupons, and how a reward is fulfilled."""

import re
from collections.abc import Iterator
from typing import Any

from engine.coupons.issue import room_problem
from engine.documents import shape
from engine.documents.shape import Member, choice, listing, members, nullable, optional, required, text, whole
from engine.vocabulary.problem import Problem, pointer

COINS_MAX = 10**9
ADDRESS = re.compile(r"(?=.{1,500}$)https?://[A-Za-z0-9.\-\[\]:]+(/[\x21-\x7e]*)?")
LIMIT = nullable(whole(1))
LIMITS_OF_PLAYER = members(
    {
        "plays_per_player": Member(LIMIT),
        "plays_per_player_per_day": Member(LIMIT),
        "wins_per_player": Member(LIMIT),
        "wins_per_player_per_day": Member(LIMIT),
    }
)


def stock_of_coupons(value: Any, at: str) -> Iterator[Problem]:
    """Where coupons come from: made by a pattern, or a list of codes."""
    made = {"count": required(whole(1, 1_000_000)), "pattern": required(text(60))}
    known = {"generate": optional(members(made)), "codes": optional(listing(text(100), 1, 100_000, distinct=True))}
    yield from members(known, one_of=("generate", "codes"))(value, at)
    generate = value.get("generate") if isinstance(value, dict) else None
    pattern = generate.get("pattern") if isinstance(generate, dict) else None
    count = generate.get("count") if isinstance(generate, dict) else None
    if isinstance(pattern, str) and isinstance(count, int) and (problem := room_problem(pattern, count)):
        yield Problem(pointer(at, "generate", "pattern"), problem)


def _chance(value: Any, at: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        yield Problem(at, "must be above 0 and at most 1")


_PACING = members(
    {
        "strategy": required(choice("moments", "adaptive", "odds", "remaining")),
        "unclaimed": optional(choice("roll_forward", "lapse")),
        "chance": optional(_chance),
        "slot_seconds": optional(whole(1, 86_400)),
        "horizon_seconds": optional(whole(1, 86_400)),
    }
)
_WINNERS = members(
    {
        "min_per_day": optional(whole(1)),
        "max_per_day": optional(whole(1)),
        "max_per_slot": optional(whole(1)),
        "slot_seconds": optional(whole(1, 86_400)),
    }
)
_ANSWERS = members({name: optional(text(200)) for name in ("early", "late", "paused", "queued", "lost", "exhausted")})


def _address(value: Any, at: str) -> Iterator[Problem]:
    """Where a server outside is called; whether it may be is asked when it is called."""
    if not isinstance(value, str) or not ADDRESS.fullmatch(value):
        yield Problem(at, "must be an address like https://shop.example/laurel, of at most 500 characters")


_RATES = members({"plays_per_player_per_minute": Member(LIMIT), "plays_per_address_per_minute": Member(LIMIT)})
_PROVIDER = members({"url": required(_address), "answer_within_seconds": optional(whole(1, 60))})
_BUDGET = members(
    {
        "brand": required(shape.key),
        "brand_name": optional(text(120)),
        "weight": optional(whole(1, 1_000_000)),
        "priority": optional(whole(0, 1000)),
        "limits": optional(members({"wins_per_player": Member(LIMIT)})),
        "coupons": optional(stock_of_coupons),
        "expires_at": optional(shape.moment),
        "expires_after_days": optional(whole(1, 3650)),
        "provider": optional(_PROVIDER),
    }
)
GAME = members(
    {
        "key": required(shape.key),
        "name": required(text(120)),
        "description": optional(text(2000, 0)),
        "starts_at": required(shape.moment),
        "ends_at": required(shape.moment),
        "reel_seconds": optional(whole(0, 60)),
        "decide_within_seconds": optional(whole(1, 86_400)),
        "pacing": optional(_PACING),
        "limits": optional(LIMITS_OF_PLAYER),
        "winners": optional(_WINNERS),
        "rates": optional(_RATES),
        "answers": optional(_ANSWERS),
        "budgets": required(listing(_BUDGET, 1, 50)),
    }
)
FULFILMENT = members(
    {
        "by": required(choice("hand", "coupon_pool", "webhook")),
        "coupon_pool": optional(shape.key),
        "url": optional(_address),
    }
)
