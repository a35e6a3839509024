"""How often one key may ask: requests are counted in the cache's Redis, seldom asked, open when it is away."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic

import redis
from flask import Flask, Response, current_app, g

from webapp.api.problems import Refused, problem
from webapp.http.access import current_key, settings
from webapp.runtime import clock

WINDOW_SECONDS = 10
POLICY = "requests"
REDIS_PATIENCE_SECONDS = 0.2
REST_SECONDS = 2.0
AHEAD_SHARE = 1000


@dataclass(slots=True)
class Taken:
    """What this process has taken of a window ahead of its requests: the count it reached, and how much is left.

    `count` is None where Redis could not be asked.
    """

    window: int
    count: int | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """A request with its place in the window, and when that ends, in seconds since 1970."""

    count: int
    ends_at: int

    @property
    def seconds_left(self) -> int:
        """Until the window ends, at least one."""
        return max(1, self.ends_at - clock.now_micros() // clock.MICROSECONDS)


class Quotas:
    """Counts in fixed windows; after a failure it lets everything pass and rests before it asks Redis again.

    A process takes some requests of a key at once, a thousandth of its quota, so that most requests ask nothing of
    Redis; several processes may so refuse a key a few thousandths early.
    """

    def __init__(self, cache_url: str) -> None:
        self._taken, self._lock = dict[int, Taken](), Lock()
        patience = REDIS_PATIENCE_SECONDS
        self._redis = redis.Redis.from_url(
            cache_url, socket_timeout=patience, socket_connect_timeout=patience, retry=None
        )
        self._resting_until = 0.0

    def count(self, key: int, quota: int) -> Counted | None:
        """Count a request in the present window, which ends with the clock's next multiple of its length.

        None while nobody knows how many there were.
        """
        window = clock.now_micros() // clock.MICROSECONDS // WINDOW_SECONDS
        with self._lock:
            taken = self._taken.get(key)
            if taken is None or taken.window != window:
                taken = self._taken[key] = Taken(window)
            if taken.left < 1:
                self._take(taken, f"limit:key:{key}:{window}", max(1, quota // AHEAD_SHARE))
            if taken.count is None:
                return None
            taken.left -= 1
            return Counted(taken.count - taken.left, (window + 1) * WINDOW_SECONDS)

    def _take(self, taken: Taken, name: str, amount: int) -> None:
        taken.count = None
        if monotonic() < self._resting_until:
            return
        try:
            taken.count, taken.left = self._increased(name, amount), amount
        except redis.RedisError:
            self._resting_until = monotonic() + REST_SECONDS

    def _increased(self, name: str, amount: int) -> int:
        count = int(self._redis.incrby(name, amount))
        if count == amount:
            self._redis.expire(name, WINDOW_SECONDS * 2)
        return count


def set_up(app: Flask, cache_url: str) -> None:
    """Count every request that a key makes, and say in its answer what is left; after the permissions are set up."""
    app.extensions["laurel.quotas"] = Quotas(cache_url)
    app.before_request(_count)
    app.after_request(_say)


def _count() -> Response | None:
    if "api_key" not in g:
        return None
    quotas: Quotas = current_app.extensions["laurel.quotas"]
    quota = settings().key_requests_per_second * WINDOW_SECONDS
    g.counted = quotas.count(current_key().id, quota)
    if g.counted is None or g.counted.count <= quota:
        return None
    wait = {"Retry-After": str(g.counted.seconds_left)}
    return problem(
        Refused(429, "rate_limited", f"more than {quota} requests in {WINDOW_SECONDS} seconds", headers=wait)
    )


def _say(response: Response) -> Response:
    """The standard's two headers; none where nobody can say how many requests there were."""
    counted: Counted | None = g.get("counted")
    if counted is not None:
        quota = settings().key_requests_per_second * WINDOW_SECONDS
        left = f"r={max(0, quota - counted.count)};t={counted.seconds_left}"
        response.headers["RateLimit-Policy"] = f'"{POLICY}";q={quota};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{POLICY}";{left}'
    return response
