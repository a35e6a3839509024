"""A play, and whether the player may have one more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from engine.coupons.game import Brand, Game, PlayLimits
from engine.scoring.state.calendar import day_starts_at, local_time

WON, LOST, QUEUED = "won", "lost", "queued"
NO_LUCK, NOT_ELIGIBLE, LIMIT_REACHED = "no_luck", "not_eligible", "limit_reached"
BUDGET_EXHAUSTED, EXPIRED = "budget_exhausted", "expired"
REASONS = (WON, NO_LUCK, NOT_ELIGIBLE, LIMIT_REACHED, BUDGET_EXHAUSTED, EXPIRED)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a player has had before this play: decided plays and wins, ever and on this day."""

    plays: int = 0
    plays_today: int = 0
    wins: int = 0
    wins_today: int = 0
    by_brand: Mapping[str, int] = field(default_factory=dict)

    def within(self, limits: PlayLimits) -> bool:
        """Whether one more play, which may win, keeps the limits."""
        return (
            _below(self.plays, limits.plays)
            and _below(self.plays_today, limits.plays_a_day)
            and _below(self.wins, limits.wins)
            and _below(self.wins_today, limits.wins_a_day)
        )

    def may_win(self, brand: Brand) -> bool:
        """Whether the brand's own limit leaves a win to this player."""
        return _below(self.by_brand.get(brand.key, 0), brand.wins_per_player)


def _below(count: int, most: int | None) -> bool:
    return most is None or count < most


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day of the campaign's zone: its number since 1970-01-01 and what of it the game is open for (µs)."""

    number: int
    starts_at: int
    ends_at: int


def day_of(game: Game, at: int, zone: tzinfo) -> Day:
    """The day on which a moment lies."""
    number = local_time(at, zone).day
    return Day(
        number, max(game.starts_at, day_starts_at(number, zone)), min(game.ends_at, day_starts_at(number + 1, zone))
    )


@dataclass(frozen=True, slots=True)
class Play:
    """One play as it comes to be decided.

    `name` is unique among all plays of the campaign (app and play id); `received_at` in µs; `day` the day it was
    received on; `is_eligible` what the campaign's condition says of the player. `in_game` and
    `in_campaign` count what the player had in this game and in all games of the campaign.
    """

    name: str
    received_at: int
    day: Day
    is_eligible: bool = True
    in_game: Counts = Counts()
    in_campaign: Counts = Counts()
