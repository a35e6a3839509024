"""Rule documents made ready to run: conditions compiled, limits and periods as plain values."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self

from engine.documents.typed_documents import moment
from engine.language.compile import Compiled, compile_logic
from engine.language.semantics import is_number
from engine.scoring.rulebook.board import Board as Board  # noqa: PLC0414 -- boards are made ready beside their runs
from engine.scoring.state.series import Keeping

Raw = dict[str, Any]
CAP_DAYS_KEPT = 3
PERIODS_KEPT = 3
NOTHING_KEPT = Keeping("", 0)


@dataclass(frozen=True, slots=True)
class Formula:
    """An amount that depends on facts."""

    compiled: Compiled


Amount = Formula | Decimal | int


@dataclass(frozen=True, slots=True)
class Grant:
    """What a rule gives: XP and coins, and a coupon from a pool."""

    xp: Amount = 0
    coins: Amount = 0
    pool: str | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is given."""
        return self.xp == 0 and self.coins == 0 and not self.pool

    @property
    def formulas(self) -> list[Compiled]:
        """The formulas in it."""
        return [each.compiled for each in (self.xp, self.coins) if isinstance(each, Formula)]


def amount_of(raw: Any) -> Amount:
    """A constant amount as a number, anything else as a formula."""
    if raw is None:
        return 0
    if is_number(raw):
        return Decimal(repr(raw)) if isinstance(raw, float) else int(raw)
    return Formula(compile_logic(raw))


def grant_of(raw: Raw | None) -> Grant:
    """A grant of a document; nothing where there is none."""
    raw = raw or {}
    return Grant(amount_of(raw.get("xp")), amount_of(raw.get("coins")), raw.get("coupon_pool"))


def condition_of(raw: Any) -> Compiled | None:
    """A compiled condition; None where there is none, which always holds."""
    return None if raw is None else compile_logic(raw)


@dataclass(frozen=True, slots=True)
class Schedule:
    """From when until when a rule is in force (µs, half open; None is unbounded)."""

    starts_at: int | None = None
    ends_at: int | None = None

    @classmethod
    def of(cls, raw: Raw) -> Self:
        return cls(moment(raw.get("starts_at")), moment(raw.get("ends_at")))

    def takes(self, at: int) -> bool:
        """Whether a moment lies within."""
        return (self.starts_at is None or at >= self.starts_at) and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class Metric:
    """An aggregate over a player's events; `parts` are the steps to the property that it reads."""

    key: str
    version: int
    events: tuple[str, ...]
    aggregate: str
    parts: tuple[str, ...]
    condition: Compiled | None
    schedule: Schedule
    keeping: Keeping
    generation: int = 1

    @classmethod
    def of(cls, raw: Raw, version: int, keep: int) -> Self:
        parts = tuple(raw["property"].split(".")) if raw.get("property") else ()
        empty = 0 if raw["aggregate"] in {"count", "sum", "distinct"} else None
        keeping = Keeping(f"m:{raw['key']}", keep, empty)
        condition, events = condition_of(raw.get("filter")), tuple(raw["events"])
        return cls(raw["key"], version, events, raw["aggregate"], parts, condition, Schedule.of(raw), keeping)


@dataclass(frozen=True, slots=True)
class Streak:
    """Consecutive periods in which something happened, and the freezes that cover missed ones."""

    key: str
    version: int
    events: tuple[str, ...]
    every: str
    initial: int
    most: int
    earn_every: int | None
    condition: Compiled | None
    schedule: Schedule
    generation: int = 1

    @classmethod
    def of(cls, raw: Raw, version: int) -> Self:
        freezes = raw.get("freezes") or {}
        return cls(
            raw["key"],
            version,
            tuple(raw["events"]),
            raw["every"],
            freezes.get("initial") or 0,
            freezes.get("max") or 0,
            freezes.get("earn_every"),
            condition_of(raw.get("filter")),
            Schedule.of(raw),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """An earning, badge or mission rule; a limit of None is no limit. `zone` None is the player's."""

    kind: str
    key: str
    version: int
    name: str
    events: tuple[str, ...]
    condition: Compiled | None
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
    keeping: Keeping = NOTHING_KEPT

    @property
    def is_standing(self) -> bool:
        """Whether it asks only what a player is: then entries of our own that give or take something ask it too."""
        paths = self.condition.paths if self.condition else frozenset()
        return bool(paths) and all(path.startswith("player.") for path in paths)


def ruled_rule(raw: Raw, version: int) -> Rule:
    """Make one judging rule ready."""
    rule = Rule(
        kind=raw["kind"],
        key=raw["key"],
        version=version,
        name=raw["name"],
        events=tuple(raw["trigger"]["events"]),
        condition=condition_of(raw.get("condition")),
        schedule=Schedule.of(raw),
        grant=grant_of(raw.get("grant")),
    )
    return {"earning": _earning, "badge": _badge, "mission": _mission}[rule.kind](rule, raw)


def _earning(rule: Rule, raw: Raw) -> Rule:
    limits = raw.get("limits") or {}
    return replace(
        rule,
        once_per=tuple(limits.get("once_per") or ()),
        max_xp_per_day=limits.get("max_xp_per_day"),
        cooldown=(limits.get("cooldown_seconds") or 0) * 1_000_000,
        keeping=Keeping(f"c:{rule.key}", CAP_DAYS_KEPT),
    )


def _badge(rule: Rule, raw: Raw) -> Rule:
    return replace(rule, tier=raw.get("tier") or "bronze", repeat=raw.get("repeat") or "once")


def _mission(rule: Rule, raw: Raw) -> Rule:
    zone = raw.get("timezone")
    return replace(
        rule,
        target=raw["goal"]["target"],
        period=raw["period"],
        zone=None if zone in (None, "player") else zone,
        keeping=Keeping(f"p:{rule.key}", PERIODS_KEPT),
    )
