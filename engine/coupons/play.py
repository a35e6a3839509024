"""A play, and whether the player may have one more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from engine.coupons.game import Game, GameBrand, PlayLimits
from engine.scoring.state.calendar import day_starts_at, local_time

WON, LOST, QUEUED = "won", "lost", "queued"
NO_LUCK, NOT_ELIGIBLE, LIMIT_REACHED = "no_luck", "not_eligible", "limit_reached"
BUDGET_EXHAUSTED, EXPIRED = "budget_exhausted", "expired"
REASONS = (WON, NO_LUCK, NOT_ELIGIBLE, LIMIT_REACHED, BUDGET_EXHAUSTED, EXPIRED)


@dataclass(frozen=True, slots=True)
class PlayCounts:
    """What a player has had before this play: decided plays and wins, in total and on this day."""

    plays: int = 0
    plays_today: int = 0
    wins: int = 0
    wins_today: int = 0
    by_brand: Mapping[str, int] = field(default_factory=dict)

    def within(self, limits: PlayLimits) -> bool:
        """Whether the limits allow one more play, which may win."""
        return (
            _below(self.plays, limits.plays)
            and _below(self.plays_today, limits.plays_per_day)
            and _below(self.wins, limits.wins)
            and _below(self.wins_today, limits.wins_per_day)
        )

    def may_win(self, brand: GameBrand) -> bool:
        """Whether the brand's own limit allows this player another win."""
        return _below(self.by_brand.get(brand.key, 0), brand.wins_per_player)


def _below(count: int, maximum: int | None) -> bool:
    return maximum is None or count < maximum


@dataclass(frozen=True, slots=True)
class GameDay:
    """A calendar day of the campaign's zone: its number since 1970-01-01, and when on it the game is open (µs)."""

    number: int
    starts_at: int
    ends_at: int


def game_day(game: Game, at: int, zone: tzinfo) -> GameDay:
    """The day that contains a moment."""
    number = local_time(at, zone).day
    starts_at = max(game.starts_at, day_starts_at(number, zone))
    ends_at = min(game.ends_at, day_starts_at(number + 1, zone))
    return GameDay(number, starts_at, ends_at)


@dataclass(frozen=True, slots=True)
class Play:
    """One play, ready to be decided.

    `name` is unique among all plays of the campaign (app and play id); `received_at` in µs; `day` the day on which it
    was received; `is_eligible` whether the player meets the campaign's condition. `in_game` and `in_campaign` count
    what the player had in this game and in all games of the campaign.
    """

    name: str
    received_at: int
    day: GameDay
    is_eligible: bool = True
    in_game: PlayCounts = PlayCounts()
    in_campaign: PlayCounts = PlayCounts()
