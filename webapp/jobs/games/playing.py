"""A play at the door: taken into its game's queue once, and told the same way wherever somebody asks."""

from typing import Any

from engine.coupons.deliver import Prize, answer
from engine.vocabulary.shard import shard_of
from webapp.config import Settings
from webapp.jobs.games.drain import hint_games
from webapp.store import plays
from webapp.store.connection import connect
from webapp.store.plays import Accepted, Result

BACKLOG_MAX = 20_000
RETRY_SECONDS = 8


def queue_play(settings: Settings, app_id: int, play_id: str, game: str, player: str) -> Accepted:
    """Queue a play and call its drain; the verdict `busy` where too many wait already."""
    with connect(settings.database_url, autocommit=True) as conn:
        if plays.backlog(conn, game, BACKLOG_MAX) >= BACKLOG_MAX:
            return Accepted("busy", None, None, None)
        accepted = plays.accept(conn, app_id, play_id, game, player, shard_of(player))
    if accepted.verdict == "accepted":
        hint_games(settings, [game])
    return accepted


def told(found: Result) -> dict[str, Any]:
    """A play as the contract shows it."""
    prize = Prize(found.code, found.brand or "", found.expires_at) if found.code else None
    return dict(answer(found.play_id, found.status, found.reason, prize, found.decided_at))
