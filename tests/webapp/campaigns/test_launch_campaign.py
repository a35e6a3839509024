"""Launching: what a campaign's publication makes, and what a later one may not change."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.webapp.campaigns.friday_weekend import HOUR, Player, budget, drain, friday, moment, publish
from webapp.config import Settings
from webapp.queue import slow_jobs
from webapp.services.campaigns.campaign_audit import audit_campaign
from webapp.services.campaigns.close_campaign import close_campaign, publish_due_seeds
from webapp.services.campaigns.launch_campaign import fill_coupon_pools
from webapp.services.coupons import stock
from webapp.services.publishing.publish import apply_documents
from webapp.store.campaigns import pools
from webapp.store.system.connection import Connection

LATER = 3 * HOUR


@pytest.fixture
def player(client: FlaskClient, api_key: Callable[..., str]) -> Player:
    return Player(client, api_key("plays:write"))


def refused(conn: Connection, *documents: dict[str, Any]) -> Sequence[str]:
    """Why these documents cannot be published; nothing is changed."""
    applied = apply_documents(conn, list(documents), "mira", publish=True)
    conn.rollback()
    return [problem.message for problem in applied.problems]


def test_a_campaign_whose_seed_is_public_is_not_opened_again(conn: Connection, settings: Settings) -> None:
    over = friday(game={"starts_at": moment(-LATER), "ends_at": moment(-HOUR)})
    publish(conn, over)
    close_campaign(settings, "friday", "mira")
    assert "its seed is public" in refused(conn, over | {"games": friday()["games"]})[0]


def test_a_finished_campaign_may_be_in_a_file_that_is_applied_again(conn: Connection, settings: Settings) -> None:
    over = friday(game={"starts_at": moment(-LATER), "ends_at": moment(-HOUR)})
    publish(conn, over)
    assert publish_due_seeds(settings) in {0, 1}
    close_campaign(settings, "friday", "mira")
    publish(conn, over)
    report = audit_campaign(settings, "friday")
    assert report is not None
    assert report.differences == []


def test_a_launched_game_cannot_be_left_out(conn: Connection) -> None:
    reel = friday()["games"][0]
    publish(conn, friday(games=[reel, reel | {"key": "second"}]))
    messages = refused(conn, friday(games=[reel]))
    assert messages == ["the game second has been launched and cannot be removed; let it end instead"] * 2


def test_a_brand_with_coupons_cannot_be_removed(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday())
    without = friday(game={"budgets": [budget("coffee", 10)]})
    assert refused(conn, without) == ["bikes has 5 coupons in reel; void them before you remove its budget"]
    stock.void_available(conn, settings, "reel", "bikes", 5)
    conn.commit()
    publish(conn, without)
    for number in range(11):
        player.play(f"p{number}", f"player{number}")
    drain(settings)
    assert player.result("p10")["reason"] == "budget_exhausted"


@pytest.mark.parametrize("game", ["reel", None])
def test_two_processes_that_fill_a_pool_make_no_more_coupons_than_requested(
    conn: Connection, settings: Settings, game: str | None
) -> None:
    generate = {"generate": {"count": 10_020, "pattern": "C-########"}}
    pool = {"kind": "coupon_pool", "key": "vouchers", "name": "Vouchers", "coupons": generate}
    publish(conn, friday(game={"budgets": [budget("coffee", 1) | {"coupons": generate}]}), pool)
    coupon_pool = pools.pools_of_game(conn, game)["coffee"] if game else pools.shared_pool(conn, "vouchers")
    assert coupon_pool is not None
    assert [stock.make_missing_locked(conn, settings, coupon_pool, 20) for _ in range(2)] == [20, 0]
    conn.commit()
    assert fill_coupon_pools(settings) == 20  # the other pool's
    assert pools.pool_by_id(conn, coupon_pool.id).generated == 10_020


def test_codes_that_a_newer_document_lists_become_coupons(
    conn: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(*codes: str) -> dict[str, Any]:
        return friday(game={"budgets": [budget("coffee", 0) | {"coupons": {"codes": list(codes)}}]})

    publish(conn, listed("ONE-1"))
    publish(conn, listed("ONE-1", "TWO-2", "TRE-3"))
    for (job,) in conn.execute("SELECT id::text FROM job WHERE status = 'queued'").fetchall():
        conn.rollback()
        monkeypatch.setattr(Settings, "from_environment", lambda: settings)
        slow_jobs.run_job(job)
    assert pools.pools_of_game(conn, "reel")["coffee"].initial == 3
    report = audit_campaign(settings, "friday")
    assert report is not None
    assert report.differences == []


def test_a_game_may_be_prolonged_while_it_is_played(conn: Connection, settings: Settings, player: Player) -> None:
    publish(conn, friday())
    player.play("p1")
    publish(conn, friday(game={"ends_at": moment(timedelta(hours=5))}))
    player.play("p2", "bob")
    drain(settings)
    report = audit_campaign(settings, "friday")
    assert report is not None
    assert (report.plays, report.differences) == (2, [])
