"""Rule documents made ready to run: conditions compiled, limits and periods as plain values."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

from engine.logic.compile import Compiled, compile_logic

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Formula:
    """An amount that depends on facts."""

    compiled: Compiled


Amount = Formula | Decimal | int


def amount_of(raw: Any) -> Amount:
    """A constant amount as a number, anything else as a formula."""
    if raw is None:
        return 0
    if isinstance(raw, int):
        return raw
    return Decimal(repr(raw)) if isinstance(raw, float) else Formula(compile_logic(raw))


def condition_of(raw: Any) -> Compiled | None:
    """A compiled condition; None where there is none, which always holds."""
    return None if raw is None else compile_logic(raw)


def moment_of(text: str | None) -> int | None:
    """An RFC 3339 moment of a checked document, in microseconds since 1970 UTC."""
    if text is None:
        return None
    since = datetime.fromisoformat(text).astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@dataclass(frozen=True, slots=True)
class Metric:
    """An aggregate over a player's events; `parts` are the steps to the property that it reads."""

    key: str
    events: tuple[str, ...]
    aggregate: str
    parts: tuple[str, ...]
    condition: Compiled | None

    @classmethod
    def of(cls, raw: Raw) -> Self:
        parts = tuple(raw["property"].split(".")) if raw.get("property") else ()
        return cls(raw["key"], tuple(raw["events"]), raw["aggregate"], parts, condition_of(raw.get("filter")))


@dataclass(frozen=True, slots=True)
class Streak:
    """Consecutive periods in which something happened, and the freezes that cover missed ones."""

    key: str
    events: tuple[str, ...]
    every: str
    initial: int
    most: int
    earn_every: int | None
    condition: Compiled | None

    @classmethod
    def of(cls, raw: Raw) -> Self:
        freezes = raw.get("freezes") or {}
        initial = freezes.get("initial", 0)
        return cls(
            raw["key"],
            tuple(raw["events"]),
            raw["every"],
            initial,
            freezes.get("max", initial),
            freezes.get("earn_every"),
            condition_of(raw.get("filter")),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """An earning, badge or mission rule; a limit of None is no limit."""

    kind: str
    key: str
    version: int
    name: str
    events: tuple[str, ...]
    condition: Compiled | None
    starts_at: int | None
    ends_at: int | None
    xp: Amount
    coins: Amount
    pool: str | None
    once_per: tuple[str, ...]
    max_xp_per_day: int | None
    cooldown: int
    tier: str
    repeat: str
    target: int
    period: str
    zone: str

    def is_due(self, moment: int) -> bool:
        """Whether its dates allow this moment: from `starts_at` on, before `ends_at`."""
        return (self.starts_at is None or moment >= self.starts_at) and (self.ends_at is None or moment < self.ends_at)

    @property
    def gives(self) -> bool:
        """Whether anything comes with it besides itself."""
        return bool(self.xp != 0 or self.coins != 0 or self.pool)


def ruled_rule(raw: Raw, version: int) -> Rule:
    """Make one judging rule ready."""
    grant, limits = raw.get("grant") or {}, raw.get("limits") or {}
    return Rule(
        kind=raw["kind"],
        key=raw["key"],
        version=version,
        name=raw["name"],
        events=tuple(raw["trigger"]["events"]),
        condition=condition_of(raw.get("condition")),
        starts_at=moment_of(raw.get("starts_at")),
        ends_at=moment_of(raw.get("ends_at")),
        xp=amount_of(grant.get("xp")),
        coins=amount_of(grant.get("coins")),
        pool=grant.get("coupon_pool"),
        once_per=tuple(limits.get("once_per") or ()),
        max_xp_per_day=limits.get("max_xp_per_day"),
        cooldown=limits.get("cooldown_seconds") or 0,
        tier=raw.get("tier") or "bronze",
        repeat=raw.get("repeat") or "once",
        target=(raw.get("goal") or {}).get("target", 1),
        period=raw.get("period") or "once",
        zone=raw.get("timezone") or "player",
    )


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard: what it scores, over which window of which zone, how long a closed run takes late entries."""

    key: str
    name: str
    score: str
    window: str
    zone: str
    segment_by: str | None
    limit: int | None
    late_hours: int

    @classmethod
    def of(cls, raw: Raw) -> Self:
        return cls(
            raw["key"],
            raw["name"],
            raw["score"],
            raw["window"],
            raw.get("timezone") or "UTC",
            raw.get("segment_by"),
            raw.get("limit"),
            raw.get("finalise_after_hours") or 0,
        )

    @property
    def metric(self) -> str | None:
        """The key of the metric that it ranks by; None where it ranks by XP or coins earned."""
        return self.score.removeprefix("metric.") if self.score.startswith("metric.") else None


@dataclass(frozen=True, slots=True)
class Boost:
    """A time-boxed multiplier on what earning rules give."""

    key: str
    multiplier: Decimal
    currencies: tuple[str, ...]
    rules: tuple[str, ...]
    starts_at: int | None
    ends_at: int | None
    condition: Compiled | None

    @classmethod
    def of(cls, raw: Raw) -> Self:
        return cls(
            raw["key"],
            Decimal(repr(raw["multiplier"])),
            tuple(raw.get("currencies") or ("xp",)),
            tuple(raw.get("targets") or ()),
            moment_of(raw.get("starts_at")),
            moment_of(raw.get("ends_at")),
            condition_of(raw.get("condition")),
        )

    def is_in_force(self, moment: int, rule: str) -> bool:
        """Whether it applies to a rule at a moment; a boost that names no rules applies to all."""
        if self.rules and rule not in self.rules:
            return False
        return (self.starts_at is None or moment >= self.starts_at) and (self.ends_at is None or moment < self.ends_at)


@dataclass(frozen=True, slots=True)
class Segment:
    """A set of players given by a condition over what is known of them."""

    key: str
    condition: Compiled | None

    @classmethod
    def of(cls, raw: Raw) -> Self:
        return cls(raw["key"], condition_of(raw["condition"]))
