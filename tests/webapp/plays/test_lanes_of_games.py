"""Who decides: a game's own worker, or any other that is awake; never two at once."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import Player, friday, publish
from webapp.config import Settings
from webapp.services.plays.drain_games import drain_lane_first, lane_of
from webapp.store.campaigns import campaign_rows
from webapp.store.system.connection import Connection, connect


@pytest.fixture
def player(client: FlaskClient, api_key: Callable[..., str]) -> Player:
    return Player(client, api_key("plays:write"))


@pytest.fixture
def other_lane(settings: Settings) -> int:
    """The lane to which the game does not belong."""
    return 1 - lane_of("reel", settings.workers)


def test_a_worker_also_decides_in_a_game_of_another_lane(
    conn: Connection, settings: Settings, player: Player, other_lane: int
) -> None:
    publish(conn, friday())
    player.play("p1")
    with connect(settings.database_url) as drain:
        assert drain_lane_first(drain, settings, other_lane) == 1
    assert player.result("p1")["status"] == "won"


@pytest.mark.parametrize("limits", [{}, {"limits": {"plays_per_player": 5}}])
def test_a_game_in_which_another_decides_is_passed_over(
    conn: Connection, settings: Settings, player: Player, other_lane: int, limits: dict[str, object]
) -> None:
    publish(conn, friday(**limits))
    player.play("p1")
    with connect(settings.database_url) as other, connect(settings.database_url) as drain:
        assert campaign_rows.lock_game(other, "reel")
        assert drain_lane_first(drain, settings, other_lane) == 0
        other.rollback()
        assert drain_lane_first(drain, settings, other_lane) == 1


def test_plays_are_accepted_while_others_are_decided(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday())
    with connect(settings.database_url) as drain:
        assert campaign_rows.lock_game(drain, "reel")
        assert player.play("p1").status_code == 202
