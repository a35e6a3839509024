"""What one entry came to: everything it gave, changed or was refused, and why."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Currency(StrEnum):
    """XP is never spent; coins are."""

    XP = "xp"
    COINS = "coins"


class RefusalReason(StrEnum):
    """Why a rule whose condition held gave nothing, or less; most decisive first."""

    RATE_LIMITED = "rate_limited"
    NOT_IN_SCHEDULE = "not_in_schedule"
    RULE_FAULT = "rule_fault"
    MISSING_FACT = "missing_fact"
    ONCE_PER = "once_per"
    COOLDOWN = "cooldown"
    DAILY_CAP = "daily_cap"
    LIMIT_REACHED = "limit_reached"
    INSUFFICIENT_COINS = "insufficient_coins"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One movement of a balance; `balance` is what it left."""

    currency: Currency
    amount: int
    balance: int
    rule: str
    rule_version: int | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BadgeAward:
    """A badge given; `period` is empty where it is given once."""

    badge: str
    name: str
    tier: str
    period: str
    rule_version: int | None


@dataclass(frozen=True, slots=True)
class BadgeRevocation:
    """A badge taken back, for one period of it."""

    badge: str
    period: str


@dataclass(frozen=True, slots=True)
class MissionCompletion:
    """A mission done, once in its period."""

    mission: str
    period: str
    rule_version: int


@dataclass(frozen=True, slots=True)
class LevelChange:
    """The level before and after."""

    before: int
    after: int
    name: str | None


@dataclass(frozen=True, slots=True)
class LifecycleChange:
    """A change of lifecycle state at a moment in microseconds."""

    before: str
    after: str
    at: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule whose condition held and that a limit, or a missing fact, kept from giving."""

    rule: str
    rule_version: int
    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class RuleFault:
    """A rule that broke; the entry went on without it."""

    rule: str
    rule_version: int
    message: str


@dataclass(frozen=True, slots=True)
class CouponClaim:
    """A coupon to be taken from a pool; the entry and the rule make its id."""

    rule: str
    rule_version: int
    pool: str


@dataclass(frozen=True, slots=True)
class BoardChange:
    """A player's new absolute score in one run of a board; `reached` is the number of the entry that brought it.

    `previous_segment` is the segment that the whole score leaves; equal to `segment` where it stays.
    """

    board: str
    run: str
    segment: str | None
    previous_segment: str | None
    score: int | float
    reached: int


@dataclass(slots=True)
class Outcome:
    """What one entry came to; empty lists where nothing happened."""

    ledger: list[LedgerEntry] = field(default_factory=list)
    badges: list[BadgeAward] = field(default_factory=list)
    revoked: list[BadgeRevocation] = field(default_factory=list)
    completions: list[MissionCompletion] = field(default_factory=list)
    level: LevelChange | None = None
    lifecycle: list[LifecycleChange] = field(default_factory=list)
    streaks: dict[str, dict[str, int]] = field(default_factory=dict)
    missions: dict[str, dict[str, Any]] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    entered: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    not_awarded: list[Refusal] = field(default_factory=list)
    faults: list[RuleFault] = field(default_factory=list)
    boards: list[BoardChange] = field(default_factory=list)
    claims: list[CouponClaim] = field(default_factory=list)
    flag: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell anybody."""
        return not self.to_json()

    def total(self, currency: Currency) -> int:
        """What the entry changed in one currency."""
        return sum(line.amount for line in self.ledger if line.currency is currency)

    def to_json(self) -> dict[str, Any]:
        """The outcome as apps read it; what did not change is left out."""
        parts: dict[str, Any] = {
            "xp": self.total(Currency.XP),
            "coins": self.total(Currency.COINS),
            "badges": [{"key": b.badge, "name": b.name, "tier": b.tier} for b in self.badges],
            "revoked": [r.badge for r in self.revoked],
            "level": self.level and {"number": self.level.after, "before": self.level.before, "name": self.level.name},
            "missions": [{"key": key, **mission} for key, mission in self.missions.items()],
            "streaks": self.streaks,
            "state": self.lifecycle[-1].after if self.lifecycle else None,
            "segments": {name: keys for name, keys in (("entered", self.entered), ("left", self.left)) if keys},
            "claims": [{"rule": claim.rule, "coupon_pool": claim.pool} for claim in self.claims],
            "not_awarded": [
                {"rule": r.rule, "version": r.rule_version, "reason": str(r.reason)} for r in self.not_awarded
            ],
            "flag": self.flag,
        }
        return {name: value for name, value in parts.items() if value}
