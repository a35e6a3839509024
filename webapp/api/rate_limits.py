"""Rate limits per API key: counted in the cache's Redis, with few round trips, and open while Redis is away."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic

from flask import Flask, Response, current_app, g

from webapp.api.problems import ApiProblem, problem_response
from webapp.http.access import current_key, settings
from webapp.projections.redis import RedisError
from webapp.projections.request_counts import RequestCounts
from webapp.runtime import clock

WINDOW_SECONDS = 10
POLICY = "requests"
REDIS_RETRY_SECONDS = 2.0
RESERVATIONS_PER_QUOTA = 1000


@dataclass(slots=True)
class ReservedQuota:
    """What this process has reserved of a key's window: the count in Redis after that, and how much is unused.

    `count` is None where Redis could not be reached.
    """

    window: int
    count: int | None = None
    unused: int = 0


@dataclass(frozen=True, slots=True)
class CountedRequest:
    """The number of a request in its window, and when that ends, in seconds since 1970."""

    count: int
    ends_at: int

    @property
    def seconds_left(self) -> int:
        """Until the window ends, at least one."""
        return max(1, self.ends_at - clock.now_micros() // clock.MICROSECONDS)


class RateLimiter:
    """Counts requests in fixed windows; after a failure of Redis it lets everything pass for a while.

    A process reserves a thousandth of a key's quota at a time, so that most requests need no round trip to Redis;
    several processes together may therefore refuse a key a few thousandths early.
    """

    def __init__(self, cache_url: str) -> None:
        self._reserved, self._lock = dict[int, ReservedQuota](), Lock()
        self._counts = RequestCounts(cache_url)
        self._down_until = 0.0

    def count(self, key: int, quota: int) -> CountedRequest | None:
        """Count a request in the current window, which ends with the clock's next multiple of its length.

        None while the number of requests is unknown.
        """
        window = clock.now_micros() // clock.MICROSECONDS // WINDOW_SECONDS
        with self._lock:
            reserved = self._reserved.get(key)
            if reserved is None or reserved.window != window:
                reserved = self._reserved[key] = ReservedQuota(window)
            if reserved.unused < 1:
                self._reserve(reserved, f"limit:key:{key}:{window}", max(1, quota // RESERVATIONS_PER_QUOTA))
            if reserved.count is None:
                return None
            reserved.unused -= 1
            return CountedRequest(reserved.count - reserved.unused, (window + 1) * WINDOW_SECONDS)

    def _reserve(self, reserved: ReservedQuota, name: str, amount: int) -> None:
        reserved.count = None
        if monotonic() < self._down_until:
            return
        try:
            reserved.count, reserved.unused = self._counts.add(name, amount, keep_seconds=WINDOW_SECONDS * 2), amount
        except RedisError:
            self._down_until = monotonic() + REDIS_RETRY_SECONDS


def set_up(app: Flask, cache_url: str) -> None:
    """Count every request made with a key and report in its response what is left; after permissions are set up."""
    app.extensions["laurel.quotas"] = RateLimiter(cache_url)
    app.before_request(_count_request)
    app.after_request(_add_headers)


def _count_request() -> Response | None:
    if "api_key" not in g:
        return None
    limiter: RateLimiter = current_app.extensions["laurel.quotas"]
    quota = settings().key_requests_per_second * WINDOW_SECONDS
    g.counted = limiter.count(current_key().id, quota)
    if g.counted is None or g.counted.count <= quota:
        return None
    detail = f"more than {quota} requests in {WINDOW_SECONDS} seconds"
    headers = {"Retry-After": str(g.counted.seconds_left)}
    return problem_response(ApiProblem(429, "rate_limited", detail, headers=headers))


def _add_headers(response: Response) -> Response:
    """Add the two standard headers; none while the number of requests is unknown."""
    counted: CountedRequest | None = g.get("counted")
    if counted is not None:
        quota = settings().key_requests_per_second * WINDOW_SECONDS
        left = f"r={max(0, quota - counted.count)};t={counted.seconds_left}"
        response.headers["RateLimit-Policy"] = f'"{POLICY}";q={quota};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{POLICY}";{left}'
    return response
