"""What the API answers about players."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from engine.scoring.views.grant_records import BoostView, LevelStep
from engine.scoring.views.player_profile import LevelView, MissionView, StreakView
from webapp.api.events.responses import OutcomeView
from webapp.api.json_provider import one_of

Currency = Annotated[str, one_of("xp", "coins")]


class BadgeView(Struct, kw_only=True):
    """A badge that a player holds; `period` says for which one if it repeats, and is what a revocation names."""

    key: str
    name: str
    tier: str | None
    period: str | None
    awarded_at: datetime
    event: str | None


class PlayerProfile(Struct, kw_only=True):
    """A player as of now; the windows of metrics are those of now."""

    player: str
    timezone: str
    attributes: dict[str, Any]
    xp: int
    coins: int
    level: LevelView
    state: str | None
    badges: list[BadgeView]
    streaks: dict[str, StreakView]
    missions: list[MissionView]
    metrics: dict[str, dict[str, Any]]
    version: int
    segments: list[str]
    flag: str | None


class PlayerSummary(Struct, kw_only=True):
    """A player in a list; `version` counts the entries applied to the player."""

    player: str
    created_at: datetime
    version: int


class LedgerEntryView(Struct, kw_only=True):
    """One movement of a balance; `balance` is the balance after it.

    `base` is what the rule says, `boosts` multiplied it, `cut_off` was not paid because of `cut_by`. The levels before
    and after it are there for XP where levels exist.
    """

    currency: Currency
    amount: int
    balance: int
    rule: str | None
    rule_version: int | None
    reason: str | None
    event: str | None
    at: datetime
    base: float
    boosts: list[BoostView]
    cut_off: int
    cut_by: Annotated[str, one_of("daily_cap", "balance_max")] | None
    level_before: LevelStep | None
    level_after: LevelStep | None


class TimelineEntryView(Struct, kw_only=True):
    """An entry that was applied to a player, and its outcome; `event` is null unless an app has sent it."""

    event: str | None
    type: str
    occurred_at: datetime
    outcome: dict[str, Any] | None


class BadgeProgress(Struct, kw_only=True):
    """A badge that is live or held: held, or how far away. `rarity` is the share of players who hold it."""

    key: str
    name: str
    tier: str | None
    held: bool
    awarded_at: datetime | None
    event: str | None
    progress: Any
    missing: str | None
    rarity: Annotated[float, Meta(ge=0, le=1)]


class ManualChange(Struct, kw_only=True):
    """The outcome of a grant, revocation, freeze or pause; sending the same id again gives `duplicate`."""

    status: Literal["applied", "duplicate"]
    player: str | UnsetType = UNSET
    outcome: OutcomeView | UnsetType = UNSET
