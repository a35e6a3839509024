"""API keys that this process has looked up lately: a request can be prepared by what is known of its key.

Known is not live: a key may have been revoked since. Whoever takes a key from here looks it up before anything happens
or is answered, together with what the request does.
"""

from webapp.runtime.tokens import token_hash
from webapp.store.people.apps import ApiKey, is_use_due

KEYS_MAX = 10_000


class KnownKeys:
    """What was found under secrets, kept by their hashes."""

    def __init__(self) -> None:
        self._keys = dict[bytes, ApiKey]()

    def recall(self, secret: str) -> ApiKey | None:
        """The key of a secret; None where it is not known, or where its use has to be noted again."""
        key = self._keys.get(token_hash(secret))
        return None if key is None or is_use_due(key) else key

    def remember(self, secret: str, key: ApiKey | None) -> None:
        """Note what a look-up has found under a secret."""
        if key is None:
            self._keys.pop(token_hash(secret), None)
            return
        if len(self._keys) >= KEYS_MAX:
            self._keys.clear()
        self._keys[token_hash(secret)] = key
