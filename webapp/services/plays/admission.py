"""Admission of plays: bounded by the game's backlog and by rates, then queued in the game's inbox.

The size of a backlog is read at most twice a second in each process. Plays are counted in Redis, a minute at a time;
while Redis is away no rate applies.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock

import psycopg

from engine.coupons.play import QUEUED
from engine.vocabulary.shard import shard_of
from webapp.config import Settings
from webapp.http.request_batcher import RequestBatcher
from webapp.projections.play_counters import MINUTE_SECONDS, count_in_minute
from webapp.runtime import clock
from webapp.runtime.addresses import is_loopback
from webapp.services.plays.drain_games import hint_games
from webapp.store.campaigns import plays
from webapp.store.campaigns.plays import PlayReceipt
from webapp.store.system.connection import connect

STATE_SECONDS = 0.5
STATES_MAX = 1_000
DEFAULT_NOTICE = "Prize pool updating…"
PLAYS_PER_PLAYER, PLAYS_PER_ADDRESS = 120, 1_200
BACKLOG_RETRY_SECONDS = 8
LATE_SECONDS = 10.0
DEADLOCKS_MAX = 3


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """A request to play; `address` is where the player's own device calls from, where that is known."""

    app_id: int
    play_id: str
    game: str
    player: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class AdmissionState:
    """A game as a new play meets it: its backlog, its rates per minute (None is unlimited) and its notice."""

    waiting: int
    oldest_seconds: float
    plays_per_player: int | None
    plays_per_address: int | None
    notice_text: str

    def notice(self, settings: Settings) -> str | None:
        """What to tell players while outcomes are late; None while they are not."""
        is_late = self.waiting >= settings.plays_notice or self.oldest_seconds > LATE_SECONDS
        return self.notice_text if is_late else None


@dataclass(frozen=True, slots=True)
class _CachedState:
    expires_at: float
    state: AdmissionState


_lock = Lock()
_cached_states: dict[tuple[str, str, str], _CachedState] = {}


def queue_play(settings: Settings, request: PlayRequest) -> PlayReceipt:
    """Queue a play and hint its drain; plays that single requests bring at the same moment are queued together.

    The verdict is `busy` where too many plays wait already, and `too_often` where this player or address exceeds its
    rate; `retry_seconds` says when to try again. `notice` is what to tell the player while outcomes are late.
    """
    return _batcher(settings).submit(request)


@cache
def _batcher(settings: Settings) -> RequestBatcher[PlayRequest, PlayReceipt]:
    return RequestBatcher(partial(queue_by_game, settings))


def queue_by_game(settings: Settings, requests: Sequence[PlayRequest]) -> list[PlayReceipt]:
    """Queue plays of any games, those of one game in one transaction."""
    by_game: dict[str, list[PlayRequest]] = {}
    for request in requests:
        by_game.setdefault(request.game, []).append(request)
    receipts = {game: iter(queue_plays(settings, game, of_game)) for game, of_game in by_game.items()}
    return [next(receipts[request.game]) for request in requests]


def queue_plays(settings: Settings, game: str, requests: Sequence[PlayRequest]) -> list[PlayReceipt]:
    """Queue plays of one game in their order, in one transaction, and hint its drain; returns a receipt for each."""
    state = admission_state(settings, game)
    if state.waiting >= settings.plays_backlog_max:
        return [PlayReceipt("busy", None, None, None, BACKLOG_RETRY_SECONDS, state.notice_text)] * len(requests)
    waits = _rate_limit_waits(settings, state, game, requests)
    admitted = [request for request, seconds in zip(requests, waits, strict=True) if not seconds]
    accepted = iter(_accept(settings, game, admitted))
    receipts = [PlayReceipt("too_often", None, None, None, seconds) if seconds else next(accepted) for seconds in waits]
    if any(receipt.verdict == "accepted" for receipt in receipts):
        hint_games(settings, [game])
    notice = state.notice(settings)
    return [receipt.with_notice(notice) if receipt.status == QUEUED else receipt for receipt in receipts]


def admission_state(settings: Settings, game: str) -> AdmissionState:
    """The state of a game, at most half a second old."""
    key, now = (settings.database_url, str(settings.data_dir), game), time.monotonic()
    cached = _cached_states.get(key)
    if cached is None or cached.expires_at < now:
        cached = _CachedState(now + STATE_SECONDS, _read_state(settings, game))
        with _lock:
            if len(_cached_states) >= STATES_MAX:
                _cached_states.clear()
            _cached_states[key] = cached
    return cached.state


def _read_state(settings: Settings, game: str) -> AdmissionState:
    with connect(settings.database_url, autocommit=True) as conn:
        backlog = plays.game_backlog(conn, game, settings.plays_backlog_max)
    rates = backlog.rates or {}
    return AdmissionState(
        backlog.waiting,
        backlog.oldest_seconds,
        rates.get("plays_per_player_per_minute", PLAYS_PER_PLAYER),
        rates.get("plays_per_address_per_minute", PLAYS_PER_ADDRESS),
        backlog.notice_text or DEFAULT_NOTICE,
    )


def _rate_limit_waits(
    settings: Settings, state: AdmissionState, game: str, requests: Sequence[PlayRequest]
) -> list[int]:
    """Count each play against its player and its address; for each, the seconds to wait where it is too many, or 0."""
    limits = [_rate_limits(state, request) for request in requests]
    names = [name for limits_of_play in limits for name, _ in limits_of_play]
    now = clock.now_micros() // clock.MICROSECONDS
    counts = count_in_minute(settings, game, now // MINUTE_SECONDS, names) if names else None
    if counts is None:
        return [0] * len(requests)
    next_count = iter(counts)
    until_next_minute = MINUTE_SECONDS - now % MINUTE_SECONDS
    # A list, not a generator inside any(): every count belongs to one limit, so none may be skipped.
    exceeded = [[next(next_count) > limit for _, limit in limits_of_play] for limits_of_play in limits]
    return [until_next_minute if any(of_play) else 0 for of_play in exceeded]


def _rate_limits(state: AdmissionState, request: PlayRequest) -> list[tuple[str, int]]:
    """The names under which a play is counted, with the most of each in a minute."""
    is_counted = request.address and not is_loopback(request.address)
    limits = [
        (f"player:{request.player}", state.plays_per_player),
        (f"address:{request.address}", state.plays_per_address if is_counted else None),
    ]
    return [(name, limit) for name, limit in limits if limit is not None]


def _accept(settings: Settings, game: str, requests: Sequence[PlayRequest]) -> list[PlayReceipt]:
    """Two requests that hold the same ids in another order may deadlock; then one of them is tried again."""
    rows = [(request.app_id, request.play_id, request.player, shard_of(request.player)) for request in requests]
    with connect(settings.database_url) as conn:
        for attempt in range(DEADLOCKS_MAX):
            try:
                with conn.pipeline():
                    receipts = plays.accept_plays(conn, game, rows)
                    conn.commit()
            except psycopg.errors.DeadlockDetected:
                conn.rollback()
                if attempt == DEADLOCKS_MAX - 1:
                    raise
            else:
                return receipts
    return []
