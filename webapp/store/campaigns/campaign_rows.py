"""Campaigns and their games as they were launched, and the log of what each game decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from engine.coupons.game import Game, PlayLimits
from engine.coupons.game_state import GameState
from webapp.store.system.arrays import json_text
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Campaign:
    """A launched campaign; its seed is encrypted, and public once `seed_published_at` is set."""

    key: str
    version: int
    document: dict[str, Any]
    seed_sealed: bytes | None
    seed_hash: str | None
    launched_at: datetime
    paused_at: datetime | None
    ended_at: datetime | None
    seed_published_at: datetime | None

    @property
    def limits(self) -> PlayLimits:
        """What one player may do in all its games together."""
        return PlayLimits.from_document(self.document.get("limits"))

    @property
    def is_closed(self) -> bool:
        """Whether its seed is public, so that nothing may be drawn by it any more."""
        return self.seed_published_at is not None

    @property
    def is_limited(self) -> bool:
        """Whether a limit spans its games, so that one is decided after the other."""
        return self.limits != PlayLimits()


@dataclass(slots=True)
class LockedGame:
    """A game under its lock: its state, the newest number of its log, and the moment (µs) of the lock."""

    game: Game
    campaign: Campaign
    log_number: int
    state: GameState
    now: int


CAMPAIGN = """key, version, document, seed_sealed, seed_hash, launched_at, paused_at, ended_at, seed_published_at"""
MICROS = "(extract(epoch FROM {}) * 1000000)::bigint"


def campaign(conn: Connection, key: str) -> Campaign | None:
    """One launched campaign."""
    row = conn.execute(f"SELECT {CAMPAIGN} FROM campaign WHERE key = %s", (key,)).fetchone()
    return None if row is None else Campaign(*row)


def campaigns(conn: Connection) -> list[Campaign]:
    """All launched campaigns, newest first."""
    rows = conn.execute(f"SELECT {CAMPAIGN} FROM campaign ORDER BY launched_at DESC, key")
    return [Campaign(*row) for row in rows]


def launchable_documents(conn: Connection, versions: Mapping[str, int]) -> list[tuple[dict[str, Any], int]]:
    """(document, version) of the campaigns, coupon pools and rewards among these versions, by key."""
    rows = conn.execute(
        "SELECT v.document, v.version FROM unnest(%s::text[], %s::int[]) AS t (key, version)"
        " JOIN rule_version v USING (key, version) WHERE v.document->>'kind' IN ('campaign', 'coupon_pool', 'reward')"
        " ORDER BY v.key",
        (list(versions), list(versions.values())),
    )
    return [(row[0], row[1]) for row in rows]


def insert_campaign(conn: Connection, key: str, version: int, document: Mapping[str, Any]) -> bool:
    """Launch a campaign; false where it was launched before."""
    row = conn.execute(
        "INSERT INTO campaign (key, version, document) VALUES (%s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING key",
        (key, version, Jsonb(dict(document))),
    ).fetchone()
    return row is not None


def save_seed(conn: Connection, key: str, sealed: bytes, seed_hash: str) -> bytes:
    """Give a campaign its seed unless it has one by now; returns the one that it has."""
    conn.execute(
        "UPDATE campaign SET seed_sealed = %s, seed_hash = %s WHERE key = %s AND seed_sealed IS NULL",
        (sealed, seed_hash, key),
    )
    row = conn.execute("SELECT seed_sealed FROM campaign WHERE key = %s", (key,)).fetchone()
    assert row is not None
    return bytes(row[0])


def update_campaign(conn: Connection, key: str, version: int, document: Mapping[str, Any]) -> None:
    """Put another version of its document in force."""
    conn.execute(
        "UPDATE campaign SET version = %s, document = %s WHERE key = %s", (version, Jsonb(dict(document)), key)
    )


def set_paused(conn: Connection, key: str, *, paused: bool) -> bool:
    """Close or open a campaign for plays; false where nothing changes, or it has ended."""
    moment = "clock_timestamp()" if paused else "NULL"
    row = conn.execute(
        f"UPDATE campaign SET paused_at = {moment} WHERE key = %s AND ended_at IS NULL"
        " AND (paused_at IS NULL) = %s RETURNING key",
        (key, paused),
    ).fetchone()
    return row is not None


def end_campaign(conn: Connection, key: str) -> bool:
    """End a campaign for good; false where it had ended before."""
    row = conn.execute(
        "UPDATE campaign SET ended_at = clock_timestamp() WHERE key = %s AND ended_at IS NULL RETURNING key", (key,)
    ).fetchone()
    return row is not None


def finished_campaigns(conn: Connection) -> list[Campaign]:
    """Campaigns that ended, or whose last game did, and whose seed is not published yet."""
    rows = conn.execute(
        f"SELECT {CAMPAIGN} FROM campaign c WHERE seed_published_at IS NULL AND seed_sealed IS NOT NULL"
        " AND (ended_at IS NOT NULL OR NOT EXISTS"
        " (SELECT FROM game WHERE campaign = c.key AND ends_at > clock_timestamp())) ORDER BY key"
    )
    return [Campaign(*row) for row in rows]


def games_of(conn: Connection, key: str) -> list[Game]:
    """The games of a campaign in the order in which they start."""
    rows = conn.execute("SELECT document FROM game WHERE campaign = %s ORDER BY starts_at, key", (key,))
    return [Game.from_document(row[0]) for row in rows]


def game_names(conn: Connection) -> dict[str, str]:
    """What games, and brands in games, are called: by `game`, and by `game/brand`."""
    rows = conn.execute(
        "SELECT key, document->>'name' FROM game UNION ALL"
        " SELECT p.game || '/' || p.brand,"
        " concat_ws(', ', coalesce(p.document->>'brand_name', p.brand), g.document->>'name')"
        " FROM coupon_pool p JOIN game g ON g.key = p.game"
    )
    return dict(rows.fetchall())


def game_document(conn: Connection, key: str) -> dict[str, Any] | None:
    """The document of a game."""
    row = conn.execute("SELECT document FROM game WHERE key = %s", (key,)).fetchone()
    return None if row is None else dict(row[0])


def insert_game(conn: Connection, campaign_key: str, raw: Mapping[str, Any]) -> None:
    """Insert a game that has no coupons yet."""
    game = Game.from_document(raw)
    state = GameState.opening({}, game.starts_at, game.ends_at)
    conn.execute(
        "INSERT INTO game (key, campaign, document, starts_at, ends_at, state) VALUES (%s, %s, %s, %s, %s, %s)",
        (game.key, campaign_key, Jsonb(dict(raw)), raw["starts_at"], raw["ends_at"], Jsonb(state.to_json())),
    )


def update_game(conn: Connection, raw: Mapping[str, Any]) -> None:
    """Put another document of a game in force; the caller holds its lock."""
    conn.execute(
        "UPDATE game SET document = %s, starts_at = %s, ends_at = %s WHERE key = %s",
        (Jsonb(dict(raw)), raw["starts_at"], raw["ends_at"], raw["key"]),
    )


def unlocked_game(conn: Connection, key: str) -> tuple[Game, GameState] | None:
    """A game and its state as last committed, to be looked at only; None for an unknown game."""
    row = conn.execute("SELECT document, state FROM game WHERE key = %s", (key,)).fetchone()
    return None if row is None else (Game.from_document(row[0]), GameState.from_json(row[1]))


def campaign_of_game(conn: Connection, game: str) -> str | None:
    """The key of the campaign that a game belongs to."""
    row = conn.execute("SELECT campaign FROM game WHERE key = %s", (game,)).fetchone()
    return None if row is None else str(row[0])


# Where a limit spans the campaign's games, one of them is decided at a time: the campaign is locked before the game.
LOCK_CAMPAIGN = """
SELECT FROM campaign WHERE key = (SELECT campaign FROM game WHERE key = %s)
  AND jsonb_strip_nulls(document->'limits') NOT IN ('{}', 'null') FOR NO KEY UPDATE
