"""What went wrong between a provider and the log is found."""

import pytest

from tests.outside_server import OutsideServer
from tests.webapp.campaigns.friday_weekend import Player, budget, drain
from tests.webapp.coupons.provider_games import open_reel, play_and_request_coupon, provider_budget
from webapp.config import Settings
from webapp.services.campaigns.campaign_audit import audit_campaign
from webapp.store.campaigns.inconsistencies import stranded_prizes
from webapp.store.system.connection import Connection


def test_the_audit_finds_a_wrong_brand_in_the_log(
    conn: Connection,
    outgoing_settings: Settings,
    provider_player: Player,
    provider: OutsideServer,
    owner_conn: Connection,
) -> None:
    provider.answer = lambda _heard: (503, {})
    open_reel(conn, provider_budget(provider, priority=1), budget("bikes", 1), budget("fern", 1))
    play_and_request_coupon(provider_player, outgoing_settings)
    brand = provider_player.result("p1")["coupon"]["brand"]
    other_brand = {"bikes": "fern", "fern": "bikes"}[brand]
    owner_conn.execute(
        "UPDATE game_log SET content = jsonb_set(content, '{brand}', to_jsonb(%s::text)) WHERE kind = 'redrawn'",
        (other_brand,),
    )
    owner_conn.commit()
    report = audit_campaign(outgoing_settings, "friday")
    assert report is not None
    assert len(report.differences) == 1
    assert f"written {other_brand}, derived {brand}" in report.differences[0]


LEFT_BEHIND = {
    "DELETE FROM reservation": "a coupon is reserved but no provider is asked for it",
    "UPDATE coupon SET state = 'issued' WHERE state = 'reserved'": "a requested coupon is not reserved",
}


@pytest.mark.parametrize("lie", LEFT_BEHIND)
def test_a_coupon_that_is_left_behind_is_found(
    conn: Connection,
    outgoing_settings: Settings,
    provider_player: Player,
    provider: OutsideServer,
    owner_conn: Connection,
    lie: str,
) -> None:
    open_reel(conn, provider_budget(provider))
    provider_player.play("p1")
    drain(outgoing_settings)
    owner_conn.execute(lie)
    owner_conn.commit()
    assert LEFT_BEHIND[lie] in {prize[0] for prize in stranded_prizes(conn)}
