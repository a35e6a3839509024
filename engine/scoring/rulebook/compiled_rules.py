"""Rule documents made ready to run: conditions compiled, limits and periods as plain values."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from engine.language.compile import CompiledLogic, compile_logic
from engine.language.semantics import is_number
from engine.scoring.state.series import SeriesRetention
from engine.vocabulary.moment import micros_of

Raw = dict[str, Any]
NO_RETENTION = SeriesRetention("", 0)


@dataclass(frozen=True, slots=True)
class FormulaAmount:
    """An amount that depends on facts."""

    compiled: CompiledLogic


Amount = FormulaAmount | Decimal | int


@dataclass(frozen=True, slots=True)
class Grant:
    """What a rule grants: XP, coins, and a coupon from a pool."""

    xp: Amount = 0
    coins: Amount = 0
    pool: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is granted."""
        return self.xp == 0 and self.coins == 0 and not self.pool

    @property
    def formulas(self) -> list[CompiledLogic]:
        """The formulas among its amounts."""
        return [amount.compiled for amount in (self.xp, self.coins) if isinstance(amount, FormulaAmount)]


def compile_amount(raw: Any) -> Amount:
    """A constant amount as a number, anything else as a formula; 0 where there is none."""
    if raw is None:
        return 0
    if is_number(raw):
        # The decimal that the author wrote, not the binary fraction nearest to it.
        return Decimal(repr(raw)) if isinstance(raw, float) else int(raw)
    return FormulaAmount(compile_logic(raw))


def compile_grant(raw: Raw | None) -> Grant:
    """The `grant` of a document; an empty one where there is none."""
    raw = raw or {}
    return Grant(compile_amount(raw.get("xp")), compile_amount(raw.get("coins")), raw.get("coupon_pool"))


def compile_condition(raw: Any) -> CompiledLogic | None:
    """A compiled condition; None where there is none, which always holds."""
    return None if raw is None else compile_logic(raw)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a rule is in force (µs, half open; None is unbounded)."""

    starts_at: int | None = None
    ends_at: int | None = None

    @classmethod
    def from_document(cls, raw: Raw) -> Self:
        return cls(micros_of(raw.get("starts_at")), micros_of(raw.get("ends_at")))

    def includes(self, at: int) -> bool:
        """Whether the rule is in force at a moment."""
        return (self.starts_at is None or at >= self.starts_at) and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class CompiledMetric:
    """An aggregate over a player's events; `parts` are the steps to the property it reads."""

    key: str
    version: int
    events: tuple[str, ...]
    aggregate: str
    parts: tuple[str, ...]
    condition: CompiledLogic | None
    schedule: Schedule
    retention: SeriesRetention
    generation: int = 1


@dataclass(frozen=True, slots=True)
class CompiledStreak:
    """Consecutive periods with activity, and the freezes that cover missed ones."""

    key: str
    version: int
    events: tuple[str, ...]
    every: str
    initial_freezes: int
    max_freezes: int
    earn_every: int | None
    condition: CompiledLogic | None
    schedule: Schedule
    generation: int = 1


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """An earning, badge or mission rule; a limit of None is no limit. `zone` None is the player's."""

    kind: str
    key: str
    version: int
    name: str
    events: tuple[str, ...]
    condition: CompiledLogic | None
    schedule: Schedule
    grant: Grant
    once_per: tuple[str, ...] = ()
    max_xp_per_day: int | None = None
    cooldown: int = 0
    tier: str = "bronze"
    repeat: str = "once"
    target: int = 1
    period: str = "once"
    zone: str | None = None
    retention: SeriesRetention = NO_RETENTION

    @property
    def reads_player_only(self) -> bool:
        """Whether it depends on the player alone; then system entries that give or take something judge it too."""
        paths = self.condition.paths if self.condition else frozenset()
        return bool(paths) and all(path.startswith("player.") for path in paths)


def compile_rule(raw: Raw, version: int) -> CompiledRule:
    """Compile what earning, badge and mission documents have in common."""
    return CompiledRule(
        kind=raw["kind"],
        key=raw["key"],
        version=version,
        name=raw["name"],
        events=tuple(raw["trigger"]["events"]),
        condition=compile_condition(raw.get("condition")),
        schedule=Schedule.from_document(raw),
        grant=compile_grant(raw.get("grant")),
    )
