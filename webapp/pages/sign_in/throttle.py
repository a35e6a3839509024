"""How often one address may try passwords, beside the tries that one account has."""

from flask import Flask, current_app, request
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from webapp.projections.request_counts import attempts_storage

TRIES = RateLimitItemPerMinute(30, namespace="limit:sign-in")
_EXTENSION = "laurel.sign_in_tries"


class Tries:
    """Tries by address, in the cache's Redis; while that is away, each process counts what it sees itself."""

    def __init__(self, cache_url: str) -> None:
        shared = attempts_storage(cache_url)
        self._shared, self._own = MovingWindowRateLimiter(shared), MovingWindowRateLimiter(MemoryStorage())

    def is_too_often(self, address: str) -> bool:
        """Count a try; whether there were more than so many in this minute."""
        try:
            return not self._shared.hit(TRIES, address)
        except StorageError:
            return not self._own.hit(TRIES, address)


def set_up(app: Flask, cache_url: str) -> None:
    """Count from now on; Redis is not asked before the first try."""
    app.extensions[_EXTENSION] = Tries(cache_url)


def is_too_often() -> bool:
    """Count a try of the present request's address; whether it tried too often."""
    tries: Tries = current_app.extensions[_EXTENSION]
    return tries.is_too_often(request.remote_addr or "")
