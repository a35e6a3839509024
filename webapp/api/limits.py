"""How often one key may ask: a count per window in the cache's Redis, one round trip, open when Redis is away."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

import redis
from flask import Blueprint, Response, current_app, g

from webapp import clock
from webapp.access import settings
from webapp.api.problems import Refused

if TYPE_CHECKING:
    from webapp.config import Settings

WINDOW_SECONDS = 10
POLICY = "requests"
REDIS_PATIENCE_SECONDS = 0.2
REST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may still do in this window."""

    quota: int
    used: int
    reset_seconds: int

    @property
    def remaining(self) -> int:
        """How many more requests this window takes."""
        return max(0, self.quota - self.used)

    @property
    def headers(self) -> dict[str, str]:
        """The standard's two headers."""
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"{POLICY}";r={self.remaining};t={self.reset_seconds}',
        }


class Counter:
    """Counts requests of keys in Redis; after a failure it lets everything pass and rests before it tries again."""

    def __init__(self, cache_url: str) -> None:
        self._redis = redis.Redis.from_url(
            cache_url,
            socket_timeout=REDIS_PATIENCE_SECONDS,
            socket_connect_timeout=REDIS_PATIENCE_SECONDS,
            retry=None,
        )
        self._resting_until = 0.0

    def count(self, key: int, quota: int) -> Allowance | None:
        """Count one request; None where nobody can say how many there were."""
        if monotonic() < self._resting_until:
            return None
        moment = clock.now_micros() // clock.MICROSECONDS
        window = moment // WINDOW_SECONDS
        try:
            used = self._increased(f"limit:{key}:{window}")
        except redis.RedisError:
            self._resting_until = monotonic() + REST_SECONDS
            return None
        return Allowance(quota, used, (window + 1) * WINDOW_SECONDS - moment)

    def _increased(self, name: str) -> int:
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.incr(name)
            pipe.expire(name, WINDOW_SECONDS * 2)
            return int(pipe.execute()[0])


_lock = Lock()


def _counter(its: "Settings") -> Counter:
    with _lock:
        if "laurel.counter" not in current_app.extensions:
            current_app.extensions["laurel.counter"] = Counter(its.cache_url)
    made: Counter = current_app.extensions["laurel.counter"]
    return made


def watch(blueprint: Blueprint) -> None:
    """Count every request that a key makes below a blueprint, and say in its answer what is left."""
    blueprint.before_request(_count)
    blueprint.after_request(_say)


def _count() -> None:
    if "api_key" not in g:
        return
    quota = settings().key_requests_per_second * WINDOW_SECONDS
    g.allowance = _counter(settings()).count(g.api_key.id, quota)
    if g.allowance is not None and g.allowance.used > quota:
        wait = {"Retry-After": str(g.allowance.reset_seconds)}
        raise Refused(429, "rate_limited", f"more than {quota} requests in {WINDOW_SECONDS} seconds", headers=wait)


def _say(response: Response) -> Response:
    allowance: Allowance | None = g.get("allowance")
    if allowance is not None:
        response.headers.update(allowance.headers)
    return response
