"""Compiled documents that change or limit what other rules give: boosts, segments, player limits."""

from dataclasses import dataclass
from decimal import Decimal

from engine.language.compile import CompiledLogic
from engine.scoring.rulebook.compiled_rules import Schedule


@dataclass(frozen=True, slots=True)
class CompiledBoost:
    """A time-boxed multiplier on what rules give; without targets it applies to all of them."""

    key: str
    version: int
    multiplier: Decimal
    currencies: tuple[str, ...]
    targets: frozenset[str]
    segment: str | None
    schedule: Schedule
    condition: CompiledLogic | None


@dataclass(frozen=True, slots=True)
class CompiledSegment:
    """The players who meet a condition on what is known of them."""

    key: str
    version: int
    condition: CompiledLogic | None


@dataclass(frozen=True, slots=True)
class CompiledPlayerLimits:
    """How many events per minute of one player count, and how far above the usual a day is flagged."""

    key: str
    version: int
    max_events_per_minute: int | None
    flag_above_usual: Decimal | None
