"""How each pacing strategy spends 1,000 coupons in an hour, under seven kinds of traffic, as simulated.

`python -m webapp.pages.help.burn_downs` writes what the help page shows; a test compares it with the simulator of
today.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.coupons.game import SECOND, Game, GameBrand, Pacing
from engine.coupons.simulation.simulate import simulate
from engine.coupons.simulation.traffic import SimulatedTraffic

FILE = Path(__file__).with_name("burn_downs.json")
COUPONS, SECONDS = 1_000, 3_600
CHANCE = (1, 18)
"""Fixed odds are a guess at the traffic: these spend the budget exactly at 5 plays a second."""

SEED = bytes(range(32))
PEAK = 200
STRATEGIES = ("moments", "adaptive", "odds", "remaining")


@dataclass(frozen=True, slots=True)
class TrafficKind:
    """One kind of traffic; every play is by another player."""

    key: str
    name: str
    traffic: SimulatedTraffic


def _steady(key: str, name: str, plays: int) -> TrafficKind:
    return TrafficKind(key, name, SimulatedTraffic("steady", plays, plays * 10))


TRAFFIC_KINDS = (
    _steady("fifth", "0.2 plays a second", SECONDS // 5),
    _steady("one", "1 play a second", SECONDS),
    _steady("five", "5 plays a second", 5 * SECONDS),
    _steady("fifty", "50 plays a second", 50 * SECONDS),
    _steady("five_hundred", "500 plays a second", 500 * SECONDS),
    TrafficKind(
        "burst", "200 plays a second in the first minute, then 5", SimulatedTraffic("burst", 29_700, 297_000, peak=PEAK)
    ),
    TrafficKind("daily", "A daily curve, 5 plays a second on average", SimulatedTraffic("daily", 18_000, 180_000)),
)


def simulated_row(kind: TrafficKind, strategy: str) -> dict[str, Any]:
    """Simulate one strategy under one kind of traffic."""
    pacing = Pacing(strategy, chance=CHANCE)
    game = Game("reel", "Friday reel", 0, SECONDS * SECOND, (GameBrand("coffee", "Acme Coffee"),), pacing)
    simulation = simulate(game, {"coffee": COUPONS}, kind.traffic, SEED)
    return {
        "scene": kind.key,
        "strategy": strategy,
        "plays": simulation.plays,
        "winners": simulation.winners,
        "left": simulation.left,
        "furthest": round(simulation.furthest, 6),
        "empty_at": None if simulation.empty_at is None else simulation.empty_at // SECOND,
        "burn_down": simulation.burn_down,
    }


@cache
def burn_downs() -> dict[tuple[str, str], dict[str, Any]]:
    """The stored rows by (kind of traffic, strategy)."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return {(row["scene"], row["strategy"]): row for row in rows}


def main() -> None:
    """Simulate every kind of traffic with every strategy and store the rows."""
    rows = [json.dumps(simulated_row(kind, strategy)) for kind in TRAFFIC_KINDS for strategy in STRATEGIES]
    FILE.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
