"""Synthetic traffic for a demonstration: while its settings row says so, the beat presses play for people.

Every play is processed like a real one. Players are drawn at random among those that exist; some winners redeem their
coupons after a minute. The traffic ends by itself when the campaign is over.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.shard import shard_of
from webapp.config import Settings
from webapp.runtime import clock
from webapp.services.plays.drain_games import hint_games
from webapp.store.campaigns import coupons, synthetic_traffic
from webapp.store.people import apps, audit
from webapp.store.system.connection import Connection, connect

APP = "demo"
PER_SECOND_MAX = 500.0
CATCH_UP_SECONDS_MAX = 2.0
USED_ONE_IN, USED_AT_ONCE = 7, 5
VISITORS = 1_000
STOPPED, WAITING, RUNNING = "stopped", "waiting", "running"


@dataclass(frozen=True, slots=True)
class TrafficState:
    """What the generator is doing: `waiting` while no game of the campaign is open."""

    status: str
    campaign: str | None = None
    per_second: float = 0
    sent: int = 0
    since: str | None = None


def traffic_state(conn: Connection) -> TrafficState:
    """What the generator is doing now."""
    row = synthetic_traffic.traffic_row(conn)
    if not row:
        return TrafficState(STOPPED)
    status = STOPPED
    if row["is_on"]:
        status = RUNNING if synthetic_traffic.open_games(conn, row["campaign"]) else WAITING
    return TrafficState(status, row["campaign"], row["per_second"], row["sent"], row["since"])


class NoSyntheticTraffic(LookupError):  # noqa: N818  (it says what is missing)
    """A campaign has real players: the generator belongs to another one, or to none."""


def change_traffic(settings: Settings, campaign: str, per_second: float, by: str) -> None:
    """Start a campaign's traffic, or change its rate. Raises NoSyntheticTraffic."""
    with connect(settings.database_url) as conn:
        _require_traffic(conn, campaign)
        start_traffic(conn, campaign, per_second)
        audit.note(conn, by, "traffic.start", campaign, after={"per_second": per_second})
        conn.commit()


def end_traffic(settings: Settings, campaign: str, by: str) -> None:
    """Stop a campaign's traffic. Raises NoSyntheticTraffic."""
    with connect(settings.database_url) as conn:
        _require_traffic(conn, campaign)
        stop_traffic(conn)
        audit.note(conn, by, "traffic.stop", campaign)
        conn.commit()


def _require_traffic(conn: Connection, campaign: str) -> None:
    if traffic_state(conn).campaign != campaign:
        raise NoSyntheticTraffic(campaign)


def start_traffic(conn: Connection, campaign: str, per_second: float) -> None:
    """Send plays to a campaign's open games at this rate, or change the rate; the caller commits.

    There is one generator: it leaves the campaign that it played before. The beat starts within a second.
    """
    rate = min(PER_SECOND_MAX, max(0.0, per_second))
    now = clock.now()
    row = synthetic_traffic.traffic_row(conn)
    changes = {"is_on": True, "campaign": campaign, "per_second": rate, "at": now.timestamp()}
    if row.get("campaign") != campaign or not row["is_on"]:
        changes |= {"since": now.isoformat(), "sent": 0, "run": secrets.token_hex(6)}
    synthetic_traffic.update_traffic(conn, changes)


def stop_traffic(conn: Connection) -> None:
    """Send nothing more; what was sent is decided. The caller commits."""
    if synthetic_traffic.traffic_row(conn):
        synthetic_traffic.update_traffic(conn, {"is_on": False})


def run_synthetic_traffic(settings: Settings) -> int:
    """What the beat does: send the plays that came due since the last time; returns how many were accepted."""
    with connect(settings.database_url) as conn:
        row = synthetic_traffic.traffic_row(conn, lock=True)
        is_on = bool(row.get("is_on"))
        games = synthetic_traffic.open_games(conn, row["campaign"]) if is_on else []
        accepted = _send_due_plays(conn, row, games) if games else 0
        if is_on and not games and synthetic_traffic.is_campaign_over(conn, row["campaign"]):
            stop_traffic(conn)
        conn.commit()
        if games:
            _redeem_some_coupons(conn, row["campaign"])
            conn.commit()
    if accepted:
        hint_games(settings, games)
    return accepted


def _send_due_plays(conn: Connection, row: dict[str, Any], games: list[str]) -> int:
    """Send the plays that are due; their ids are the run and their number in it."""
    count, due_until = due_plays(row["at"], clock.now().timestamp(), row["per_second"])
    if not count:
        return 0
    app_id, first = apps.ensure_app(conn, APP, "Demo"), row["sent"]
    plays = [
        (f"traffic-{row['run']}-{number}", games[secrets.randbelow(len(games))], player, shard_of(player))
        for number, player in enumerate(_draw_players(conn, count), start=first)
    ]
    synthetic_traffic.update_traffic(conn, {"at": due_until, "sent": first + count})
    return synthetic_traffic.send_plays(conn, app_id, plays)


def due_plays(since: float, now: float, per_second: float) -> tuple[int, float]:
    """How many plays came due, and up to which moment (s); after a pause only two seconds of it are caught up."""
    count = int((now - since) * per_second)
    limit = int(max(1, CATCH_UP_SECONDS_MAX * per_second))
    if count > limit:
        return limit, now
    return count, since + count / per_second if count else since


def _draw_players(conn: Connection, count: int) -> list[str]:
    """Players drawn among all that exist, or visitors where there are none."""
    newest = synthetic_traffic.newest_player(conn)
    if not newest:
        return [f"visitor-{secrets.randbelow(VISITORS)}" for _ in range(count)]
    drawn = synthetic_traffic.players_at(conn, [1 + secrets.randbelow(newest) for _ in range(count)])
    return [player or "visitor-0" for player in drawn]


def _redeem_some_coupons(conn: Connection, campaign: str) -> None:
    coupon_ids = synthetic_traffic.coupons_to_use(conn, campaign, USED_ONE_IN, USED_AT_ONCE)
    coupons.change_state(conn, coupon_ids, "issued", "redeemed")
