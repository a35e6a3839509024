"""Compiled documents that change or limit what other rules give: boosts, segments, player limits."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from engine.language.compile import Compiled
from engine.scoring.rulebook.compiled_rules import Schedule, compile_condition

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CompiledBoost:
    """A time-boxed multiplier on what rules give; without targets it applies to all of them."""

    key: str
    multiplier: Decimal
    currencies: tuple[str, ...]
    targets: frozenset[str]
    segment: str | None
    schedule: Schedule
    condition: Compiled | None

    @classmethod
    def from_document(cls, raw: Raw) -> Self:
        return cls(
            key=raw["key"],
            multiplier=Decimal(repr(raw["multiplier"])),
            currencies=tuple(raw.get("currencies") or ("xp", "coins")),
            targets=frozenset(raw.get("targets") or ()),
            segment=raw.get("segment"),
            schedule=Schedule.from_document(raw),
            condition=compile_condition(raw.get("condition")),
        )


@dataclass(frozen=True, slots=True)
class CompiledSegment:
    """The players who meet a condition on what is known of them."""

    key: str
    version: int
    condition: Compiled | None

    @classmethod
    def from_document(cls, raw: Raw, version: int) -> Self:
        return cls(raw["key"], version, compile_condition(raw["condition"]))


@dataclass(frozen=True, slots=True)
class CompiledPlayerLimits:
    """How many events per minute of one player count, and how far above the usual a day is flagged."""

    key: str
    version: int
    max_events_per_minute: int | None
    flag_above_usual: Decimal | None

    @classmethod
    def from_document(cls, raw: Raw, version: int) -> Self:
        factor = raw.get("flag_above_usual")
        return cls(
            key=raw["key"],
            version=version,
            max_events_per_minute=raw.get("max_events_per_minute"),
            flag_above_usual=None if factor is None else Decimal(repr(factor)),
        )
