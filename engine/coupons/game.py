"""A game as its campaign's document describes it: when it is open, how it is paced, what each player may win."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from engine.vocabulary.moment import micros_of

SECOND = 1_000_000
DECIDE_WITHIN_SECONDS = 900
REEL_SECONDS = 10
HORIZONS_PER_GAME = 60
"""How many horizons fit into a game whose document gives no length for them."""


@dataclass(frozen=True, slots=True)
class PlayLimits:
    """How often one player may play and win; None is no limit. A day is a day of the campaign's zone."""

    plays: int | None = None
    plays_per_day: int | None = None
    wins: int | None = None
    wins_per_day: int | None = None

    @classmethod
    def from_document(cls, raw: Mapping[str, Any] | None) -> Self:
        """Read the `limits` of a game or campaign."""
        limits = raw or {}
        return cls(
            plays=limits.get("plays_per_player"),
            plays_per_day=limits.get("plays_per_player_per_day"),
            wins=limits.get("wins_per_player"),
            wins_per_day=limits.get("wins_per_player_per_day"),
        )


@dataclass(frozen=True, slots=True)
class WinnerBounds:
    """How many winners the whole game has: minimum and maximum per day, maximum per slot (its length in µs)."""

    min_per_day: int | None = None
    max_per_day: int | None = None
    max_per_slot: int | None = None
    slot: int = 60 * SECOND


@dataclass(frozen=True, slots=True)
class GameBrand:
    """A sponsor's part of a game: brands of the highest priority go first, among them by weight × coupons left.

    If it `has_provider`, an outside provider issues the coupons and a winner waits for it.
    """

    key: str
    name: str
    weight: int = 1
    priority: int = 0
    wins_per_player: int | None = None
    has_provider: bool = False


@dataclass(frozen=True, slots=True)
class Pacing:
    """How a budget is spread over a game.

    `chance` is the odds of one play as a fraction of whole numbers; `slot` (µs) is the unit in which `remaining`
    counts, `horizon` (µs) how far `adaptive` looks ahead. `unclaimed` moments `roll_forward` to later plays or `lapse`.
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
    brands: tuple[GameBrand, ...]
    pacing: Pacing = Pacing()
    winners: WinnerBounds = WinnerBounds()
    limits: PlayLimits = PlayLimits()
    reel: int = REEL_SECONDS * SECOND
    decide_within: int = DECIDE_WITHIN_SECONDS * SECOND
    by_key: Mapping[str, GameBrand] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {brand.key: brand for brand in self.brands})

    @classmethod
    def from_document(cls, raw: Mapping[str, Any]) -> Self:
        """Read one of the `games` of a checked campaign document."""
        starts_at, ends_at = micros_of(raw["starts_at"]), micros_of(raw["ends_at"])
        assert starts_at is not None
        assert ends_at is not None
        return cls(
            key=str(raw["key"]),
            name=str(raw["name"]),
            starts_at=starts_at,
            ends_at=ends_at,
            brands=tuple(_brand(budget) for budget in raw["budgets"]),
            pacing=_pacing(raw.get("pacing") or {}, ends_at - starts_at),
            winners=_winners(raw.get("winners") or {}),
            limits=PlayLimits.from_document(raw.get("limits")),
            reel=_value_or(raw.get("reel_seconds"), REEL_SECONDS) * SECOND,
            decide_within=_value_or(raw.get("decide_within_seconds"), DECIDE_WITHIN_SECONDS) * SECOND,
        )

    @property
    def lapses(self) -> bool:
        """Whether a winning moment is lost when nobody plays before the next one."""
        return self.pacing.strategy == "moments" and self.pacing.unclaimed == "lapse"

    def is_open(self, at: int) -> bool:
        """Whether a play received at this moment is accepted."""
        return self.starts_at <= at < self.ends_at


def _value_or(value: int | None, default: int) -> int:
    """The value, also where it is 0; the default for None."""
    return default if value is None else value


def _brand(raw: Mapping[str, Any]) -> GameBrand:
    key, limits = str(raw["brand"]), raw.get("limits") or {}
    return GameBrand(
        key=key,
        name=str(raw.get("brand_name") or key),
        weight=_value_or(raw.get("weight"), 1),
        priority=_value_or(raw.get("priority"), 0),
        wins_per_player=limits.get("wins_per_player"),
        has_provider=raw.get("provider") is not None,
    )


def _pacing(raw: Mapping[str, Any], duration: int) -> Pacing:
    default = Pacing()
    chance = raw.get("chance")
    horizon = raw.get("horizon_seconds")
    return Pacing(
        strategy=raw.get("strategy") or default.strategy,
        unclaimed=raw.get("unclaimed") or default.unclaimed,
        chance=default.chance if chance is None else Decimal(str(chance)).as_integer_ratio(),
        slot=_value_or(raw.get("slot_seconds"), 1) * SECOND,
        horizon=max(SECOND, duration // HORIZONS_PER_GAME) if horizon is None else horizon * SECOND,
    )


def _winners(raw: Mapping[str, Any]) -> WinnerBounds:
    return WinnerBounds(
        min_per_day=raw.get("min_per_day"),
        max_per_day=raw.get("max_per_day"),
        max_per_slot=raw.get("max_per_slot"),
        slot=_value_or(raw.get("slot_seconds"), 60) * SECOND,
    )
