"""What the API answers about players."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict

from msgspec import UNSET, Meta, Struct, UnsetType

from webapp.api.events.responses import Outcome
from webapp.api.json_provider import Timestamp, one_of

Currency = Annotated[str, one_of("xp", "coins")]


class Level(TypedDict):
    """The level that a player's XP reaches; `xp_to_next` is null on the highest one."""

    number: int
    name: str | None
    xp_to_next: int | None


class Streak(TypedDict):
    """A streak as of now."""

    current: int
    longest: int
    freezes: int
    at_risk: bool
    last_day: str | None


class Mission(TypedDict):
    """A mission in its current period."""

    key: str
    name: str
    progress: int
    target: int
    state: Literal["active", "completed"]
    ends_at: Timestamp | None


class Badge(Struct, kw_only=True):
    """A badge that a player holds."""

    key: str
    name: str
    tier: str | None
    awarded_at: datetime
    event: str | None


class PlayerProfile(Struct, kw_only=True):
    """A player as of now; the windows of metrics are those of now."""

    player: str
    timezone: str
    attributes: dict[str, Any]
    xp: int
    coins: int
    level: Level
    state: str | None
    badges: list[Badge]
    streaks: dict[str, Streak]
    missions: list[Mission]
    metrics: dict[str, dict[str, Any]]
    version: int
    segments: list[str]
    flag: str | None


class PlayerSummary(Struct, kw_only=True):
    """A player in a list; `version` counts the entries applied to the player."""

    player: str
    created_at: datetime
    version: int


class LedgerEntry(Struct, kw_only=True):
    """One movement of a balance; `balance` is the balance after it."""

    currency: Currency
    amount: int
    balance: int
    rule: str | None
    rule_version: int | None
    reason: str | None
    event: str | None
    at: datetime


class TimelineEntry(Struct, kw_only=True):
    """An entry that was applied to a player, and its outcome."""

    event: str | None
    type: str
    occurred_at: datetime
    outcome: dict[str, Any] | None


class BadgeProgress(Struct, kw_only=True):
    """A live badge: held, or how far away. `rarity` is the share of players who hold it."""

    key: str
    name: str
    tier: str | None
    held: bool
    awarded_at: datetime | None
    event: str | None
    progress: Any
    missing: str | None
    rarity: Annotated[float, Meta(ge=0, le=1)]


class Explanation(TypedDict):
    """Why a player got a rule's award, or why not yet; `trace` has each row of its condition with actual values."""

    player: str
    rule: str
    version: int
    kind: str
    name: str
    awarded: list[dict[str, Any]]
    judged_event: dict[str, Any] | None
    holds: bool
    missing: str
    trace: dict[str, Any] | None


class ManualChange(Struct, kw_only=True):
    """The outcome of a grant, revocation, freeze or pause; sending the same id again gives `duplicate`."""

    status: Literal["applied", "duplicate"]
    player: str | UnsetType = UNSET
    outcome: Outcome | UnsetType = UNSET
