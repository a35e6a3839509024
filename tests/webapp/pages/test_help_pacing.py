"""The help page about pacing shows what the simulator says today, and the promise about moments is kept."""

import pytest

from tests.lengths import brief_or_long
from webapp.pages.help.burn_downs import (
    COUPONS,
    SECONDS,
    STRATEGIES,
    TRAFFIC_KINDS,
    TrafficKind,
    burn_downs,
    simulated_row,
)
from webapp.pages.help.pacing import comparisons

CASES = [(scene, strategy) for scene in TRAFFIC_KINDS for strategy in STRATEGIES]
QUICK = [(scene, strategy) for scene, strategy in CASES if scene.traffic.plays <= 30_000]
BRIEF_CASES = [("fifty", "moments")]
LONG_CASES = [(scene.key, strategy) for scene, strategy in CASES if (scene, strategy) not in QUICK]
BUSY = [scene for scene in TRAFFIC_KINDS if scene.key != "fifth"]


def named(value: object) -> str:
    return value.key if isinstance(value, TrafficKind) else str(value)


@pytest.mark.parametrize(("scene", "strategy"), QUICK, ids=named)
def test_the_stored_figures_are_those_of_the_simulator(scene: TrafficKind, strategy: str) -> None:
    assert simulated_row(scene, strategy) == burn_downs()[scene.key, strategy]


@pytest.mark.parametrize(("key", "strategy"), brief_or_long(BRIEF_CASES, LONG_CASES))
def test_the_slower_figures_are_those_of_the_simulator_too(key: str, strategy: str) -> None:
    scene = next(kind for kind in TRAFFIC_KINDS if kind.key == key)
    assert simulated_row(scene, strategy) == burn_downs()[key, strategy]


def test_every_strategy_is_shown_under_every_traffic() -> None:
    assert set(burn_downs()) == {(scene.key, strategy) for scene, strategy in CASES}
    assert [len(compared.strategies) for compared in comparisons()] == [len(STRATEGIES)] * len(TRAFFIC_KINDS)


@pytest.mark.parametrize("scene", BUSY, ids=named)
def test_moments_hold_the_plan_wherever_traffic_allows_and_never_end_early(scene: TrafficKind) -> None:
    row = burn_downs()[scene.key, "moments"]
    assert row["furthest"] < 0.02
    assert row["empty_at"] is None or row["empty_at"] > SECONDS * 0.99


def test_with_fewer_plays_than_coupons_moments_waste_hardly_one() -> None:
    row = burn_downs()["fifth", "moments"]
    assert row["winners"] >= row["plays"] * 0.98
    assert row["left"] == COUPONS - row["winners"]
