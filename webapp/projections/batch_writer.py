"""Relayed batches written into projections, as absolute values: a batch written twice, or late, changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.config import Settings
from webapp.projections import epoch, leaderboards, live_messages
from webapp.projections.leaderboards import PlayerScore
from webapp.projections.redis import Redis, cache_redis


@dataclass(frozen=True, slots=True)
class BatchWriter:
    """Writes into the projections of one epoch."""

    cache: Redis
    epoch: str

    @classmethod
    def for_current_epoch(cls, settings: Settings) -> "BatchWriter | None":
        """A writer for the epoch that is current; None while there is none. Raises `RedisError`."""
        cache = cache_redis(settings)
        name = epoch.current(cache)
        return None if name is None else cls(cache, name)

    def write(self, messages: Sequence[dict[str, Any]]) -> None:
        """Write the newest scores, and drop players who were erased."""
        runs: dict[tuple[str, str], list[PlayerScore]] = {}
        erased: list[tuple[int, int]] = []
        for message in messages:
            for board, run, segment, _, player, _, score, reached, version in message["boards"]:
                runs.setdefault((board, run), []).append(PlayerScore(player, version, score, reached, segment))
            erased += [(number, version) for number, player_id, version in message["players"] if player_id is None]
        if runs:
            leaderboards.write(self.cache, self.epoch, runs)
        leaderboards.forget(self.cache, self.epoch, erased)

    def publish(self, messages: Sequence[dict[str, Any]]) -> None:
        """Tell live pages, once the batches have left the outbox."""
        live_messages.publish_changes(self.cache, messages)
