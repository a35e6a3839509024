"""Shards: 64 fixed parts of all players, so that all work on one player is done in one place."""

from functools import lru_cache
from hashlib import blake2b

SHARDS = 64


@lru_cache(maxsize=65_536)
def shard_of(player_id: str) -> int:
    """The shard, 0 to 63, of a player's id; the same on every machine and for ever."""
    return int.from_bytes(blake2b(player_id.encode(), digest_size=8).digest()) % SHARDS
