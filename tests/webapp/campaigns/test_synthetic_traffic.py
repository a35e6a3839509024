"""Synthetic traffic: the beat sends what its row says, to open games only, and the demo's campaign is opened once."""

import pytest

from rules_library import weekend
from tests.webapp.campaigns.friday_weekend import HOUR, drain, friday, moment, publish
from webapp.config import Settings
from webapp.services.campaigns import synthetic_traffic
from webapp.services.demo.demo_campaign import open_demo_campaign
from webapp.store.campaigns import campaign_rows, plays, pools
from webapp.store.campaigns import synthetic_traffic as rows
from webapp.store.system.connection import Connection


def since(conn: Connection, seconds: float) -> None:
    """Let the last sending lie that far back."""
    rows.update_traffic(conn, {"at": rows.traffic_row(conn)["at"] - seconds})
    conn.commit()


def begin(conn: Connection, per_second: float = 20) -> None:
    synthetic_traffic.start_traffic(conn, "friday", per_second)
    conn.commit()
    since(conn, 1)


def test_due_plays_are_sent_and_decided(conn: Connection, settings: Settings) -> None:
    publish(conn, friday())
    begin(conn)
    assert 20 <= synthetic_traffic.run_synthetic_traffic(settings) <= 25
    known = synthetic_traffic.traffic_state(conn)
    assert (known.status, known.campaign, known.per_second) == ("running", "friday", 20)
    assert known.sent == plays.backlog_size(conn, "reel", 100) == drain(settings)


def test_a_stopped_generator_sends_nothing(conn: Connection, settings: Settings) -> None:
    publish(conn, friday())
    begin(conn)
    synthetic_traffic.stop_traffic(conn)
    conn.commit()
    assert synthetic_traffic.run_synthetic_traffic(settings) == 0
    assert synthetic_traffic.traffic_state(conn).status == "stopped"


def test_a_paused_campaign_waits_and_one_that_is_over_stops(conn: Connection, settings: Settings) -> None:
    publish(conn, friday())
    begin(conn)
    campaign_rows.set_paused(conn, "friday", paused=True)
    conn.commit()
    assert (synthetic_traffic.run_synthetic_traffic(settings), synthetic_traffic.traffic_state(conn).status) == (
        0,
        "waiting",
    )
    campaign_rows.end_campaign(conn, "friday")
    conn.commit()
    assert (synthetic_traffic.run_synthetic_traffic(settings), synthetic_traffic.traffic_state(conn).status) == (
        0,
        "stopped",
    )


def test_a_campaign_that_has_not_begun_is_waited_for(conn: Connection, settings: Settings) -> None:
    publish(conn, friday(game={"starts_at": moment(HOUR), "ends_at": moment(2 * HOUR)}))
    begin(conn)
    assert (synthetic_traffic.run_synthetic_traffic(settings), synthetic_traffic.traffic_state(conn).status) == (
        0,
        "waiting",
    )


def test_another_rate_continues_the_same_run(conn: Connection, settings: Settings) -> None:
    publish(conn, friday())
    begin(conn)
    sent = synthetic_traffic.run_synthetic_traffic(settings)
    begin(conn, 10)
    sent += synthetic_traffic.run_synthetic_traffic(settings)
    assert synthetic_traffic.traffic_state(conn).sent == sent == plays.backlog_size(conn, "reel", 100)


def test_nobody_has_started_anything(conn: Connection, settings: Settings) -> None:
    synthetic_traffic.stop_traffic(conn)
    assert synthetic_traffic.traffic_state(conn) == synthetic_traffic.TrafficState("stopped")
    assert synthetic_traffic.run_synthetic_traffic(settings) == 0


@pytest.mark.parametrize(
    ("seconds", "rate", "count", "upto"),
    [(0.5, 100, 50, 0.5), (0.5, 0.2, 0, 0), (6, 0.2, 1, 5), (60, 100, 200, 60), (3600, 0.2, 1, 3600), (5, 0, 0, 0)],
)
def test_the_number_of_due_plays_follows_the_rate(seconds: float, rate: float, count: int, upto: float) -> None:
    assert synthetic_traffic.due_plays(0, seconds, rate) == (count, pytest.approx(upto))


def test_some_winners_use_their_coupons(conn: Connection, settings: Settings, owner_conn: Connection) -> None:
    publish(conn, friday())
    begin(conn)
    synthetic_traffic.run_synthetic_traffic(settings)
    drain(settings)
    owner_conn.execute("UPDATE coupon SET issued_at = issued_at - interval '2 minutes' WHERE state = 'issued'")
    owner_conn.commit()
    synthetic_traffic.run_synthetic_traffic(settings)
    budgets = pools.pools_of_game(conn, "reel").values()
    assert sum(pool.redeemed for pool in budgets) > 0
    assert all(pool.is_conserved for pool in budgets)
    assert pools.inconsistent_pools(conn) == []


def test_the_demo_opens_its_campaign_once_and_again_when_it_is_over(conn: Connection, settings: Settings) -> None:
    assert open_demo_campaign(settings) == weekend.CAMPAIGN
    assert open_demo_campaign(settings) is None
    assert synthetic_traffic.traffic_state(conn).status == "running"
    campaign_rows.end_campaign(conn, weekend.CAMPAIGN)
    conn.commit()
    assert open_demo_campaign(settings) == "friday_weekend_2"
    assert rows.open_games(conn, "friday_weekend_2") == ["friday_reel_2"]
