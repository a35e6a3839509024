"""The outcome of one entry: everything that was given, changed or refused, and why."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Currency(StrEnum):
    """XP is never spent; coins are."""

    XP = "xp"
    COINS = "coins"


class RefusalReason(StrEnum):
    """Why a rule whose condition held gave nothing, or less; the most decisive first."""

    RATE_LIMITED = "rate_limited"
    NOT_IN_SCHEDULE = "not_in_schedule"
    RULE_FAULT = "rule_fault"
    MISSING_FACT = "missing_fact"
    DIVISION_BY_ZERO = "division_by_zero"
    TOO_LARGE = "too_large"
    ONCE_PER = "once_per"
    COOLDOWN = "cooldown"
    DAILY_CAP = "daily_cap"
    LIMIT_REACHED = "limit_reached"
    INSUFFICIENT_COINS = "insufficient_coins"
    ALREADY_HELD = "already_held"
    NOT_HELD = "not_held"
    NOT_BROKEN = "not_broken"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One change of a balance; `balance` is the one after it."""

    currency: Currency
    amount: int
    balance: int
    rule: str
    rule_version: int | None
    reason: str | None = None


class CutBy(StrEnum):
    """What kept a part of a grant from being paid."""

    DAILY_CAP = "daily_cap"
    BALANCE_MAX = "balance_max"


@dataclass(frozen=True, slots=True)
class AppliedBoost:
    """A boost that multiplied a grant."""

    rule: str
    rule_version: int
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class AmountOrigin:
    """Where an amount comes from that is not simply what its rule says: the rule's own, and the boosts."""

    base: Decimal | int
    boosts: tuple[AppliedBoost, ...]


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """How an amount came about that is not simply what its rule says.

    `base` is the rule's amount, `boosts` multiplied it, `cut_off` was not paid because of `cut_by`. `line` is the place
    of the ledger entry within the outcome, None if nothing was paid; `total` is the balance afterwards.
    """

    rule: str
    rule_version: int
    currency: Currency
    base: Decimal | int
    boosts: tuple[AppliedBoost, ...]
    cut_off: int
    cut_by: CutBy | None
    line: int | None
    total: int

    def to_json(self) -> dict[str, Any]:
        """The record as it is stored, without what the ledger says already."""
        boosts = [
            {"rule": boost.rule, "version": boost.rule_version, "multiplier": _json_number(boost.multiplier)}
            for boost in self.boosts
        ]
        members: dict[str, Any] = {"base": _json_number(self.base)}
        if boosts:
            members["boosts"] = boosts
        if self.cut_off:
            members |= {"cut_off": self.cut_off, "cut_by": str(self.cut_by)}
        if self.line is not None:
            return {"line": self.line, **members}
        own = {"rule": self.rule, "version": self.rule_version, "currency": str(self.currency)}
        return {**own, **members, "total": self.total}


def _json_number(value: Decimal | int) -> int | float:
    return int(value) if value == int(value) else float(value)


@dataclass(frozen=True, slots=True)
class BadgeAward:
    """A badge given; `period` is empty if it is given only once."""

    badge: str
    name: str
    tier: str
    period: str
    rule_version: int | None

    def to_json(self) -> dict[str, Any]:
        """The badge as apps read it; the period only where it has one."""
        badge = {"key": self.badge, "name": self.name, "tier": self.tier}
        return {**badge, "period": self.period} if self.period else badge


@dataclass(frozen=True, slots=True)
class BadgeRevocation:
    """A badge taken back, for one period of it."""

    badge: str
    period: str


@dataclass(frozen=True, slots=True)
class MissionCompletion:
    """A mission completed, once in its period."""

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
    """A change of lifecycle state, at a moment in microseconds."""

    before: str
    after: str
    at: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule whose condition held, but that a limit or a missing fact kept from giving; `fact` is the latter's path."""

    rule: str
    rule_version: int
    reason: RefusalReason
    fact: str = ""

    def to_json(self) -> dict[str, Any]:
        """The refusal as apps read it."""
        members = {"rule": self.rule, "version": self.rule_version, "reason": str(self.reason)}
        return {**members, "fact": self.fact} if self.fact else members


@dataclass(frozen=True, slots=True)
class RuleFault:
    """A rule that broke; the entry was applied without it."""

    rule: str
    rule_version: int
    message: str


@dataclass(frozen=True, slots=True)
class CouponClaim:
    """A coupon to be taken from a pool; the entry and the rule together identify the claim."""

    rule: str
    rule_version: int
    pool: str


@dataclass(frozen=True, slots=True)
class BoardChange:
    """A player's new absolute score in one run of a board; `reached` is the number of the entry that brought it.

    `previous_segment` is the segment that the whole score leaves; equal to `segment` if it stays.
    """

    board: str
    run: str
    segment: str | None
    previous_segment: str | None
    score: int | float
    reached: int


@dataclass(slots=True)
class Outcome:
    """The outcome of one entry; lists are empty where nothing happened."""

    ledger: list[LedgerEntry] = field(default_factory=list)
    grants: list[GrantRecord] = field(default_factory=list)
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
        """Whether there is nothing to report to anybody."""
        return not self.to_json()

    @property
    def gives(self) -> bool:
        """Whether the player gains anything by it: XP, coins, a badge, a mission, a coupon or a higher level."""
        is_promoted = self.level is not None and self.level.after > self.level.before
        has_award = bool(self.badges or self.completions or self.claims)
        return is_promoted or has_award or any(self.total(currency) > 0 for currency in Currency)

    def total(self, currency: Currency) -> int:
        """How much the entry changed one balance."""
        return sum(entry.amount for entry in self.ledger if entry.currency is currency)

    def to_json(self) -> dict[str, Any]:
        """The outcome as apps read it, without what did not change."""
        members: dict[str, Any] = {
            "xp": self.total(Currency.XP),
            "coins": self.total(Currency.COINS),
            "grants": [grant.to_json() for grant in self.grants],
            "badges": [award.to_json() for award in self.badges],
            "revoked": [revocation.badge for revocation in self.revoked],
            "level": self._level_json(),
            "missions": [{"key": key, **mission} for key, mission in self.missions.items()],
            "streaks": self.streaks,
            "state": self.lifecycle[-1].after if self.lifecycle else None,
            "segments": self._segments_json(),
            "claims": [{"rule": claim.rule, "coupon_pool": claim.pool} for claim in self.claims],
            "not_awarded": [refusal.to_json() for refusal in self.not_awarded],
            "flag": self.flag,
        }
        return {name: value for name, value in members.items() if value}

    def _level_json(self) -> dict[str, Any] | None:
        if self.level is None:
            return None
        return {"number": self.level.after, "before": self.level.before, "name": self.level.name}

    def _segments_json(self) -> dict[str, list[str]]:
        changes = {"entered": self.entered, "left": self.left}
        return {name: keys for name, keys in changes.items() if keys}
