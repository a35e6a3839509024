"""How each strategy spreads a budget, whatever the traffic."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coupons import pacing
from engine.coupons.decide_play import count_win, decide, replan
from engine.coupons.game import SECOND, Pacing
from engine.coupons.pacing import moments, remaining
from engine.coupons.simulation.simulate import simulate
from engine.coupons.simulation.traffic import SimulatedTraffic
from tests.engine.coupons.worlds import HOUR, SEED, opened, play, reel

BUSY = [
    SimulatedTraffic("steady", 3_600, 3_000),
    SimulatedTraffic("steady", 18_000, 10_000),
    SimulatedTraffic("burst", 15_000, 10_000, peak=200),
    SimulatedTraffic("daily", 18_000, 10_000),
]
ARRIVALS = st.lists(st.integers(0, HOUR - 1), min_size=1, max_size=300).map(sorted)


@given(st.integers(1, 400), st.binary(min_size=32, max_size=32))
def test_every_winning_moment_lies_in_its_own_equal_share_of_the_time(count: int, seed: bytes) -> None:
    plan = opened(reel(), coffee=count).plan
    places = [moments.moment("reel", plan, seed, index) for index in range(count)]
    assert all(HOUR * index // count <= at <= HOUR * (index + 1) // count for index, at in enumerate(places))
    assert all(moments.due("reel", plan, seed, at) == index + 1 for index, at in enumerate(places))


@given(ARRIVALS)
def test_a_play_wins_exactly_where_a_moment_is_due_and_unclaimed(arrivals: list[int]) -> None:
    game = reel()
    state = opened(game)
    plan, won = state.plan, 0
    for at in arrivals:
        is_due = moments.due("reel", plan, SEED, at) > won
        assert (decide(game, state, SEED, play(at)).outcome == "won") == is_due
        won += is_due


@given(ARRIVALS)
def test_a_lapsed_moment_is_claimed_by_nobody(arrivals: list[int]) -> None:
    game = reel(unclaimed="lapse")
    state = opened(game)
    winners = [at for at in arrivals if decide(game, state, SEED, play(at)).outcome == "won"]
    claimed = [moments.due("reel", state.plan, SEED, at) for at in winners]
    assert len(set(claimed)) == len(claimed), "two plays won by one moment"


def test_moments_that_nobody_claimed_go_to_the_next_plays_one_each() -> None:
    game = reel()
    state = opened(game)
    late = [decide(game, state, SEED, play(HOUR // 2 + k)).outcome for k in range(60)]
    assert late == ["won"] * 50 + ["lost"] * 10 or late == ["won"] * 51 + ["lost"] * 9


@pytest.mark.parametrize("traffic", BUSY, ids=lambda traffic: f"{traffic.shape} {traffic.plays}")
def test_moments_stay_within_two_hundredths_of_the_line_and_are_never_empty_early(traffic: SimulatedTraffic) -> None:
    game = reel()
    simulation = simulate(game, {"coffee": 300, "bikes": 200}, traffic, SEED)
    assert simulation.furthest < 0.02
    assert simulation.empty_at is None or simulation.empty_at > HOUR - HOUR // 250


@pytest.mark.parametrize("traffic", BUSY[1:], ids=lambda traffic: f"{traffic.shape} {traffic.plays}")
def test_the_adaptive_controller_keeps_near_the_line(traffic: SimulatedTraffic) -> None:
    simulation = simulate(reel("adaptive"), {"coffee": 300, "bikes": 200}, traffic, SEED)
    assert simulation.furthest < 0.05
    assert simulation.left <= 10


@given(ARRIVALS)
def test_the_adaptive_controller_is_never_further_ahead_than_one_horizon(arrivals: list[int]) -> None:
    game = reel("adaptive")
    state = opened(game)
    for at in arrivals:
        decide(game, state, SEED, play(at))
        assert state.won <= 100 * (at + game.pacing.horizon) / HOUR + 1


def test_remaining_empties_early_where_several_plays_share_a_slot() -> None:
    simulation = simulate(reel("remaining"), {"coffee": 1_000}, SimulatedTraffic("steady", 180_000, 100_000), SEED)
    assert simulation.empty_at is not None
    assert simulation.empty_at < HOUR / 5


@given(st.integers(0, HOUR - 1), st.integers(0, 100))
def test_remaining_divides_the_budget_left_by_the_slots_left(at: int, left: int) -> None:
    game = reel("remaining")
    above, below = remaining.chance(game, opened(game, coffee=left), SEED, at)
    assert Fraction(above, below) == Fraction(left, -(-(HOUR - at) // SECOND))


def test_odds_win_as_often_as_they_promise() -> None:
    game = reel("odds")
    assert pacing.chance(game, opened(game), SEED, HOUR // 2) == Pacing().chance
    simulation = simulate(game, {"coffee": 1_000}, SimulatedTraffic("steady", 100_000, 50_000), SEED)
    assert 60 < simulation.winners < 140


@given(st.integers(0, HOUR - 1), st.integers(-60, 200), st.integers(0, 100))
def test_after_a_change_as_many_moments_are_left_as_coupons(at: int, change: int, taken: int) -> None:
    game = reel()
    state = opened(game, coffee=100)
    for number in range(min(taken, 100 + min(change, 0))):
        count_win(game, state, SEED, play(at, str(number)), "coffee")
    replan(game, state, SEED, at, {"coffee": max(change, -state.left["coffee"])})
    plan = state.plan
    assert plan.generation == 1
    assert plan.count + plan.carried == state.total_left or state.won > moments.due("reel", plan, SEED, at)
    assert plan.count + plan.carried <= state.total_left


@given(ARRIVALS, st.integers(0, HOUR - 1))
def test_a_top_up_halfway_is_spread_over_the_remaining_time(arrivals: list[int], at: int) -> None:
    game = reel()
    state = opened(game, coffee=10)
    for arrived_at in (arrival for arrival in arrivals if arrival < at):
        decide(game, state, SEED, play(arrived_at))
    before = moments.unclaimed(game, state.plan, SEED, at)
    replan(game, state, SEED, at, {"coffee": 500})
    assert moments.unclaimed(game, state.plan, SEED, at) <= before + 1
    assert moments.due("reel", state.plan, SEED, HOUR) == state.plan.count


def test_arrivals_come_in_order_and_in_the_requested_number() -> None:
    from engine.coupons.simulation.traffic import arrivals

    for traffic in [*BUSY, SimulatedTraffic("replay", 777, 100, counted=[0, 5, 1, 0, 94])]:
        moments_of_arrival = list(arrivals(traffic, reel(), Random(1)))
        assert len(moments_of_arrival) == traffic.plays
        assert moments_of_arrival == sorted(moments_of_arrival)
        assert all(0 <= at < HOUR for at in moments_of_arrival)
