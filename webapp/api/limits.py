"""How often one key may ask: Flask-Limiter over the cache's Redis, seldom asked, open when it is away."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, local
from time import monotonic
from typing import Any

import redis
from flask import Flask, Response, g
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from limits.storage import Storage

from webapp import clock
from webapp.access import settings
from webapp.api.problems import Refused, problem

WINDOW_SECONDS = 10
POLICY = "requests"
SCHEME = "laurel"
REDIS_PATIENCE_SECONDS = 0.2
REST_SECONDS = 2.0
NOBODY_KNOWS = 0
AHEAD_SHARE = 1000


@dataclass(slots=True)
class Taken:
    """What this process has taken of a window ahead of its requests: the count it reached, and how much is left."""

    window: int
    count: int = NOBODY_KNOWS
    left: int = 0


class Disposable(Storage):
    """Counts in fixed windows; after a failure it lets everything pass and rests before it asks Redis again.

    A process takes some requests of a key at once, a thousandth of its quota, so that most requests ask nothing of
    Redis; several processes may so refuse a key a few thousandths early. What a count came to is kept for its
    thread, for the headers of the answer.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  (its form is the library's)

    def __init__(self, uri: str | None = None, *, cache_url: str, ahead: Callable[[], int], **options: Any) -> None:
        super().__init__(uri, **options)
        self._ahead, self._taken, self._lock = ahead, dict[str, Taken](), Lock()
        patience = REDIS_PATIENCE_SECONDS
        self._redis = redis.Redis.from_url(
            cache_url, socket_timeout=patience, socket_connect_timeout=patience, retry=None
        )
        self._resting_until = 0.0
        self._seen = local()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What Redis raises."""
        return redis.RedisError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in the present window, which ends with the clock's next multiple of `expiry`; 0 while Redis is away."""
        moment = clock.now_micros() // clock.MICROSECONDS
        window = moment // expiry
        with self._lock:
            taken = self._taken.get(key)
            if taken is None or taken.window != window:
                taken = self._taken[key] = Taken(window)
            if taken.left < amount:
                self._take(taken, f"limit:{key}:{window}", expiry, max(amount, self._ahead()))
            taken.left = max(0, taken.left - amount)
            self._seen.count, self._seen.ends_at = taken.count - taken.left, (window + 1) * expiry
        return int(self._seen.count)

    def _take(self, taken: Taken, name: str, expiry: int, amount: int) -> None:
        if monotonic() < self._resting_until:
            taken.count = taken.left = NOBODY_KNOWS
            return
        try:
            taken.count, taken.left = self._increased(name, expiry, amount), amount
        except redis.RedisError:
            taken.count = taken.left = NOBODY_KNOWS
            self._resting_until = monotonic() + REST_SECONDS

    def _increased(self, name: str, expiry: int, amount: int) -> int:
        count = int(self._redis.incrby(name, amount))
        if count == amount:
            self._redis.expire(name, expiry * 2)
        return count

    def get(self, key: str) -> int:  # noqa: ARG002  (its form is the library's)
        """What this thread counted last."""
        return int(self._seen.count)

    def get_expiry(self, key: str) -> float:  # noqa: ARG002  (its form is the library's)
        """When the window of this thread's last count ends."""
        return float(self._seen.ends_at)

    def check(self) -> bool:
        """Whether Redis answers."""
        return bool(self._redis.ping())

    def reset(self) -> int | None:
        """Nothing is taken back: windows are short."""
        return None

    def clear(self, key: str) -> None:
        """Nothing is taken back: windows are short."""


def set_up(app: Flask, cache_url: str) -> None:
    """Count every request that a key makes, and say in its answer what is left; after the permissions are set up."""
    limiter = Limiter(
        lambda: str(g.api_key.id),
        app=app,
        application_limits=[ApplicationLimit(_quota, exempt_when=lambda: "api_key" not in g)],
        storage_uri=f"{SCHEME}://",
        storage_options={"cache_url": cache_url, "ahead": _ahead},  # type: ignore[dict-item]  # ours takes a function
        strategy="fixed-window",
    )
    app.register_error_handler(RateLimitExceeded, lambda _: _refusal(limiter))
    app.after_request(lambda response: _say(limiter, response))


def _quota() -> str:
    return f"{_per_window()} per {WINDOW_SECONDS} seconds"


def _ahead() -> int:
    return max(1, _per_window() // AHEAD_SHARE)


def _per_window() -> int:
    return settings().key_requests_per_second * WINDOW_SECONDS


def _refusal(limiter: Limiter) -> Response:
    wait = {"Retry-After": str(_seconds_left(limiter))}
    detail = f"more than {_per_window()} requests in {WINDOW_SECONDS} seconds"
    return problem(Refused(429, "rate_limited", detail, headers=wait))


def _seconds_left(limiter: Limiter) -> int:
    limit = limiter.current_limit
    ends_at = limit.window.reset_time if limit else 0
    return max(1, int(ends_at) - clock.now_micros() // clock.MICROSECONDS)


def _say(limiter: Limiter, response: Response) -> Response:
    """The standard's two headers; none where nobody can say how many requests there were."""
    limit = limiter.current_limit
    if limit is not None and limiter.storage.get(limit.key) != NOBODY_KNOWS:
        left = f"r={limit.window.remaining};t={_seconds_left(limiter)}"
        response.headers["RateLimit-Policy"] = f'"{POLICY}";q={_per_window()};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{POLICY}";{left}'
    return response
