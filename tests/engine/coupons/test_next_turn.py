"""A player is offered a turn exactly when a play could win, and told truly from when on one can again."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.coupons.decide_play import decide
from engine.coupons.game import GameBrand, PlayLimits
from engine.coupons.game_state import GameState
from engine.coupons.next_turn import next_turn
from engine.coupons.play import BUDGET_EXHAUSTED, LIMIT_REACHED, NOT_ELIGIBLE, GameDay, PlayCounts
from tests.engine.coupons.worlds import HOUR, SEED, play, reel
from tests.lengths import brief_or_long

few = st.integers(0, 2)
maximum = st.none() | st.integers(1, 2)
limits = st.builds(PlayLimits, plays=maximum, plays_per_day=maximum, wins=maximum, wins_per_day=maximum)
counts = st.builds(
    PlayCounts,
    plays=few,
    plays_today=few,
    wins=few,
    wins_today=few,
    by_brand=st.fixed_dictionaries({"acme": few, "bolt": few}),
)
brands = st.tuples(
    st.builds(GameBrand, st.just("acme"), st.just("Acme"), wins_per_player=maximum),
    st.builds(GameBrand, st.just("bolt"), st.just("Bolt"), wins_per_player=maximum),
)
days = st.sampled_from([GameDay(0, 0, HOUR // 2), GameDay(0, 0, HOUR)])


histories = st.fixed_dictionaries({"is_eligible": st.booleans(), "in_game": counts, "in_campaign": counts, "day": days})


@settings(max_examples=brief_or_long(150, 2000))
@given(brands, limits, limits, histories, st.tuples(few, few))
def test_a_turn_is_refused_exactly_where_no_draw_could_win(of_game, own, shared, history, left):
    game = replace(reel(limits=own), brands=of_game)
    state = GameState.opening({"acme": left[0], "bolt": left[1]}, game.starts_at, game.ends_at)
    sent = replace(play(1), **history)
    turn = next_turn(game, state, sent, shared)
    reason = decide(game, GameState.from_json(state.to_json()), SEED, sent, shared).reason
    refusals = {NOT_ELIGIBLE, LIMIT_REACHED, BUDGET_EXHAUSTED}
    assert turn.refusal == (reason if reason in refusals else "")
    tomorrow = sent.day.ends_at
    in_game, in_campaign = (replace(before, plays_today=0, wins_today=0) for before in (sent.in_game, sent.in_campaign))
    later = replace(sent, received_at=tomorrow, in_game=in_game, in_campaign=in_campaign)
    can_later = tomorrow < game.ends_at and decide(game, state, SEED, later, shared).reason not in refusals
    assert turn.again_at == (tomorrow if turn.refusal == LIMIT_REACHED and can_later else None)
