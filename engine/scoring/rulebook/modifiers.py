"""Documents that bend or bound what other rules give, made ready: boosts, segments, limits of players."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from engine.language.compile import Compiled
from engine.scoring.rulebook.compiled_rules import Schedule, condition_of

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Boost:
    """A time-boxed multiplier on what rules give; without targets it applies to all of them."""

    key: str
    multiplier: Decimal
    currencies: tuple[str, ...]
    targets: frozenset[str]
    segment: str | None
    schedule: Schedule
    condition: Compiled | None

    @classmethod
    def of(cls, raw: Raw) -> Self:
        return cls(
            raw["key"],
            Decimal(repr(raw["multiplier"])),
            tuple(raw.get("currencies") or ("xp", "coins")),
            frozenset(raw.get("targets") or ()),
            raw.get("segment"),
            Schedule.of(raw),
            condition_of(raw.get("condition")),
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """A set of players given by a condition over what is known of them."""

    key: str
    version: int
    condition: Compiled | None

    @classmethod
    def of(cls, raw: Raw, version: int) -> Self:
        return cls(raw["key"], version, condition_of(raw["condition"]))


@dataclass(frozen=True, slots=True)
class PlayerLimits:
    """How many events a minute of one player earn something, and how far above the usual a day is flagged."""

    key: str
    version: int
    max_events_per_minute: int | None
    flag_above_usual: Decimal | None

    @classmethod
    def of(cls, raw: Raw, version: int) -> Self:
        above = raw.get("flag_above_usual")
        most = raw.get("max_events_per_minute")
        return cls(raw["key"], version, most, None if above is None else Decimal(repr(above)))
