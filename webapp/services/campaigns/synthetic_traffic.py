"""Made-up traffic for a demonstration: while its row in the database says so, the beat presses play for people.

Every play goes the way of all plays. Who plays is drawn among the players that there are; some winners use their
coupons after a minute. It ends by itself when the campaign is over.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.shard import shard_of
from webapp.config import Settings
from webapp.runtime import clock
from webapp.services.plays.drain_games import hint_games
from webapp.store.campaigns import coupons, synthetic_traffic
from webapp.store.people import apps
from webapp.store.system.connection import Connection, connect

APP = "demo"
PER_SECOND_MAX = 500.0
CATCH_UP_SECONDS_MAX = 2.0
USED = "issued", "redeemed"
USED_ONE_IN, USED_AT_ONCE = 7, 5
VISITORS = 1_000
STOPPED, WAITING, RUNNING = "stopped", "waiting", "running"


@dataclass(frozen=True, slots=True)
class TrafficState:
    """What the generator is doing: `waiting` while no game of the campaign is open, or nothing obeys it yet."""

    status: str
    campaign: str | None = None
    per_second: float = 0
    sent: int = 0
    since: str | None = None


def traffic_state(conn: Connection) -> TrafficState:
    """What the generator is doing now."""
    known = synthetic_traffic.traffic_row(conn)
    if not known:
        return TrafficState(STOPPED)
    status = STOPPED
    if known["is_on"]:
        status = RUNNING if synthetic_traffic.open_games(conn, known["campaign"]) else WAITING
    return TrafficState(status, known["campaign"], known["per_second"], known["sent"], known["since"])


def start_traffic(conn: Connection, campaign: str, per_second: float) -> None:
    """Let people play a campaign's open games so often, or change how often; the caller commits.

    There is one generator: it leaves the campaign that it played before. The beat obeys within a second.
    """
    rate = min(PER_SECOND_MAX, max(0.0, per_second))
    now = clock.now()
    known = synthetic_traffic.traffic_row(conn)
    changes = {"is_on": True, "campaign": campaign, "per_second": rate, "at": now.timestamp()}
    if known.get("campaign") != campaign or not known["is_on"]:
        changes |= {"since": now.isoformat(), "sent": 0, "run": secrets.token_hex(6)}
    synthetic_traffic.update_traffic(conn, changes)


def stop_traffic(conn: Connection) -> None:
    """Send nothing more; what was sent is decided. The caller commits."""
    if synthetic_traffic.traffic_row(conn):
        synthetic_traffic.update_traffic(conn, {"is_on": False})


def run_synthetic_traffic(settings: Settings) -> int:
    """What the beat does: send what is due since the last time; gives how many plays were accepted."""
    with connect(settings.database_url) as conn:
        known = synthetic_traffic.traffic_row(conn, lock=True)
        games = synthetic_traffic.open_games(conn, known["campaign"]) if known.get("is_on") else []
        sent = _send(conn, known, games) if games else 0
        if known.get("is_on") and not games and synthetic_traffic.is_campaign_over(conn, known["campaign"]):
            stop_traffic(conn)
        conn.commit()
        if games:
            coupons.change_state(
                conn, synthetic_traffic.coupons_to_use(conn, known["campaign"], USED_ONE_IN, USED_AT_ONCE), *USED
            )
            conn.commit()
    if sent:
        hint_games(settings, games)
    return sent


def _send(conn: Connection, known: dict[str, Any], games: list[str]) -> int:
    """Plays with ids of their own: the run and their number in it."""
    count, at = due_plays(known["at"], clock.now().timestamp(), known["per_second"])
    if not count:
        return 0
    app, first = apps.ensure_app(conn, APP, "Demo"), known["sent"]
    rows = [
        (f"traffic-{known['run']}-{first + place}", games[secrets.randbelow(len(games))], player, shard_of(player))
        for place, player in enumerate(_players(conn, count))
    ]
    synthetic_traffic.update_traffic(conn, {"at": at, "sent": first + count})
    return synthetic_traffic.send_plays(conn, app, rows)


def due_plays(since: float, now: float, per_second: float) -> tuple[int, float]:
    """How many plays came due, and up to which moment; after a pause the beat does not catch up with all of it."""
    count = int((now - since) * per_second)
    most = int(max(1, CATCH_UP_SECONDS_MAX * per_second))
    return (most, now) if count > most else (count, since + count / per_second if count else since)


def _players(conn: Connection, count: int) -> list[str]:
    """People who play: drawn among all players, or visitors where there are none."""
    newest = synthetic_traffic.newest_player(conn)
    if not newest:
        return [f"visitor-{secrets.randbelow(VISITORS)}" for _ in range(count)]
    found = synthetic_traffic.players_at(conn, [1 + secrets.randbelow(newest) for _ in range(count)])
    return [player or "visitor-0" for player in found]