"""
# Not FOR UPDATE: that would keep whoever refers to the game's key waiting.
LOCK = f"SELECT document, n, state, {MICROS.format('clock_timestamp()')} FROM game WHERE key = %s FOR NO KEY UPDATE"
# Read after the lock: the campaign may have changed while we waited for it.
OWNING = f"SELECT {CAMPAIGN} FROM campaign WHERE key = (SELECT campaign FROM game WHERE key = %s)"


def lock_game(conn: Connection, key: str, *, waits: bool = True) -> LockedGame | None:
    """Lock a game until the transaction ends; None for an unknown game.

    Where a limit spans the campaign's games, the campaign is locked first. Raises `psycopg.errors.LockNotAvailable`
    where another transaction holds the lock for longer than the session's lock_timeout, without `waits` at once.
    """
    ending = "" if waits else " NOWAIT"
    with conn.pipeline():
        conn.execute(LOCK_CAMPAIGN + ending, (key,))
        game = conn.execute(LOCK + ending, (key,))
        owning = conn.execute(OWNING, (key,))
        game_row, campaign_row = game.fetchone(), owning.fetchone()
    if game_row is None:
        return None
    assert campaign_row is not None, "a campaign is never deleted"
    document, log_number, state, now = game_row
    return LockedGame(
        Game.from_document(document), Campaign(*campaign_row), log_number, GameState.from_json(state), now
    )


LOG = """
INSERT INTO game_log (game, n, kind, play, content)
SELECT %s, %s + place, kind, play, content::jsonb
FROM unnest(%s::text[], %s::bigint[], %s::text[]) WITH ORDINALITY AS t (kind, play, content, place)
"""


def save_game(
    conn: Connection, locked: LockedGame, records: Sequence[tuple[str, int | None, Mapping[str, Any]]]
) -> None:
    """Append (kind, play, content) to the game's log and save its state; the caller holds the lock."""
    if records:
        kinds, plays, contents = zip(*records, strict=True)
        texts = [json_text(content) for content in contents]
        conn.execute(LOG, (locked.game.key, locked.log_number, list(kinds), list(plays), texts))
        locked.log_number += len(records)
    conn.execute(
        "UPDATE game SET n = %s, state = %s WHERE key = %s",
        (locked.log_number, Jsonb(locked.state.to_json()), locked.game.key),
    )


def game_log(conn: Connection, game: str, after: int, limit: int) -> list[tuple[int, str, int | None, dict[str, Any]]]:
    """A page of a game's log: (n, kind, play, content), in order."""
    rows = conn.execute(
        "SELECT n, kind, play, content FROM game_log WHERE game = %s AND n > %s ORDER BY n LIMIT %s",
        (game, after, limit),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def publish_seed(conn: Connection, key: str) -> None:
    """Mark the seed as public: it is shown from now on."""
    conn.execute(
        "UPDATE campaign SET seed_published_at = clock_timestamp() WHERE key = %s AND seed_published_at IS NULL", (key,)
    )
