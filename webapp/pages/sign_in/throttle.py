"""How often passwords may be tried: by one address, for one account from one address, and for one account in all.

Whether an account exists makes no difference here. Nobody can keep somebody else out: tries are counted for each
address by itself, and a browser in which an operator has signed in before (`known_device`) is counted by itself, too.
"""

from dataclasses import dataclass
from hashlib import sha256
from math import ceil

from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from webapp.http.access import settings
from webapp.pages.sign_in import known_device
from webapp.projections.request_counts import attempts_storage
from webapp.runtime import clock
from webapp.runtime.addresses import is_loopback
from webapp.store.people.operators import spelled

TRIES = RateLimitItemPerMinute(30, namespace="limit:sign-in")
ACCOUNT_TRIES: tuple[RateLimitItem, ...] = (
    RateLimitItemPerMinute(5, 15, namespace="limit:sign-in-account"),
    RateLimitItemPerDay(20, namespace="limit:sign-in-account"),
)
"""For one account from one address or known browser: whoever goes on has to wait for longer and longer."""
STRANGERS_TRIES = RateLimitItemPerHour(100, namespace="limit:sign-in-strangers")
"""For one account from all addresses together: guessing from many of them does not pay either."""
_EXTENSION = "laurel.sign_in_tries"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries of one kind; `key` says whose."""

    item: RateLimitItem
    key: tuple[str, ...]


class Tries:
    """Tries, counted in the cache's Redis; while that is away, each process counts what it sees itself."""

    def __init__(self, cache_url: str) -> None:
        shared = attempts_storage(cache_url)
        self._shared, self._own = MovingWindowRateLimiter(shared), MovingWindowRateLimiter(MemoryStorage())

    def seconds_to_wait(self, *limits: Limit) -> int:
        """Count a try against all of these limits; how long to wait if one of them is reached, else 0."""
        try:
            return _hit(self._shared, limits)
        except StorageError:
            return _hit(self._own, limits)

    def forget(self, *limits: Limit) -> None:
        """Let the tries so far count no more."""
        for limiter in (self._shared, self._own):
            try:
                for limit in limits:
                    limiter.clear(limit.item, *limit.key)
            except StorageError:
                continue


def _hit(limiter: MovingWindowRateLimiter, limits: tuple[Limit, ...]) -> int:
    for limit in limits:
        if not limiter.hit(limit.item, *limit.key):
            return max(1, ceil(limiter.get_window_stats(limit.item, *limit.key).reset_time - clock.now().timestamp()))
    return 0


def set_up(app: Flask, cache_url: str) -> None:
    """Count from now on; Redis is not asked before the first try."""
    app.extensions[_EXTENSION] = Tries(cache_url)


def wait_of_address() -> int:
    """Count a try of the present request's address; the seconds that it has to wait, else 0."""
    return _tries().seconds_to_wait(Limit(TRIES, (_address(),)))


def wait_of_account(email: str) -> int:
    """Count a try for an account, before the password is looked at; the seconds that it has to wait, else 0."""
    return _tries().seconds_to_wait(*_limits(email))


def forgive(email: str) -> None:
    """Forget the tries for an account from here: the last one was right."""
    _tries().forget(*_limits(email))


def _limits(email: str) -> list[Limit]:
    account = sha256(spelled(email).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    device = known_device.device_of(spelled(email))
    whence = f"device:{device}" if device else f"address:{_address()}"
    limits = [Limit(item, (account, whence)) for item in ACCOUNT_TRIES]
    return limits if device else [*limits, Limit(STRANGERS_TRIES, (account,))]


def _address() -> str:
    """Where the request comes from; behind a proxy on this machine that LAUREL_PROXIES does not name, what it saw."""
    address = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and not settings().proxies and is_loopback(address) else address


def _tries() -> Tries:
    tries: Tries = current_app.extensions[_EXTENSION]
    return tries
