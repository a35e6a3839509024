"""How each pacing strategy spends 1,000 coupons in an hour, under seven kinds of traffic; made by the simulator.

`python -m webapp.pages.help.burn_downs` writes what the help page shows; a test compares it with what the simulator
says now.
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
class Scene:
    """One kind of traffic; every play is another player's."""

    key: str
    name: str
    traffic: SimulatedTraffic


def _steady(key: str, name: str, plays: int) -> Scene:
    return Scene(key, name, SimulatedTraffic("steady", plays, plays * 10))


SCENES = (
    _steady("fifth", "0.2 plays a second", SECONDS // 5),
    _steady("one", "1 play a second", SECONDS),
    _steady("five", "5 plays a second", 5 * SECONDS),
    _steady("fifty", "50 plays a second", 50 * SECONDS),
    _steady("five_hundred", "500 plays a second", 500 * SECONDS),
    Scene(
        "burst", "200 plays a second in the first minute, then 5", SimulatedTraffic("burst", 29_700, 297_000, peak=PEAK)
    ),
    Scene("daily", "A daily curve, 5 plays a second on average", SimulatedTraffic("daily", 18_000, 180_000)),
)


def played(scene: Scene, strategy: str) -> dict[str, Any]:
    """What the simulator says of one strategy under one kind of traffic."""
    pacing = Pacing(strategy, chance=CHANCE)
    game = Game("reel", "Friday reel", 0, SECONDS * SECOND, (GameBrand("coffee", "Acme Coffee"),), pacing)
    found = simulate(game, {"coffee": COUPONS}, scene.traffic, SEED)
    return {
        "scene": scene.key,
        "strategy": strategy,
        "plays": found.plays,
        "winners": found.winners,
        "left": found.left,
        "furthest": round(found.furthest, 6),
        "empty_at": None if found.empty_at is None else found.empty_at // SECOND,
        "burn_down": found.burn_down,
    }


@cache
def burn_downs() -> dict[tuple[str, str], dict[str, Any]]:
    """(scene, strategy) → what was written down."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return {(row["scene"], row["strategy"]): row for row in rows}


def main() -> None:
    """Simulate everything and write it down."""
    rows = [json.dumps(played(scene, strategy)) for scene in SCENES for strategy in STRATEGIES]
    FILE.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
