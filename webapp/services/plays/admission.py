"""The door of a game: how many wait behind it, and how often one player or one address may knock.

What stands behind the door is looked up at most twice a second in each process. Knocks are counted in Redis, a minute
at a time; while Redis is away everybody passes.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock

import redis
import structlog

from webapp.config import Settings
from webapp.projections.redis import cache_redis
from webapp.runtime import clock
from webapp.store.campaigns import plays
from webapp.store.system.connection import connect

log = structlog.get_logger()

LOOK_SECONDS = 0.5
DOORS_MAX = 1_000
MINUTE = 60
UPDATING = "Prize pool updating…"
PLAYER_A_MINUTE, ADDRESS_A_MINUTE = 120, 1_200
BACKLOG_RETRY_SECONDS = 8
OLD_SECONDS = 10.0
REST_SECONDS = 2.0
OF_THIS_MACHINE = ("127.0.0.1", "::1")  # a proxy that nobody told us of, or somebody who tries things out


@dataclass(frozen=True, slots=True)
class AdmissionState:
    """A game as a play finds it: plays that wait, for how long the first does, and the document's bounds and words."""

    waiting: int
    oldest_seconds: float
    player_a_minute: int | None
    address_a_minute: int | None
    says: str

    def notice(self, settings: Settings) -> str | None:
        """What to tell players while outcomes are late; None while they are not."""
        is_late = self.waiting >= settings.plays_notice or self.oldest_seconds > OLD_SECONDS
        return self.says if is_late else None


@dataclass(slots=True)
class _Known:
    until: float
    door: AdmissionState


_lock = Lock()
_known: dict[tuple[str, str, str], _Known] = {}
_resting_until: dict[str, float] = {}


def admission_state(settings: Settings, game: str) -> AdmissionState:
    """The door of a game as it was half a second ago, or is now."""
    place, now = (settings.database_url, str(settings.data_dir), game), time.monotonic()
    known = _known.get(place)
    if known is None or known.until < now:
        known = _Known(now + LOOK_SECONDS, _look(settings, game))
        with _lock:
            if len(_known) >= DOORS_MAX:
                _known.clear()
            _known[place] = known
    return known.door


def _look(settings: Settings, game: str) -> AdmissionState:
    with connect(settings.database_url, autocommit=True) as conn:
        found = plays.game_backlog(conn, game, settings.plays_backlog_max)
    rates = found.rates or {}
    player = rates.get("plays_per_player_per_minute", PLAYER_A_MINUTE)
    address = rates.get("plays_per_address_per_minute", ADDRESS_A_MINUTE)
    return AdmissionState(found.waiting, found.oldest_seconds, player, address, found.says or UPDATING)


def count_plays(
    settings: Settings, door: AdmissionState, game: str, who: Sequence[tuple[str, str | None]]
) -> list[int]:
    """Count one play of each player, and of each address, in one trip; the seconds for which it is too many, or 0."""
    bounds = [bound for player, address in who for bound in _bounds(door, player, address)]
    if not bounds or time.monotonic() < _resting_until.get(settings.cache_url, 0):
        return [0] * len(who)
    moment = clock.now_micros() // clock.MICROSECONDS
    try:
        used = iter(_count(settings, game, moment // MINUTE, [name for name, _ in bounds]))
    except redis.RedisError as error:
        _resting_until[settings.cache_url] = time.monotonic() + REST_SECONDS
        log.warning("cache_away", game=game, error=str(error))
        return [0] * len(who)
    left = MINUTE - moment % MINUTE
    over = [[next(used) > most for _, most in _bounds(door, player, address)] for player, address in who]
    return [left if any(each) else 0 for each in over]


def _bounds(door: AdmissionState, player: str, address: str | None) -> list[tuple[str, int]]:
    """What is counted of one play, and how much of it is too much."""
    of_address = door.address_a_minute if address and address not in OF_THIS_MACHINE else None
    named = [(f"player:{player}", door.player_a_minute), (f"address:{address}", of_address)]
    return [(name, most) for name, most in named if most is not None]


def _count(settings: Settings, game: str, minute: int, names: list[str]) -> list[int]:
    """Of who knocks only a hash is kept, and that for two minutes."""
    pipe = cache_redis(settings).pipeline(transaction=False)
    for name in names:
        key = f"limit:play:{blake2b(f'{game} {name}'.encode(), digest_size=12).hexdigest()}:{minute}"
        pipe.incr(key)
        pipe.expire(key, 2 * MINUTE)
    return [int(each) for each in pipe.execute()[::2]]
