"""What becomes of a play: limits, budgets, brands, and the same answer for ever."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.coupons.audit import AuditRecord, GameOpened, GameRestocked, PlayDecided, audit, lowest_terms
from engine.coupons.decide_play import decide, replan
from engine.coupons.draws import DRAW_RANGE, commitment, draw_number
from engine.coupons.game import SECOND, Game, GameBrand, PlayLimits, WinnerBounds
from engine.coupons.game_state import GameState
from tests.engine.coupons.worlds import COFFEE, HOUR, SEED, opened, play, play_counts, reel

SURE = reel("odds", winners=WinnerBounds(min_per_day=10**6))
STEPS = st.lists(
    st.tuples(st.integers(0, 20 * SECOND), st.sampled_from(["play"] * 12 + ["top_up", "void"]), st.integers(1, 9)),
    max_size=200,
)
NO_LIMITS = PlayLimits()


def test_a_play_of_somebody_who_is_not_eligible_loses_and_is_not_counted() -> None:
    state = opened(SURE)
    decision = decide(SURE, state, SEED, play(HOUR // 2, is_eligible=False))
    assert (decision.outcome, decision.reason) == ("lost", "not_eligible")
    assert state == opened(SURE)


def test_limits_of_the_game_and_of_the_campaign_both_bind() -> None:
    game = replace(SURE, limits=PlayLimits(wins=1, plays_per_day=3))
    cases: list[tuple[dict[str, Any], PlayLimits]] = [
        ({"in_game": play_counts(plays=1, wins=1)}, NO_LIMITS),
        ({"in_game": play_counts(plays=9, plays_today=3)}, NO_LIMITS),
        ({"in_campaign": play_counts(plays=5)}, PlayLimits(plays=5)),
        ({"in_campaign": play_counts(wins_today=2)}, PlayLimits(wins_per_day=2)),
    ]
    for counts, limits in cases:
        decision = decide(game, opened(game), SEED, play(HOUR // 2, **counts), limits)
        assert (decision.outcome, decision.reason) == ("lost", "limit_reached")


def test_the_limit_of_a_brand_leaves_the_other_brands() -> None:
    game = replace(SURE, brands=(replace(COFFEE, wins_per_player=1), GameBrand("bikes", "Bolt Bikes")))
    limited_play = play(HOUR // 2, in_game=play_counts(plays=1, wins=1, by_brand={"coffee": 1}))
    assert decide(game, opened(game), SEED, limited_play).brand == "bikes"
    assert decide(game, opened(game, coffee=5), SEED, limited_play).reason == "limit_reached"


def test_an_empty_budget_says_so() -> None:
    decision = decide(SURE, opened(SURE, coffee=0), SEED, play(5))
    assert (decision.outcome, decision.reason) == ("lost", "budget_exhausted")


def test_a_slot_and_a_day_have_no_more_winners_than_the_author_allows() -> None:
    by_slot, by_day = WinnerBounds(10**6, None, 2, 60 * SECOND), WinnerBounds(10**6, 7)
    for winners, most in [(by_slot, 2 * 60), (by_day, 7)]:
        game = replace(SURE, winners=winners)
        state = opened(game, coffee=1_000)
        won = sum(decide(game, state, SEED, play(at)).outcome == "won" for at in range(0, HOUR, 3 * SECOND))
        assert won == most


def test_the_minimum_of_winners_a_day_is_reached_however_small_the_odds() -> None:
    game = reel("odds", winners=WinnerBounds(min_per_day=30))
    state = opened(game)
    won = [at for at in range(0, HOUR, SECOND) if decide(game, state, SEED, play(at)).outcome == "won"]
    assert len(won) >= 30
    assert sum(at < HOUR // 2 for at in won) >= 15


def test_brands_of_a_higher_priority_go_first_and_weights_hold() -> None:
    prioritised = replace(SURE, brands=(COFFEE, GameBrand("bikes", "Bolt Bikes", priority=1)))
    state = opened(prioritised, coffee=50, bikes=3)
    brands = [decide(prioritised, state, SEED, play(HOUR // 2 + k)).brand for k in range(5)]
    assert brands == ["bikes"] * 3 + ["coffee"] * 2
    heavy = replace(SURE, brands=(COFFEE, GameBrand("bikes", "Bolt Bikes", weight=9)))
    state = opened(heavy, coffee=5_000, bikes=5_000)
    won = [decide(heavy, state, SEED, play(HOUR // 2 + k)).brand for k in range(1_000)]
    assert 850 < won.count("bikes") < 940


@given(STEPS)
def test_the_log_of_any_game_can_be_derived_from_its_seed(steps: list[tuple[int, str, int]]) -> None:
    for strategy in ("moments", "adaptive", "odds", "remaining"):
        game = reel(strategy, limits=PlayLimits(wins=2))
        assert list(audit(game, NO_LIMITS, SEED, played(game, steps))) == []


@given(STEPS, st.integers(0, 10**6))
def test_a_forged_outcome_is_found(steps: list[tuple[int, str, int]], which: int) -> None:
    game = reel(winners=WinnerBounds(min_per_day=50))
    records = played(game, [*steps, (1, "play", 1)])
    places = [place for place, record in enumerate(records) if isinstance(record, PlayDecided)]
    place = places[which % len(places)]
    record = records[place]
    assert isinstance(record, PlayDecided)
    forged = replace(record.decision, outcome="lost" if record.decision.outcome == "won" else "won")
    records[place] = replace(record, decision=forged)
    assert record.n in {finding.n for finding in audit(game, NO_LIMITS, SEED, records)}


@given(STEPS)
def test_a_game_state_survives_its_json(steps: list[tuple[int, str, int]]) -> None:
    game, state = reel("adaptive"), opened(reel("adaptive"))
    for index, (wait, _, _) in enumerate(steps):
        decide(game, state, SEED, play(index * wait % HOUR))
        state = GameState.from_json(json.loads(json.dumps(state.to_json())))
    replayed = opened(game)
    for index, (wait, _, _) in enumerate(steps):
        decide(game, replayed, SEED, play(index * wait % HOUR))
    assert replayed == state


def played(game: Game, steps: list[tuple[int, str, int]]) -> list[AuditRecord]:
    """The log of a game in which these things happened."""
    state, at, records = opened(game), 0, list[AuditRecord]([GameOpened(0, {"coffee": 60, "bikes": 40})])
    for number, (wait, step, amount) in enumerate(steps, start=1):
        at = min(at + wait, HOUR - 1)
        if step == "play":
            queued_play = play(at, f"default:{number}")
            decision = decide(game, state, SEED, queued_play)
            records.append(PlayDecided(number, queued_play, replace(decision, chance=lowest_terms(decision.chance))))
            continue
        changes = {"coffee": amount if step == "top_up" else -min(amount, state.left["coffee"])}
        replan(game, state, SEED, at, changes)
        records.append(GameRestocked(number, at, changes))
    return records


def test_draws_are_uniform_and_unpredictable_without_the_seed() -> None:
    draws = [draw_number(SEED, "play", "reel", f"default:{n}") / DRAW_RANGE for n in range(2_000)]
    assert abs(sum(draws) / len(draws) - 0.5) < 0.03
    assert draw_number(SEED, "a", "b") != draw_number(SEED, "ab")
    assert SEED.hex() not in commitment(SEED)
    assert commitment(SEED) != commitment(bytes(32))
