"""What the API answers about players and leaderboards, member by member."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from webapp.api.openapi.event_shapes import Outcome

Currency = Literal["xp", "coins"]
Tier = Literal["bronze", "silver", "gold", "platinum", "legendary"]


class Level(TypedDict):
    """The level that a player's XP stands on; `xp_to_next` is null on the last one."""

    number: int
    name: str | None
    xp_to_next: int | None


class Badge(TypedDict):
    """A badge that a player holds."""

    key: str
    name: str
    tier: str | None
    awarded_at: datetime
    event: str | None


class Streak(TypedDict):
    """A streak as it stands now."""

    current: int
    longest: int
    freezes: int
    at_risk: bool
    last_day: str | None


class Mission(TypedDict):
    """A mission in its present period."""

    key: str
    name: str
    progress: int
    target: int
    state: Literal["active", "completed"]
    ends_at: datetime | None


class Portrait(TypedDict):
    """A player as of now; the windows of metrics are now's."""

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


class FoundPlayer(TypedDict):
    """A player in a list; `version` counts the entries applied to them."""

    player: str
    created_at: datetime
    version: int


class LedgerLine(TypedDict):
    """One movement of a balance; `balance` is what it left."""

    currency: Currency
    amount: int
    balance: int
    rule: str | None
    rule_version: int | None
    reason: str | None
    event: str | None
    at: datetime


class TimelineEntry(TypedDict):
    """An entry that was applied to a player, and what it came to."""

    event: str | None
    type: str
    occurred_at: datetime
    outcome: dict[str, Any] | None


class BadgeStanding(TypedDict):
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
    """Why a player got what a rule gives, or why not yet; `trace` has each row of its condition with actual values."""

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


class AppliedByHand(TypedDict):
    """What a grant, revocation, freeze or pause came to; the same id again is a duplicate."""

    player: NotRequired[str]
    status: Literal["applied", "duplicate"]
    outcome: NotRequired[Outcome]


class Board(TypedDict):
    """A live leaderboard."""

    key: str
    name: str
    score: str
    window: str
    timezone: str


class Run(TypedDict):
    """One run of a leaderboard's window, half open; final once nothing can change it any more."""

    id: str
    starts_at: datetime | None
    ends_at: datetime | None
    final: bool


class Standing(TypedDict):
    """A row of a leaderboard; equal scores share a rank."""

    rank: int
    player: str | None
    score: float


class Standings(TypedDict):
    """A page of a leaderboard, or the 51 rows around a player."""

    key: str
    name: str
    window: Run
    as_of: datetime
    total: int
    data: list[Standing]
    next_cursor: str | None
