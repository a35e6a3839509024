"""Scores in Redis are absolute and versioned: late, repeated and shuffled writes come to the same board."""

import random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from webapp.config import Settings
from webapp.projections import epoch, leaderboards
from webapp.projections.leaderboards import PlayerScore
from webapp.projections.redis import Redis, cache_redis

RUN = ("weekly_xp", "2026-W47")
ADA, GRACE, KEN, LIN = 1, 2, 3, 4


@pytest.fixture
def cache(settings: Settings) -> Redis:
    return cache_redis(settings)


def write(cache: Redis, *scores: PlayerScore, name: str = "e1") -> None:
    leaderboards.write(cache, name, {RUN: scores})


def listed(cache: Redis, segment: str | None = None, *, name: str = "e1") -> list[tuple[int, int, float]]:
    rows = leaderboards.page(cache, leaderboards.set_key(name, *RUN, segment), 0, 100)
    return [(row.rank, row.player, row.score) for row in rows]


def score(player: int, points: float, *, version: int = 1, reached: int = 1, segment: str | None = None) -> PlayerScore:
    return PlayerScore(player, version, points, reached, segment)


def test_equal_scores_share_a_rank_and_the_earlier_one_is_listed_first(cache: Redis) -> None:
    write(cache, score(ADA, 50, reached=9), score(GRACE, 70), score(KEN, 50, reached=3), score(LIN, 20))
    assert listed(cache) == [(1, GRACE, 70), (2, KEN, 50), (2, ADA, 50), (4, LIN, 20)]


def test_a_page_that_begins_among_equals_keeps_their_rank(cache: Redis) -> None:
    write(cache, score(GRACE, 70), *(score(10 + number, 50, reached=number) for number in range(5)))
    rows = leaderboards.page(cache, leaderboards.set_key("e1", *RUN), 3, 10)
    assert [(row.place, row.rank, row.player) for row in rows] == [(3, 2, 12), (4, 2, 13), (5, 2, 14)]


def test_an_older_version_changes_nothing(cache: Redis) -> None:
    write(cache, score(ADA, 80, version=8))
    write(cache, score(ADA, 90, version=7), score(ADA, 10, version=8))
    assert listed(cache) == [(1, ADA, 80)]


def test_a_newer_version_may_lower_a_score(cache: Redis) -> None:
    write(cache, score(ADA, 80, version=8))
    write(cache, score(ADA, 30, version=9))
    assert listed(cache) == [(1, ADA, 30)]


def test_a_changed_segment_moves_the_whole_score(cache: Redis) -> None:
    write(cache, score(ADA, 80, segment="red"), score(KEN, 10, segment="red"))
    write(cache, score(ADA, 85, version=2, segment="blue"))
    assert (listed(cache, "red"), listed(cache, "blue")) == ([(1, KEN, 10)], [(1, ADA, 85)])
    assert listed(cache) == [(1, ADA, 85), (2, KEN, 10)]


def test_a_player_who_leaves_all_segments_stays_on_the_whole_board(cache: Redis) -> None:
    write(cache, score(ADA, 80, segment="red"))
    write(cache, score(ADA, 80, version=2))
    assert (listed(cache, "red"), listed(cache)) == ([], [(1, ADA, 80)])


def test_a_forgotten_player_does_not_come_back_with_a_late_write(cache: Redis) -> None:
    write(cache, score(ADA, 80, version=3, segment="red"))
    leaderboards.forget(cache, "e1", [(ADA, 5)])
    write(cache, score(ADA, 85, version=4, segment="red"))
    assert (listed(cache), listed(cache, "red")) == ([], [])


def test_another_epoch_is_another_board(cache: Redis) -> None:
    write(cache, score(ADA, 80), name="old")
    assert listed(cache, name="new") == []


CHANGES = st.lists(
    st.tuples(st.sampled_from([ADA, GRACE, KEN]), st.integers(0, 40), st.sampled_from([None, "red", "blue"])),
    min_size=1,
    max_size=12,
)


@given(changes=CHANGES, order=st.randoms(use_true_random=False))
@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_writes_in_any_order_and_repetition_give_the_same_board(
    cache: Redis, changes: list[tuple[int, int, str | None]], order: random.Random
) -> None:
    scores = [
        score(player, points, version=version, reached=version, segment=segment)
        for version, (player, points, segment) in enumerate(changes, 1)
    ]
    once, shuffled = epoch.fresh(), scores + order.sample(scores, len(scores) // 2)
    order.shuffle(shuffled)
    write(cache, *scores, name=once + "a")
    for written_score in shuffled:
        write(cache, written_score, name=once + "b")
    for segment in (None, "red", "blue"):
        assert listed(cache, segment, name=once + "a") == listed(cache, segment, name=once + "b")
