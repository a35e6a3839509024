"""The worst of many seeds: bounds that hold for every single run."""

from hypothesis import given
from hypothesis import strategies as st

from engine.coupons.simulation.simulate import Simulation, simulate
from engine.coupons.simulation.traffic import SimulatedTraffic
from engine.coupons.simulation.worst_case import worst_case
from tests.engine.coupons.worlds import reel

runs = st.lists(
    st.builds(
        Simulation,
        initial=st.just(10),
        winners=st.integers(0, 10),
        furthest=st.floats(0, 1),
        empty_at=st.none() | st.integers(0, 100),
        burn_down=st.lists(st.integers(0, 10), min_size=5, max_size=5),
    ),
    min_size=1,
    max_size=6,
)


@given(runs)
def test_no_run_is_worse_than_the_worst_case(simulations: list[Simulation]) -> None:
    worst = worst_case(simulations)
    for simulation in simulations:
        assert worst.fewest_winners <= simulation.winners <= worst.most_winners
        assert simulation.furthest <= worst.furthest
        assert simulation.empty_at is None or (worst.empty_at is not None and worst.empty_at <= simulation.empty_at)
        points = zip(worst.least, simulation.burn_down, worst.most, strict=True)
        assert all(least <= left <= most for least, left, most in points)


@given(runs)
def test_the_worst_case_is_that_of_some_run(simulations: list[Simulation]) -> None:
    worst = worst_case(simulations)
    assert worst.furthest in {simulation.furthest for simulation in simulations}
    assert worst.empty_at in {simulation.empty_at for simulation in simulations}
    assert worst.emptied == sum(simulation.empty_at is not None for simulation in simulations)
    assert {worst.fewest_winners, worst.most_winners} <= {simulation.winners for simulation in simulations}


def test_seeds_differ_and_remaining_is_empty_early_with_each_of_them() -> None:
    traffic = SimulatedTraffic("burst", 20_000, 5_000)
    simulations = [simulate(reel("remaining"), {"coffee": 100}, traffic, str(seed).encode()) for seed in range(3)]
    worst = worst_case(simulations)
    assert worst.emptied == 3
    assert worst.empty_at is not None
    assert worst.empty_at < reel("remaining").ends_at // 2
    assert len({simulation.empty_at for simulation in simulations}) > 1
