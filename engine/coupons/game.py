"""A game as its campaign's document tells it: when it is open, how it paces, what each player may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from engine.documents.document import moment

SECOND = 1_000_000
DECIDE_WITHIN_SECONDS = 900
REEL_SECONDS = 10
SLOTS_OF_A_GAME = 60
"""How many horizons fit into a game where its document names no length."""


@dataclass(frozen=True, slots=True)
class PlayLimits:
    """How often one player may play and win; None is no limit. A day is a day of the campaign's zone."""

    plays: int | None = None
    plays_a_day: int | None = None
    wins: int | None = None
    wins_a_day: int | None = None

    @classmethod
    def of(cls, raw: Mapping[str, Any] | None) -> Self:
        """Read the `limits` of a game or campaign."""
        names = ("plays_per_player", "plays_per_player_per_day", "wins_per_player", "wins_per_player_per_day")
        return cls(*((raw or {}).get(name) for name in names))


@dataclass(frozen=True, slots=True)
class Winners:
    """How many winners the whole game makes: at least and at most a day, at most in each slot (µs)."""

    least_a_day: int | None = None
    most_a_day: int | None = None
    most_a_slot: int | None = None
    slot: int = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Brand:
    """A sponsor's part of a game: brands of the highest priority go first, among them by weight × coupons left.

    Where `is_asked`, an outside provider issues the coupons: a winner waits for it.
    """

    key: str
    name: str
    weight: int = 1
    priority: int = 0
    wins_per_player: int | None = None
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Pacing:
    """How a budget is spread over a game.

    `chance` is the odds of one play as a whole fraction; `slot` (µs) is what `remaining` counts in, `horizon` (µs) how
    far `adaptive` looks ahead. `unclaimed` moments `roll_forward` to later plays or `lapse`.
    """

    strategy: str = "moments"
    unclaimed: str = "roll_forward"
    chance: tuple[int, int] = (1, 1000)
    slot: int = SECOND
    horizon: int = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Game:
    """One game. Moments and durations in µs; open from `starts_at` until just before `ends_at`."""

    key: str
    name: str
    starts_at: int
    ends_at: int
    brands: tuple[Brand, ...]
    pacing: Pacing = Pacing()
    winners: Winners = Winners()
    limits: PlayLimits = PlayLimits()
    reel: int = REEL_SECONDS * SECOND
    decide_within: int = DECIDE_WITHIN_SECONDS * SECOND
    by_key: Mapping[str, Brand] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {brand.key: brand for brand in self.brands})

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read one of the `games` of a checked campaign document."""
        starts_at, ends_at = moment(raw["starts_at"]), moment(raw["ends_at"])
        assert starts_at is not None
        assert ends_at is not None
        return cls(
            key=str(raw["key"]),
            name=str(raw["name"]),
            starts_at=starts_at,
            ends_at=ends_at,
            brands=tuple(_brand(each) for each in raw["budgets"]),
            pacing=_pacing(raw.get("pacing") or {}, ends_at - starts_at),
            winners=_winners(raw.get("winners") or {}),
            limits=PlayLimits.of(raw.get("limits")),
            reel=_or(raw.get("reel_seconds"), REEL_SECONDS) * SECOND,
            decide_within=_or(raw.get("decide_within_seconds"), DECIDE_WITHIN_SECONDS) * SECOND,
        )

    @property
    def lapses(self) -> bool:
        """Whether a winning moment is lost when nobody plays before the next one."""
        return self.pacing.strategy == "moments" and self.pacing.unclaimed == "lapse"

    def is_open(self, at: int) -> bool:
        """Whether a play received at this moment is taken."""
        return self.starts_at <= at < self.ends_at


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _brand(raw: Mapping[str, Any]) -> Brand:
    key, limits = str(raw["brand"]), raw.get("limits") or {}
    name, weight = str(raw.get("brand_name") or key), _or(raw.get("weight"), 1)
    is_asked = raw.get("provider") is not None
    return Brand(key, name, weight, _or(raw.get("priority"), 0), limits.get("wins_per_player"), is_asked)


def _pacing(raw: Mapping[str, Any], duration: int) -> Pacing:
    usual = Pacing()
    chance = raw.get("chance")
    horizon = raw.get("horizon_seconds")
    return Pacing(
        strategy=raw.get("strategy") or usual.strategy,
        unclaimed=raw.get("unclaimed") or usual.unclaimed,
        chance=usual.chance if chance is None else Decimal(str(chance)).as_integer_ratio(),
        slot=_or(raw.get("slot_seconds"), 1) * SECOND,
        horizon=max(SECOND, duration // SLOTS_OF_A_GAME) if horizon is None else horizon * SECOND,
    )


def _winners(raw: Mapping[str, Any]) -> Winners:
    slot = _or(raw.get("slot_seconds"), 60) * SECOND
    return Winners(raw.get("min_per_day"), raw.get("max_per_day"), raw.get("max_per_slot"), slot)
