"""A reel whose coupons an outside provider issues, and what has to hold of it whatever the provider does."""

from typing import Any

from tests.outside_server import OutsideServer
from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.config import Settings
from webapp.services.campaigns.campaign_audit import audit_campaign
from webapp.services.coupons.poll_providers import send_provider_requests
from webapp.store.campaigns import pools
from webapp.store.campaigns.inconsistencies import stranded_prizes
from webapp.store.system.connection import Connection


def provider_budget(server: OutsideServer, brand: str = "coffee", count: int = 2, **parts: Any) -> dict[str, Any]:
    return budget(brand, count, provider={"url": server.url}, **parts)


def open_reel(conn: Connection, *budgets: dict[str, Any], **game: Any) -> None:
    publish(conn, friday(game={"budgets": list(budgets)} | game))


def play_and_request_coupon(player: Player, settings: Settings, play: str = "p1", who: str = "ada") -> None:
    """Play, decide, and ask the provider for the coupon if the play has won one of its brand."""
    player.play(play, who)
    drain(settings)
    send_provider_requests(settings)


def counts(conn: Connection, brand: str = "coffee") -> dict[str, int]:
    conn.rollback()
    counts_by_state = pools.pools_of_game(conn, "reel")[brand].counts()
    return {state: many for state, many in counts_by_state.items() if many and state != "initial"}


def is_sound(conn: Connection, outgoing_settings: Settings) -> bool:
    """Nothing is stranded, every pool adds up, and every outcome follows from the seed and the log."""
    report = audit_campaign(outgoing_settings, "friday")
    assert report is not None
    assert report.differences == []
    return not stranded_prizes(conn) and not pools.inconsistent_pools(conn)


def later(owner_conn: Connection, seconds: int = 3600) -> None:
    """Let every wait of reservations be over."""
    owner_conn.execute(
        "UPDATE reservation SET deadline = deadline - make_interval(secs => %s),"
        " next_request_at = CASE WHEN next_request_at = 'infinity' THEN next_request_at"
        " ELSE next_request_at - make_interval(secs => %s) END",
        (seconds, seconds),
    )
    owner_conn.commit()
