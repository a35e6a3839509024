"""Bugs planted into the road of a coupon: the constraints, the onlooker's questions or the audit must find each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.config import Settings
from webapp.services.campaigns.campaign_audit import audit_campaign
from webapp.services.coupons import stock
from webapp.services.history.verify import coupon_inconsistencies
from webapp.services.plays import play_batch
from webapp.store.campaigns import campaign_rows, coupons, plays
from webapp.store.system.connection import Connection, connect

HALF = {"pacing": {"strategy": "odds", "chance": 0.5}, "budgets": [budget("coffee", 40)]}


@pytest.fixture
def player(client: FlaskClient, api_key: Callable[..., str]) -> Player:
    return Player(client, api_key("plays:write"))


def found_out(conn: Connection, settings: Settings) -> list[str]:
    """Everything that is amiss."""
    report = audit_campaign(settings, "friday")
    assert report is not None
    return coupon_inconsistencies(conn) + report.differences


def play_at_once(settings: Settings, player: Player) -> list[str]:
    """Sixty plays, decided by four drains at the same time; gives what the database refused."""
    for number in range(60):
        player.play(f"p{number}", f"player{number % 9}")

    start = Barrier(4)  # or the first drain may be done before the others have connected

    def decide(_: int) -> str:
        with connect(settings.database_url) as conn:
            start.wait(timeout=30)
            for _ in range(20):
                try:
                    play_batch.decide_batch(conn, settings, "reel", 5)
                except (psycopg.Error, AssertionError) as error:
                    conn.rollback()
                    return type(error).__name__
        return ""

    with ThreadPoolExecutor(4) as crowd:
        return [refused for refused in crowd.map(decide, range(4)) if refused]


def test_four_drains_of_one_game_decide_everything_once(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday(game=HALF))
    assert play_at_once(settings, player) == []
    drain(settings)
    assert found_out(conn, settings) == []


def test_without_the_lock_of_the_game_the_database_refuses(
    conn: Connection, settings: Settings, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(conn, friday(game=HALF))
    monkeypatch.setattr(campaign_rows, "LOCK", campaign_rows.LOCK.replace("FOR NO KEY UPDATE", ""))
    refused = play_at_once(settings, player)
    assert refused or found_out(conn, settings)


def test_a_win_without_its_coupon_is_refused_by_the_database(
    conn: Connection, settings: Settings, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(conn, friday())
    player.play("p1")
    monkeypatch.setattr(play_batch, "_lock_coupons", lambda *_: {})
    with pytest.raises(psycopg.errors.CheckViolation):
        drain(settings)
    assert player.result("p1")["status"] == "queued"


def test_coupons_beyond_the_budget_are_refused_by_the_database(conn: Connection) -> None:
    publish(conn, friday())
    with pytest.raises(psycopg.errors.CheckViolation):
        conn.execute("UPDATE coupon_pool SET issued = issued + 1")


def test_a_counter_that_is_not_moved_is_found(
    conn: Connection, settings: Settings, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(conn, friday())
    player.play("p1")
    monkeypatch.setattr(coupons, "count_moves", lambda *_: None)
    drain(settings)
    assert found_out(conn, settings)


@pytest.mark.parametrize("plant", ["remove_from_inbox", "save_player_totals"])
def test_a_play_that_is_decided_again_keeps_its_outcome_or_is_found(
    conn: Connection, settings: Settings, player: Player, monkeypatch: pytest.MonkeyPatch, plant: str
) -> None:
    publish(conn, friday(game=HALF | {"limits": {"plays_per_player": 1}}))
    player.play("p1")
    monkeypatch.setattr(plays, plant, lambda *_: None)
    with connect(settings.database_url) as other_conn:
        play_batch.decide_batch(other_conn, settings, "reel", 5)
        first_result = player.result("p1")
        player.play("p2")
        _quietly(lambda: play_batch.decide_batch(other_conn, settings, "reel", 5))
    assert player.result("p1") == first_result
    assert found_out(conn, settings) or counted_twice(conn)


def _quietly(step: Callable[[], Any]) -> None:
    with suppress(psycopg.Error, AssertionError):
        step()


def counted_twice(conn: Connection) -> bool:
    """Whether a player played more often than the limit allows."""
    row = conn.execute("SELECT count(*) FROM play WHERE reason IN ('won', 'no_luck')").fetchone()
    return row is not None and row[0] > 1


def test_a_change_of_stock_that_is_not_in_the_log_is_found(
    conn: Connection, settings: Settings, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = {"pacing": {"strategy": "adaptive"}, "budgets": [budget("coffee", 5)]}
    publish(conn, friday(game=moments))
    monkeypatch.setattr(campaign_rows, "save_game", _without_restocks(campaign_rows.save_game))
    stock.top_up(conn, settings, "reel", "coffee", [f"MORE-{number}" for number in range(50)])
    conn.commit()
    for number in range(30):
        player.play(f"p{number}", f"player{number}")
    drain(settings)
    assert found_out(conn, settings)


def _without_restocks(save: Callable[..., None]) -> Callable[..., None]:
    return lambda conn, held, records: save(conn, held, [record for record in records if record[0] != "restocked"])
