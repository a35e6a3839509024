"""A play at the door: taken into its game's queue once, and told the same way wherever somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import psycopg

from engine.coupons.play import QUEUED
from engine.coupons.play_answer import Prize, answer
from engine.vocabulary.shard import shard_of
from webapp.config import Settings
from webapp.http.request_batcher import RequestBatcher
from webapp.services.plays import admission
from webapp.services.plays.drain_games import hint_games
from webapp.store.campaigns import plays
from webapp.store.campaigns.plays import PlayReceipt, PlayResult
from webapp.store.system.connection import connect

RETRY_SECONDS = admission.BACKLOG_RETRY_SECONDS
DEADLOCKS_MAX = 3


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """A wish to play; `address` is where the player's own device calls from, where somebody knows it."""

    app_id: int
    play_id: str
    game: str
    player: str
    address: str | None = None


def queue_play(settings: Settings, wish: PlayRequest) -> PlayReceipt:
    """Queue a play and call its drain; plays that single requests bring at once are queued together.

    The verdict is `busy` where too many wait already and `too_often` where this player or address plays too often;
    `retry` says in how many seconds to try again. `notice` is what to tell the player while outcomes are late.
    """
    return _play_batcher(settings).submit(wish)


@cache
def _play_batcher(settings: Settings) -> RequestBatcher[PlayRequest, PlayReceipt]:
    return RequestBatcher(partial(_queue_each, settings))


def _queue_each(settings: Settings, wishes: Sequence[PlayRequest]) -> list[PlayReceipt]:
    """Queue plays of any games, those of one game in one transaction."""
    of_game: dict[str, list[PlayRequest]] = {}
    for wish in wishes:
        of_game.setdefault(wish.game, []).append(wish)
    answers = {game: iter(queue_plays(settings, game, mine)) for game, mine in of_game.items()}
    return [next(answers[wish.game]) for wish in wishes]


def queue_plays(settings: Settings, game: str, wishes: Sequence[PlayRequest]) -> list[PlayReceipt]:
    """Queue plays of one game, in their order and in one transaction, and call its drain: the verdict of each."""
    found = admission.admission_state(settings, game)
    if found.waiting >= settings.plays_backlog_max:
        return [PlayReceipt("busy", None, None, None, RETRY_SECONDS, found.says)] * len(wishes)
    waits = admission.count_plays(settings, found, game, [(wish.player, wish.address) for wish in wishes])
    taken = [wish for wish, seconds in zip(wishes, waits, strict=True) if not seconds]
    answers = iter(_accept_all(settings, game, taken))
    verdicts = [PlayReceipt("too_often", None, None, None, seconds) if seconds else next(answers) for seconds in waits]
    if any(each.verdict == "accepted" for each in verdicts):
        hint_games(settings, [game])
    notice = found.notice(settings)
    return [each.noticed(notice) if each.status == QUEUED else each for each in verdicts]


def _accept_all(settings: Settings, game: str, wishes: Sequence[PlayRequest]) -> list[PlayReceipt]:
    """Two requests with the same ids in another order may meet: then one of them goes once more."""
    rows = [(wish.app_id, wish.play_id, wish.player, shard_of(wish.player)) for wish in wishes]
    with connect(settings.database_url) as conn:
        for attempt in range(DEADLOCKS_MAX):
            try:
                with conn.pipeline():
                    answers = plays.accept_plays(conn, game, rows)
                    conn.commit()
            except psycopg.errors.DeadlockDetected:
                conn.rollback()
                if attempt == DEADLOCKS_MAX - 1:
                    raise
            else:
                return answers
    return []


def result_json(found: PlayResult) -> dict[str, Any]:
    """A play as the contract shows it."""
    prize = Prize(found.code, found.brand or "", found.expires_at) if found.code else None
    return dict(answer(found.play_id, found.status, found.reason, prize, found.decided_at))


def current_result_json(settings: Settings, found: PlayResult) -> dict[str, Any]:
    """The same, with what to tell the player while the outcome is late."""
    notice = admission.admission_state(settings, found.game).notice(settings) if found.status == QUEUED else None
    return result_json(found) | ({"notice": notice} if notice else {})
