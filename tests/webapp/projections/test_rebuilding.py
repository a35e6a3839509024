"""Without its epoch nothing in Redis is believed; a rebuild brings back exactly what Postgres knows."""

from typing import Any

import pytest

from engine.vocabulary.shard import SHARDS
from tests.webapp.services.drains import drain, lesson, post, publish
from webapp import projections
from webapp.config import Settings
from webapp.projections import epoch, leaderboard_views, leaderboards
from webapp.projections.epoch import ProjectionsRebuilding
from webapp.projections.leaderboard_views import LeaderboardQuery, LeaderboardView, NoSuchWindow
from webapp.projections.leaderboards import PlayerScore
from webapp.projections.redis import BulkSender, Redis, cache_redis
from webapp.runtime.clock import from_micros, now_micros
from webapp.services.leaderboards import finalise_runs as finalising
from webapp.services.leaderboards.finalise_runs import finalise
from webapp.services.pipeline.relay_outbox import relay
from webapp.store.events.event_log import NewEvent
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect

WEEK = 7 * 86_400_000_000
RULES: list[dict[str, Any]] = [
    {"kind": "earning", "key": "points", "name": "Points", "trigger": {"events": ["lesson_completed"]},
     "condition": None, "grant": {"xp": {"var": "event.properties.score"}}},
    {"kind": "leaderboard", "key": "weekly_xp", "name": "Weekly XP", "score": "xp", "window": "week",
     "segment_by": "player.attributes.team", "finalise_after_hours": 24 * 14},
    {"kind": "leaderboard", "key": "ever", "name": "Ever", "score": "xp", "window": "all_time", "limit": 3},
]  # fmt: skip
PLAYERS = [("ada", 50, "red"), ("grace", 70, "blue"), ("ken", 50, "blue"), ("lin", 20, "red")]


@pytest.fixture
def cache(settings: Settings) -> Redis:
    return cache_redis(settings)


@pytest.fixture
def school(settings: Settings) -> Settings:
    """Four players have scored this week and the week before; all boards are told."""
    publish(settings, RULES)
    now = now_micros()
    for week in range(2):
        events = [scored(week * 10 + number, now - week * WEEK, *row) for number, row in enumerate(PLAYERS)]
        for event in events:
            post(settings, [event])
        drain(settings)
    projections.rebuild(settings)
    tell_everything(settings)
    return settings


def scored(number: int, at: int, player: str, points: int, team: str) -> NewEvent:
    event = lesson(number, player, at=at, score=points)
    return NewEvent(
        *(event.id, event.type, player, at, event.payload, f'{{"attributes":{{"team":"{team}"}}}}'.encode())
    )


def tell_everything(settings: Settings) -> None:
    while relay(settings, SHARDS):
        pass


def read_board(settings: Settings, board: str = "weekly_xp", **wanted: Any) -> LeaderboardView:
    with connect(settings.database_url) as conn:
        book = rulebooks.live(conn)
        return leaderboard_views.read_leaderboard(settings, conn, book.boards[board], LeaderboardQuery(**wanted))


def rows(view: LeaderboardView) -> list[tuple[int, str, float]]:
    return [(row.rank, row.player, row.score) for row in view.rows]


THE_BOARD = [(1, "grace", 70), (2, "ada", 50), (2, "ken", 50), (4, "lin", 20)]


def test_a_board_matches_the_states(school: Settings) -> None:
    view = read_board(school)
    assert (rows(view), view.total, view.is_final) == (THE_BOARD, 4, False)


def test_the_window_before_is_another_run(school: Settings) -> None:
    view = read_board(school, window="previous")
    assert (rows(view), view.run.ends_at) == (THE_BOARD, read_board(school).run.starts_at)


def test_a_segment_is_ranked_by_itself(school: Settings) -> None:
    assert rows(read_board(school, segment="red")) == [(1, "ada", 50), (2, "lin", 20)]
    assert rows(read_board(school, segment="nobody's")) == []


def test_the_limit_bounds_the_list_and_around_works_for_everybody(school: Settings) -> None:
    assert rows(read_board(school, "ever")) == [(1, "grace", 140), (2, "ada", 100), (2, "ken", 100)]
    around = read_board(school, "ever", around="lin")
    assert (around.found, rows(around)[-1]) == (3, (4, "lin", 40))


def test_a_late_event_moves_the_window_that_it_lies_in(school: Settings) -> None:
    post(school, [scored(90, now_micros() - WEEK, "lin", 500, "red")])
    drain(school)
    tell_everything(school)
    assert rows(read_board(school, window="previous"))[0] == (1, "lin", 520)
    assert rows(read_board(school)) == THE_BOARD


def test_old_runs_are_not_kept_in_redis(school: Settings) -> None:
    with pytest.raises(NoSuchWindow):
        read_board(school, window="2020-W01")


def test_without_an_epoch_nothing_is_read_and_nothing_is_written(school: Settings, cache: Redis) -> None:
    epoch.end(cache)
    post(school, [scored(90, now_micros(), "lin", 500, "red")])
    drain(school)
    assert relay(school, SHARDS) == 0
    with pytest.raises(ProjectionsRebuilding):
        read_board(school)


