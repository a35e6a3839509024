"""Rate limits per API key: counted in the cache's Redis, with few round trips, and open while Redis is away."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic

from flask import Flask, Response, current_app, g

from webapp.config import Settings
from webapp.http.access import current_key, settings
from webapp.http.event_loop.loop_batcher import in_thread
from webapp.http.event_loop.messages import LoopRequest
from webapp.http.problems import ApiProblem, problem_response
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
        window = _window()
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

    def has_reserved(self, key: int) -> bool:
        """Whether the next request of a key can probably be counted without asking Redis."""
        reserved = self._reserved.get(key)
        is_current = reserved is not None and reserved.window == _window()
        return reserved is not None and is_current and (reserved.unused > 0 or monotonic() < self._down_until)

    def _reserve(self, reserved: ReservedQuota, name: str, amount: int) -> None:
        reserved.count = None
        if monotonic() < self._down_until:
            return
        try:
            reserved.count, reserved.unused = self._counts.add(name, amount, keep_seconds=WINDOW_SECONDS * 2), amount
        except RedisError:
            self._down_until = monotonic() + REDIS_RETRY_SECONDS


def _window() -> int:
    return clock.now_micros() // clock.MICROSECONDS // WINDOW_SECONDS


def set_up(app: Flask, cache_url: str) -> None:
    """Count every request made with a key and report in its response what is left; after permissions are set up."""
    app.extensions["laurel.quotas"] = RateLimiter(cache_url)
    app.before_request(_count_request)
    app.after_request(_add_headers)


def _count_request() -> Response | None:
    if "api_key" not in g:
        return None
    limiter: RateLimiter = current_app.extensions["laurel.quotas"]
    g.counted = limiter.count(current_key().id, quota_of(settings()))
    try:
        reject_beyond(g.counted, quota_of(settings()))
    except ApiProblem as problem:
        return problem_response(problem)
    return None


def _add_headers(response: Response) -> Response:
    response.headers.update(rate_limit_headers(g.get("counted"), quota_of(settings())))
    return response


async def count_on_loop(request: LoopRequest) -> CountedRequest | None:
    """Count a request on the event loop; only those that reserve a share of the quota leave it for a thread."""
    if request.key is None:
        return None
    limiter: RateLimiter = request.app.extensions["laurel.quotas"]
    key, quota = request.key.id, quota_of(request.settings)
    return limiter.count(key, quota) if limiter.has_reserved(key) else await in_thread(limiter.count, key, quota)


def quota_of(settings: Settings) -> int:
    """The requests that a key may make in a window."""
    return settings.key_requests_per_second * WINDOW_SECONDS


def reject_beyond(counted: CountedRequest | None, quota: int) -> None:
    """Raise ApiProblem (429) for a request beyond its key's quota."""
    if counted is not None and counted.count > quota:
        detail = f"more than {quota} requests in {WINDOW_SECONDS} seconds"
        raise ApiProblem(429, "rate_limited", detail, headers={"Retry-After": str(counted.seconds_left)})


def rate_limit_headers(counted: CountedRequest | None, quota: int) -> dict[str, str]:
    """The two standard headers; none while the number of requests is unknown."""
    if counted is None:
        return {}
    left = f"r={max(0, quota - counted.count)};t={counted.seconds_left}"
    return {"RateLimit-Policy": f'"{POLICY}";q={quota};w={WINDOW_SECONDS}', "RateLimit": f'"{POLICY}";{left}'}
