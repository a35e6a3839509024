"""How many win in a slot and on a day: bounds that hold for plays that come a little out of order, too."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coupons.decide_play import decide
from engine.coupons.game import SECOND, Pacing, WinnerBounds
from engine.coupons.game_state import GameState, RecentWinners
from engine.coupons.play import WON, GameDay, Play
from tests.engine.coupons.worlds import HOUR, SEED, opened, reel

SLOT = 10 * SECOND
SURELY = Pacing("odds", chance=(1, 1))
late_by = st.integers(0, 3 * SLOT)
moments = st.lists(st.tuples(st.integers(0, 6 * SLOT), late_by), min_size=1, max_size=80)


def in_order_of_arrival(received: list[tuple[int, int]]) -> list[int]:
    """Moments at which plays were received, in the order in which they come to be decided."""
    return [at for at, _ in sorted(received, key=sum)]


@given(moments, st.integers(0, 3))
def test_no_slot_has_more_winners_than_its_maximum(received: list[tuple[int, int]], most: int) -> None:
    game = replace(reel(winners=WinnerBounds(max_per_slot=most, slot=SLOT)), pacing=SURELY)
    state, won = opened(game, coffee=500), Counter[int]()
    for number, at in enumerate(in_order_of_arrival(received)):
        decision = decide(game, state, SEED, Play(str(number), at, GameDay(0, 0, HOUR)))
        won[at // SLOT] += decision.outcome == WON
    assert max(won.values()) <= most


@given(moments, st.integers(0, 3))
def test_no_day_has_more_winners_than_its_maximum(received: list[tuple[int, int]], most: int) -> None:
    game = reel("moments", winners=WinnerBounds(min_per_day=100, max_per_day=most))
    state, won = opened(game, coffee=500), Counter[int]()
    for number, at in enumerate(in_order_of_arrival(received)):
        day = at // SLOT  # days are short here
        decision = decide(game, state, SEED, Play(str(number), at, GameDay(day, day * SLOT, (day + 1) * SLOT)))
        won[day] += decision.outcome == WON
    assert max(won.values()) <= most


def test_a_day_reaches_its_minimum_of_winners_as_it_passes() -> None:
    game = reel("remaining", winners=WinnerBounds(min_per_day=6))
    state = opened(game, coffee=500)
    outcomes = [decide(game, state, SEED, Play(str(at), at, GameDay(0, 0, HOUR))) for at in range(0, HOUR, HOUR // 60)]
    assert sum(decision.cause == "least_a_day" for decision in outcomes) <= 6
    assert sum(decision.outcome == WON for decision in outcomes) >= 6


@pytest.mark.parametrize(("ordinal", "count"), [(7, 0), (6, 2), (5, 1), (4, None)])
def test_a_tally_counts_the_newest_period_and_the_one_before(ordinal: int, count: int | None) -> None:
    tally = RecentWinners()
    for period in (3, 5, 6, 6, 4):
        tally.add(period)
    assert tally.count_in(ordinal) == count


def test_a_game_state_stored_in_the_older_form_can_be_read() -> None:
    stored = opened(reel()).to_json() | {"slot": [3, 2], "day": [20_000, 9]}
    state = GameState.from_json(stored)
    assert (state.slot.count_in(3), state.day.count_in(20_000), state.day.count_in(19_999)) == (2, 9, 0)
