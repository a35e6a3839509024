"""A game simulated with synthetic players: how its budget burns down, before anybody plays.

It uses the same `decide` as production. The result depends on nothing but the game, the traffic and the seed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from random import Random
from typing import Any

from engine.coupons.decide_play import decide
from engine.coupons.game import Game, PlayLimits
from engine.coupons.game_state import GameState
from engine.coupons.play import WON, GameDay, Play, PlayCounts, game_day
from engine.coupons.simulation.traffic import SimulatedTraffic, arrivals

POINTS = 120
"""How many points the burn-down has."""

PROGRESS_EVERY = 20_000


@dataclass(slots=True)
class Simulation:
    """The result of a simulated game.

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


class SimulationStopped(Exception):  # noqa: N818  (not an error: somebody asked for it)
    """The simulation was stopped half-way."""


def simulate(  # noqa: PLR0913  (the question as a whole)
    game: Game,
    stock: Mapping[str, int],
    traffic: SimulatedTraffic,
    seed: bytes,
    *,
    limits: PlayLimits = PlayLimits(),  # noqa: B008  (frozen)
    zone: tzinfo = UTC,
    on_progress: Callable[[int], bool] = lambda _done: True,
) -> Simulation:
    """Play a whole game. `on_progress` gets the number of plays done so far and returns whether to go on.

    Raises SimulationStopped if it returns False.
    """
    players = _SimulatedPlayers(game, traffic, Random(seed), zone)  # noqa: S311  (the draws themselves are the HMAC's)
    state = GameState.opening(stock, game.starts_at, game.ends_at)
    recorder = _BurnDownRecorder(game, Simulation(initial=state.total_left))
    for number, at in enumerate(arrivals(traffic, game, players.random)):
        player = players.pick()
        decision = decide(game, state, seed, players.play(number, player, at), limits)
        players.count(player, decision.brand)
        if decision.outcome == WON:
            recorder.record_win(at, state.total_left)
        if number % PROGRESS_EVERY == 0 and not on_progress(number):
            raise SimulationStopped
    recorder.close()
    result = recorder.simulation
    result.left, result.plays = state.total_left, traffic.plays
    result.players, result.players_who_won = players.totals()
    return result


@dataclass(slots=True)
class _PlayerTally:
    """What one synthetic player has had; the counts of today belong to the day with this number."""

    day: int
    plays: int = 0
    wins: int = 0
    plays_today: int = 0
    wins_today: int = 0


class _SimulatedPlayers:
    """The synthetic players and what each of them has had."""

    def __init__(self, game: Game, traffic: SimulatedTraffic, random: Random, zone: tzinfo) -> None:
        self.random = random
        self._game, self._zone, self._players = game, zone, traffic.players
        self._tallies: dict[int, _PlayerTally] = {}
        self._wins_by_brand: dict[tuple[int, str], int] = {}
        self._day = GameDay(0, 0, 0)

    def pick(self) -> int:
        """The number of one of the players, at random."""
        return int(self.random.random() * self._players)

    def play(self, number: int, player: int, at: int) -> Play:
        """The next play of a player."""
        if not self._day.starts_at <= at < self._day.ends_at:
            self._day = game_day(self._game, at, self._zone)
        tally = self._tallies.get(player)
        if tally is None:
            return Play(str(number), at, self._day)
        played_today = tally.day == self._day.number
        counts = PlayCounts(
            plays=tally.plays,
            plays_today=tally.plays_today if played_today else 0,
            wins=tally.wins,
            wins_today=tally.wins_today if played_today else 0,
            by_brand=self._wins_of(player) if tally.wins else {},
        )
        return Play(str(number), at, self._day, in_game=counts, in_campaign=counts)

    def _wins_of(self, player: int) -> dict[str, int]:
        return {brand.key: self._wins_by_brand.get((player, brand.key), 0) for brand in self._game.brands}

    def count(self, player: int, brand: str | None) -> None:
        """Count a play made today, and a win if it won a brand's coupon."""
        tally = self._tallies.get(player)
        if tally is None:
            tally = self._tallies[player] = _PlayerTally(self._day.number)
        if tally.day != self._day.number:
            tally.day, tally.plays_today, tally.wins_today = self._day.number, 0, 0
        tally.plays += 1
        tally.plays_today += 1
        if brand is not None:
            tally.wins += 1
            tally.wins_today += 1
            self._wins_by_brand[player, brand] = self._wins_by_brand.get((player, brand), 0) + 1

    def totals(self) -> tuple[int, int]:
        """How many people played, and how many of them won."""
        return len(self._tallies), sum(1 for tally in self._tallies.values() if tally.wins)


class _BurnDownRecorder:
    """Records the burn-down of a game as its coupons are won."""

    def __init__(self, game: Game, simulation: Simulation) -> None:
        self.simulation = simulation
        self._game, self._left = game, simulation.initial

    def record_win(self, at: int, left: int) -> None:
        """A coupon was won at this moment; `left` remain."""
        self._record_points_before(at)
        # The distance from the line is greatest just before or just after a step.
        self._compare_with_line(at, self._left)
        self._compare_with_line(at, left)
        self._left = left
        self.simulation.winners += 1
        if left == 0:
            self.simulation.empty_at = at

    def close(self) -> None:
        """The game is over: record the points that remain."""
        self._record_points_before(self._game.ends_at + 1)

    def _record_points_before(self, at: int) -> None:
        game, burn_down = self._game, self.simulation.burn_down
        while len(burn_down) <= POINTS:
            point = game.starts_at + (game.ends_at - game.starts_at) * len(burn_down) // POINTS
            if point >= at:
                return
            self._compare_with_line(point, self._left)
            burn_down.append(self._left)

    def _compare_with_line(self, at: int, left: int) -> None:
        game, simulation = self._game, self.simulation
        on_line = simulation.initial * (game.ends_at - at) / (game.ends_at - game.starts_at)
        distance = abs(left - on_line) / max(1, simulation.initial)
        simulation.furthest = max(simulation.furthest, distance)
