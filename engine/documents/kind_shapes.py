"""The shape of each kind of rule document: which members it has and what they may be."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.documents import shape
from engine.documents.fulfilment import COINS_MAX, FULFILMENT, GAME, LIMIT, LIMITS_OF_PLAYER, stock_of_coupons
from engine.documents.shape import Check, Member, choice, listing, members, optional, required, text, whole
from engine.vocabulary.fact import FactType, is_speakable
from engine.vocabulary.problem import Problem

AGGREGATES = ("count", "sum", "max", "min", "last", "distinct")
PERIODS = ("day", "week", "month")
TIERS = ("bronze", "silver", "gold", "platinum", "legendary")
REPEATS = ("once", *PERIODS, "always")
WINDOWS = ("all_time", *PERIODS)
FORMULAS = ("doubling", "traders")

_EVENTS = listing(shape.event, 1, 50, distinct=True)
_TRIGGER = members({"events": required(_EVENTS)})
_PROPERTY = text(150)
_LOGIC = optional(shape.anything)
_GRANT = members(
    {"xp": _LOGIC, "coins": _LOGIC, "coupon_pool": optional(shape.key)}, one_of=("xp", "coins", "coupon_pool")
)
_SCHEDULE = {"starts_at": optional(shape.moment), "ends_at": optional(shape.moment)}
_ZONE = text(60)
_COMMON = {
    "kind": required(shape.anything),
    "key": required(shape.key),
    "name": required(text(120)),
    "description": optional(text(2000, 0)),
    "why": optional(text(2000, 0)),
    "examples": optional(listing(shape.free, 0, 50)),
}


def _kind(own: Mapping[str, Member], *, one_of: tuple[str, ...] = (), scheduled: bool = False) -> Check:
    return members({**_COMMON, **own, **(_SCHEDULE if scheduled else {})}, one_of=one_of)


def _state_name(value: Any, at: str) -> Iterator[Problem]:
    yield from text(40)(value, at)


def _sources(value: Any, at: str) -> Iterator[Problem]:
    if isinstance(value, list):
        yield from listing(_state_name, 1, 30, distinct=True)(value, at)
    else:
        yield from _state_name(value, at)


def _formula(value: Any, at: str) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from choice(*FORMULAS)(value, at)


_FREEZES = members({"initial": optional(whole(0, 100)), "max": optional(whole(0, 100)), "earn_every": Member(LIMIT)})
_LEVEL = members({"name": required(text(80)), "xp": required(whole(0, 10**15)), "grant": optional(_GRANT)})
_LIMITS_OF_EARNING = members(
    {
        "once_per": optional(listing(text(200), 1, 5, distinct=True)),
        "max_xp_per_day": optional(whole(0)),
        "cooldown_seconds": optional(whole(0, 366 * 86_400)),
    }
)
_STATE = members({"name": required(_state_name), "description": optional(text(500, 0))})
_TRANSITION = members(
    {
        "from": optional(_sources),
        "to": required(_state_name),
        "after_days_inactive": optional(whole(1, 3650)),
        "trigger": optional(_TRIGGER),
        "condition": _LOGIC,
    },
    one_of=("after_days_inactive", "trigger"),
)


def _lifecycle_state(value: Any, at: str) -> Iterator[Problem]:
    yield from _STATE(value, at) if isinstance(value, dict) else _state_name(value, at)


def _named(value: Any, at: str) -> Iterator[Problem]:
    """The name of a property as rules speak it: steps with dots between them."""
    if isinstance(value, str) and not is_speakable(value):
        yield Problem(at, f"{value!r:.60} names no property: each step between the dots needs a name")
    yield from _PROPERTY(value, at)


def _declared(value: Any, at: str) -> Iterator[Problem]:
    known = {
        "type": required(choice(*[each for each in FactType if each is not FactType.UNKNOWN])),
        "label": optional(text(120)),
        "unit": optional(text(40)),
        "choices": optional(listing(shape.plain, 1, 200)),
        "example": optional(shape.free),
    }
    yield from members(known)(value, at)


KINDS: dict[str, Check] = {
    "event_type": _kind({"type": optional(shape.event), "properties": optional(shape.mapping(_named, _declared))}),
    "metric": _kind(
        {
            "events": required(_EVENTS),
            "filter": _LOGIC,
            "aggregate": required(choice(*AGGREGATES)),
            "property": optional(_PROPERTY),
        },
        scheduled=True,
    ),
    "streak": _kind(
        {
            "events": required(_EVENTS),
            "filter": _LOGIC,
            "every": required(choice(*PERIODS)),
            "freezes": optional(_FREEZES),
        },
        scheduled=True,
    ),
    "levels": _kind(
        {
            "thresholds": optional(listing(_LEVEL, 1, 200)),
            "formula": optional(_formula),
            "max_level": optional(whole(1, 1000)),
            "grant": optional(_GRANT),
        },
        one_of=("thresholds", "formula"),
    ),
    "earning": _kind(
        {
            "trigger": required(_TRIGGER),
            "condition": _LOGIC,
            "grant": required(_GRANT),
            "limits": optional(_LIMITS_OF_EARNING),
        },
        scheduled=True,
    ),
    "badge": _kind(
        {
            "trigger": required(_TRIGGER),
            "condition": _LOGIC,
            "tier": optional(choice(*TIERS)),
            "repeat": optional(choice(*REPEATS)),
            "icon": optional(text(60)),
            "secret": optional(shape.boolean),
            "grant": optional(_GRANT),
        },
        scheduled=True,
    ),
    "mission": _kind(
        {
            "trigger": required(_TRIGGER),
            "condition": _LOGIC,
            "goal": required(members({"target": required(whole(1, 1_000_000))})),
            "period": required(choice("once", *PERIODS)),
            "timezone": optional(_ZONE),
            "grant": optional(_GRANT),
        },
        scheduled=True,
    ),
    "leaderboard": _kind(
        {
            "score": required(text(80)),
            "window": required(choice(*WINDOWS)),
            "timezone": optional(_ZONE),
            "segment_by": optional(text(200)),
            "limit": optional(whole(1, 1_000_000)),
            "finalise_after_hours": optional(whole(0, 24 * 31)),
        }
    ),
    "boost": _kind(
        {
            "multiplier": required(shape.number(0, 100)),
            "currencies": optional(listing(choice("xp", "coins"), 1, 2, distinct=True)),
            "targets": optional(listing(shape.key, 1, 100, distinct=True)),
            "segment": optional(shape.key),
            "condition": _LOGIC,
        },
        scheduled=True,
    ),
    "lifecycle": _kind(
        {
            "states": required(listing(_lifecycle_state, 1, 30)),
            "initial": optional(_state_name),
            "transitions": required(listing(_TRANSITION, 0, 100)),
        }
    ),
    "segment": _kind({"condition": required(shape.anything)}),
    "player_limits": _kind(
        {"max_events_per_minute": optional(whole(1, 1_000_000)), "flag_above_usual": optional(shape.number(1, 10_000))},
        one_of=("max_events_per_minute", "flag_above_usual"),
    ),
    "brand": _kind({"website": optional(text(500))}),
    "coupon_pool": _kind(
        {
            "brand": optional(shape.key),
            "coupons": optional(stock_of_coupons),
            "expires_at": optional(shape.moment),
            "expires_after_days": optional(whole(1, 3650)),
        }
    ),
    "reward": _kind(
        {
            "cost": required(members({"coins": required(whole(0, COINS_MAX))})),
            "stock": optional(whole(0, COINS_MAX)),
            "condition": _LOGIC,
            "limits": optional(members({"per_player": Member(LIMIT)})),
            "fulfilment": optional(FULFILMENT),
        },
        scheduled=True,
    ),
    "campaign": _kind(
        {
            "timezone": optional(_ZONE),
            "condition": _LOGIC,
            "limits": optional(LIMITS_OF_PLAYER),
            "games": required(listing(GAME, 0, 50)),
        },
        scheduled=True,
    ),
}
"""Kind → the check of its shape. The order is the one in which an export lists them."""

SCHEDULED = frozenset({"metric", "streak", "earning", "badge", "mission", "boost", "reward", "campaign"})
SINGLE = ("levels", "lifecycle", "player_limits")
"""Kinds of which a player has one, so that no two documents of them may be live together."""
