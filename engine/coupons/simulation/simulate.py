"""A game rehearsed with made-up players: how its budget burns down, before anybody plays.

The same `decide` as for real. What comes out depends on nothing but the game, the traffic and the seed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from random import Random
from typing import Any

from engine.coupons.allocate import decide
from engine.coupons.game import Game, PlayLimits
from engine.coupons.game_state import Stand
from engine.coupons.play import WON, Counts, Day, Play, day_of
from engine.coupons.simulation.traffic import Traffic, arrivals

POINTS = 120
"""How many points the burn-down has."""

TELL_EVERY = 20_000


@dataclass(slots=True)
class Simulation:
    """What a simulated game came to.

    `burn_down` holds the coupons left at equal distances from start to end, `furthest` the greatest distance from the
    straight line as a share of the budget; moments in µs.
    """

    initial: int
    plays: int = 0
    winners: int = 0
    players: int = 0
    players_who_won: int = 0
    left: int = 0
    furthest: float = 0.0
    empty_at: int | None = None
    burn_down: list[int] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The simulation as plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


class Stopped(Exception):  # noqa: N818  (nothing went wrong: somebody asked for it)
    """The simulation was stopped half-way."""


def simulate(  # noqa: PLR0913  (the question as a whole)
    game: Game,
    stock: Mapping[str, int],
    traffic: Traffic,
    seed: bytes,
    *,
    limits: PlayLimits = PlayLimits(),  # noqa: B008  (frozen)
    zone: tzinfo = UTC,
    on_progress: Callable[[int], bool] = lambda _done: True,
) -> Simulation:
    """Play a whole game. `on_progress` hears how many plays are done and says whether to go on.

    Raises `Stopped` where it says no.
    """
    hall = _Hall(game, traffic, Random(seed), zone)  # noqa: S311  (made-up players; the draws are the HMAC's)
    stand = Stand.opening(stock, game.starts_at, game.ends_at)
    found = _Watch(game, Simulation(initial=stand.total_left))
    for number, at in enumerate(arrivals(traffic, game, hall.random)):
        player = hall.anybody()
        decision = decide(game, stand, seed, hall.play(number, player, at), limits)
        hall.count(player, at, decision.brand)
        if decision.outcome == WON:
            found.win(at, stand.total_left)
        if number % TELL_EVERY == 0 and not on_progress(number):
            raise Stopped
    return found.close(stand.total_left, traffic.plays, hall)


class _Hall:
    """The made-up players and what each has had."""

    def __init__(self, game: Game, traffic: Traffic, random: Random, zone: tzinfo) -> None:
        self.random, self._game, self._zone, self._players = random, game, zone, traffic.players
        self._had: dict[int, list[int]] = {}
        self._by_brand: dict[tuple[int, str], int] = {}
        self._day = Day(0, 0, 0)

    def anybody(self) -> int:
        """One of the players."""
        return int(self.random.random() * self._players)

    def play(self, number: int, player: int, at: int) -> Play:
        """The next play of a player."""
        if not self._day.starts_at <= at < self._day.ends_at:
            self._day = day_of(self._game, at, self._zone)
        had = self._had.get(player)
        if had is None:
            return Play(str(number), at, self._day)
        today = had[2] == self._day.number
        won = {brand.key: self._by_brand.get((player, brand.key), 0) for brand in self._game.brands} if had[1] else {}
        counts = Counts(had[0], had[3] if today else 0, had[1], had[4] if today else 0, won)
        return Play(str(number), at, self._day, in_game=counts, in_campaign=counts)

    def count(self, player: int, _at: int, brand: str | None) -> None:
        """One more play, and a win where there is a brand."""
        had = self._had.setdefault(player, [0, 0, self._day.number, 0, 0])
        if had[2] != self._day.number:
            had[2:] = [self._day.number, 0, 0]
        had[0] += 1
        had[3] += 1
        if brand is not None:
            had[1] += 1
            had[4] += 1
            self._by_brand[player, brand] = self._by_brand.get((player, brand), 0) + 1

    def who(self) -> tuple[int, int]:
        """How many people played, and how many of them won."""
        return len(self._had), sum(1 for had in self._had.values() if had[1])


class _Watch:
    """Looks on and keeps the burn-down."""

    def __init__(self, game: Game, found: Simulation) -> None:
        self._game, self._found, self._left = game, found, found.initial

    def win(self, at: int, left: int) -> None:
        """A coupon went at this moment."""
        found = self._found
        self._up_to(at)
        self._compare(at, self._left)
        self._compare(at, left)
        self._left = left
        found.winners += 1
        if left == 0:
            found.empty_at = at

    def close(self, left: int, plays: int, hall: _Hall) -> Simulation:
        """The game is over."""
        found = self._found
        self._up_to(self._game.ends_at + 1)
        found.left, found.plays = left, plays
        found.players, found.players_who_won = hall.who()
        return found

    def _up_to(self, at: int) -> None:
        game, found = self._game, self._found
        while len(found.burn_down) <= POINTS:
            point = game.starts_at + (game.ends_at - game.starts_at) * len(found.burn_down) // POINTS
            if point >= at:
                return
            self._compare(point, self._left)
            found.burn_down.append(self._left)

    def _compare(self, at: int, left: int) -> None:
        game, found = self._game, self._found
        plan = found.initial * (game.ends_at - at) / (game.ends_at - game.starts_at)
        found.furthest = max(found.furthest, abs(left - plan) / max(1, found.initial))
