"""The audit of a campaign: every outcome follows from the seed and the log, or is named."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import HOUR, Player, budget, drain, friday, moment, publish
from webapp.config import Settings
from webapp.services.campaigns.campaign_audit import audit_campaign
from webapp.services.campaigns.close_campaign import close_campaign, publish_due_seeds
from webapp.services.coupons import stock
from webapp.services.history.verify import verify
from webapp.store.campaigns import pools
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system.connection import Connection, connect

HARD = {"pacing": {"strategy": "odds", "chance": 0.4}, "budgets": [budget("coffee", 10), budget("bikes", 9)]}


@pytest.fixture
def player(client: FlaskClient, api_key: Callable[..., str]) -> Player:
    return Player(client, api_key("plays:write"))


def played(conn: Connection, settings: Settings, player: Player) -> None:
    """Friday with plays, a top-up, a void and another document in between."""
    publish(conn, friday(game=HARD))
    steps: list[Callable[[], Any]] = [
        lambda: stock.top_up_by_pattern(conn, settings, pool_of(conn, "coffee"), "C-########", 5),
        lambda: stock.void_available(conn, settings, "reel", "bikes", 4),
        lambda: publish(conn, friday(game=HARD | {"pacing": {"strategy": "adaptive"}, "ends_at": moment(2 * HOUR)})),
        lambda: None,
    ]
    for round_, step in enumerate(steps):
        for number in range(12):
            player.play(f"p{round_}-{number}", f"player{number}")
        drain(settings)
        step()
        conn.commit()


def pool_of(conn: Connection, brand: str) -> CouponPool:
    """The brand's budget in the reel."""
    return pools.pools_of_game(conn, "reel")[brand]


def test_the_audit_of_a_played_campaign_is_clean(conn: Connection, settings: Settings, player: Player) -> None:
    played(conn, settings, player)
    report = audit_campaign(settings, "friday")
    assert report is not None
    assert (report.differences, report.plays, report.seed) == ([], 48, None)
    assert verify(settings).differences == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE game_log SET content = content || '{\"draw\": 0}' WHERE n = 5",
        "UPDATE play SET reason = 'no_luck' WHERE number = (SELECT min(number) FROM play WHERE status = 'won')",
        "DELETE FROM game_log WHERE n = 7",
        "UPDATE game_log SET content = content || '{\"outcome\": \"won\"}' WHERE content->>'outcome' = 'lost'",
        "UPDATE campaign SET seed_hash = 'another'",
    ],
)
def test_a_changed_outcome_or_log_is_found(
    conn: Connection, settings: Settings, player: Player, owner_conn: Connection, tampering: str
) -> None:
    played(conn, settings, player)
    owner_conn.execute(tampering)
    owner_conn.commit()
    report = audit_campaign(settings, "friday")
    assert report is not None
    assert report.differences


def test_the_seed_is_secret_until_the_close_and_then_public(
    conn: Connection, settings: Settings, player: Player
) -> None:
    played(conn, settings, player)
    assert publish_due_seeds(settings) == 0
    stored = conn.execute("SELECT seed_sealed, seed_hash FROM campaign").fetchone()
    conn.rollback()
    assert stored is not None
    seed = close_campaign(settings, "friday", "mira")
    assert seed is not None
    assert bytes.fromhex(seed) not in bytes(stored[0])
    assert player.play("late").get_json()["code"] == "game_not_open"
    report = audit_campaign(settings, "friday")
    assert report is not None
    assert (report.seed, report.commitment, report.differences) == (seed, stored[1], [])


def test_the_seed_of_a_campaign_that_is_over_is_published_once_everything_is_decided(
    conn: Connection, settings: Settings, player: Player
) -> None:
    publish(conn, friday())
    player.play("p1")
    with connect(settings.database_url) as other_conn:
        other_conn.execute("UPDATE game SET starts_at = now() - interval '2 hours', ends_at = now()")
        other_conn.commit()
    assert publish_due_seeds(settings) == 0
    drain(settings)
    assert publish_due_seeds(settings) == 1
    assert publish_due_seeds(settings) == 0
