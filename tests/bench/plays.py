"""Plays: how many are accepted and decided in a second, and how long an outcome takes."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
import psycopg

from engine.vocabulary.shard import shard_of
from tests.bench.running import Running
from tests.bench.sender import Sent, send_all
from tests.bench.steadily import Wish, requested, send
from webapp.config import Settings
from webapp.services.plays.drain_games import hint_games
from webapp.store.campaigns import plays, synthetic_traffic

PLAYERS = 20_000
SAMPLE_EVERY = 5
SCOPES = ("plays:write", "campaigns:read", "rewards:redeem", "players:write", "players:grant", "players:read")
LASTED = "SELECT extract(epoch FROM max(decided_at) - min(received_at)) FROM play WHERE play_id LIKE %s"


def campaign(name: str, games: int) -> dict[str, Any]:
    """So many games, open now, with budgets that last: one play in a hundred wins by its moment."""
    now = datetime.now(UTC)
    limits = {"plays_per_player_per_minute": None, "plays_per_address_per_minute": None}
    return {
        "kind": "campaign",
        "key": name,
        "name": name,
        "games": [
            {
                "key": f"{name}_{number}",
                "name": f"{name} {number}",
                "starts_at": (now - timedelta(minutes=1)).isoformat(),
                "ends_at": (now + timedelta(hours=1)).isoformat(),
                "reel_seconds": 0,
                "rates": limits,
                "budgets": [
                    {
                        "brand": brand,
                        "coupons": {"generate": {"count": 5_000, "pattern": f"{brand.upper()}-##########"}},
                    }
                    for brand in ("coffee", "bikes")
                ],
            }
            for number in range(games)
        ],
    }


def key_of(running: Running) -> str:
    """A key for all that is measured here."""
    return running.laurel("key", "new", "plays", *(f"--scope={scope}" for scope in SCOPES))


def wishes(name: str, games: int, count: int, each: int) -> list[tuple[str, Any]]:
    """Requests to play, so many plays in each, game after game."""
    sent = [{"play_id": f"{name}-{each}-{n}", "player": f"player-{n % PLAYERS}"} for n in range(count)]
    bodies = sent if each == 1 else [{"plays": part} for part in _parts(sent, each)]
    return [(f"/v1/games/{name}_{place % games}/plays", body) for place, body in enumerate(bodies)]


@dataclass(frozen=True)
class Flood:
    """A flood of plays: how many were accepted, in what time, and when the last was decided."""

    plays: int
    accepted_seconds: float
    decided_seconds: float

    @property
    def rates(self) -> tuple[float, float]:
        return self.plays / self.accepted_seconds, self.plays / self.decided_seconds


def flood(running: Running, key: str, name: str, games: int, count: int, *, each: int) -> tuple[Flood, Sent]:
    """Post plays as fast as the server takes them, then wait until each is decided."""
    sent = send_all(running, key, wishes(name, games, count, each), lines=32 if each == 1 else 4)
    running.laurel("settle", "--timeout", "300")
    with psycopg.connect(Settings.from_environment(running.environment).database_url) as conn:
        row = conn.execute(LASTED, (f"{name}-{each}-%",)).fetchone()
    assert row is not None
    return Flood(count, sent.took, float(row[0])), sent


def backlog(settings: Settings, name: str, games: int, count: int) -> float:
    """Plays decided in a second when so many wait already: they are all committed at once, then called for."""
    keys = [f"{name}_{number}" for number in range(games)]
    players = (f"player-{n % PLAYERS}" for n in range(count))
    rows = [(f"{name}-waits-{n}", keys[n % games], who, shard_of(who)) for n, who in enumerate(players)]
    with psycopg.connect(settings.database_url) as conn:
        for part in _parts(rows, 2_000):
            synthetic_traffic.send_plays(conn, 1, part)
        conn.commit()
        began = time.monotonic()
        hint_games(settings, keys)
        while any(plays.backlog_size(conn, game, 1) for game in keys):
            conn.commit()
            time.sleep(0.02)
    return count / (time.monotonic() - began)


def _parts(rows: Iterable[Any], size: int) -> Iterable[Sequence[Any]]:
    source = iter(rows)
    while part := list(islice(source, size)):
        yield part


@dataclass(frozen=True)
class Steady:
    """Plays at a steady rate: seconds from when each was due to its 202, and of each fifth to its outcome."""

    posted: list[float]
    told: list[float]
    behind: float


def steady(running: Running, key: str, name: str, rate: int, seconds: int) -> Steady:
    """Post so many plays a second; every fifth client waits for its outcome by a long-poll."""
    wishes = [_wish(running, key, name, rate, number) for number in range(rate * seconds)]
    behind = send(running, wishes)
    posted = [wish.answered for wish in wishes if wish.answered is not None]
    return Steady(posted, [wish.told for wish in wishes if wish.told is not None], behind)


def _wish(running: Running, key: str, name: str, rate: int, number: int) -> Wish:
    play = f"{name}-steady-{rate}-{number}"
    body = msgspec.json.encode({"play_id": play, "player": f"player-{number % PLAYERS}"})
    post_request = requested(running, "POST", f"/v1/games/{name}_0/plays", key, body)
    look = requested(running, "GET", f"/v1/plays/{play}?wait=10", key)
    return Wish(number / rate, post_request, look if number % SAMPLE_EVERY == 0 else None)