def test_a_wiped_server_is_rebuilt_from_the_states(school: Settings, cache: Redis) -> None:
    before = [
        (rows(read_board(school, segment=segment)), rows(read_board(school, window="previous")))
        for segment in (None, "red")
    ]
    cache.flushall()
    assert projections.rebuild(school) == 4
    assert [
        (rows(read_board(school, segment=segment)), rows(read_board(school, window="previous")))
        for segment in (None, "red")
    ] == before


def test_a_rebuild_swaps_to_new_keys_and_drops_the_old_ones(school: Settings, cache: Redis) -> None:
    old = epoch.current(cache)
    assert old is not None
    projections.rebuild(school)
    assert epoch.current(cache) != old
    assert list(cache.scan_iter(match=f"*{old}*")) == []


def test_nobody_reads_a_half_finished_rebuild(school: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    fill = leaderboards.fill

    def look_meanwhile(*arguments: Any) -> None:
        fill(*arguments)
        with pytest.raises(ProjectionsRebuilding):
            read_board(school)

    monkeypatch.setattr(leaderboards, "fill", look_meanwhile)
    projections.rebuild(school)
    assert rows(read_board(school)) == THE_BOARD


def test_changes_committed_during_a_rebuild_are_relayed_after_it(
    school: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = epoch.begin

    def lin_scores_just_before(cache: Redis, name: str) -> bool:
        post(school, [scored(90, now_micros(), "lin", 500, "red")])
        drain(school)
        return begin(cache, name)

    monkeypatch.setattr(epoch, "begin", lin_scores_just_before)
    projections.rebuild(school)
    tell_everything(school)
    assert rows(read_board(school))[0] == (1, "lin", 520)


def test_boards_forgotten_during_a_rebuild_are_written_again(
    school: Settings, cache: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill, wipes = leaderboards.fill, iter([True])

    def wiped_once(*arguments: Any) -> None:
        fill(*arguments)
        if next(wipes, False):
            cache.flushall()

    monkeypatch.setattr(leaderboards, "fill", wiped_once)
    assert projections.rebuild(school) == 4
    assert rows(read_board(school)) == THE_BOARD


def test_nobody_rebuilds_lost_boards_while_another_process_does(school: Settings, cache: Redis) -> None:
    epoch.end(cache)
    assert epoch.claim(cache, "another")
    projections.rebuild_if_lost(school)
    assert epoch.current(cache) is None
    epoch.release(cache, "another")
    projections.rebuild_if_lost(school)
    assert rows(read_board(school)) == THE_BOARD


def test_who_lost_the_lease_begins_no_epoch(cache: Redis) -> None:
    assert epoch.claim(cache, "slow")
    cache.delete(epoch.LEASE)
    assert epoch.claim(cache, "quick")
    assert not epoch.renew(cache, "slow")
    assert not epoch.begin(cache, "slow")
    epoch.release(cache, "slow")
    assert epoch.begin(cache, "quick")
    assert (epoch.current(cache), cache.exists(epoch.LEASE)) == ("quick", 0)


def test_filling_an_epoch_writes_what_single_changes_would(school: Settings, cache: Redis) -> None:
    scores = [
        PlayerScore(number, number, 50.5 + number, 9 - number, segment) for number, segment in enumerate(SEGMENTS)
    ]
    leaderboards.write(cache, "one", {("ever", "all"): scores})
    with BulkSender(cache) as sender:
        leaderboards.fill(sender, "two", {("ever", "all"): scores})
    assert stored(cache, "one") == stored(cache, "two")


SEGMENTS = (None, "red", "größte", None, "red")


def stored(cache: Redis, name: str) -> list[Any]:
    sets = [
        cache.zrange(leaderboards.set_key(name, "ever", "all", segment), 0, -1, withscores=True) for segment in SEGMENTS
    ]
    return [
        cache.hgetall(leaderboards.hash_key(name, "ever", "all")),
        cache.smembers(leaderboards.runs_key(name)),
        *sets,
    ]


@pytest.fixture
def final(school: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Five weeks later, all that was open is final."""
    later = now_micros() + 4 * WEEK
    monkeypatch.setattr(finalising, "now_micros", lambda: later)
    monkeypatch.setattr(finalising, "RUNS_BACK", 6)
    assert finalise(school) >= 2
    return school


def test_a_final_run_is_read_from_postgres_even_without_redis(final: Settings, cache: Redis) -> None:
    cache.flushall()
    view = read_board(final, window="previous")
    assert (rows(view), view.total, view.is_final) == (THE_BOARD, 4, True)


def test_a_final_run_has_its_segments(final: Settings) -> None:
    view = read_board(final, window="previous", segment="blue")
    assert (rows(view), view.total) == ([(1, "grace", 70), (2, "ken", 50)], 2)
    assert read_board(final, window="previous", segment="blue", around="ken").found == 1


def test_a_final_run_is_written_once_and_stays(final: Settings) -> None:
    assert finalise(final) == 0
    post(final, [scored(90, now_micros() - WEEK, "lin", 500, "red")])
    drain(final)
    tell_everything(final)
    assert rows(read_board(final, window="previous")) == THE_BOARD


def test_a_run_is_not_final_while_older_entries_wait(school: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    post(school, [scored(90, now_micros() - WEEK, "lin", 500, "red")])
    later = now_micros() + 4 * WEEK
    monkeypatch.setattr(finalising, "now_micros", lambda: later)
    assert finalise(school) == 0
    assert from_micros(later) > read_board(school).as_of
