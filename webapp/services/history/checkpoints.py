"""Where what decides outcomes has changed, everybody gets a checkpoint: the history before it is taken as given.

The engine's version changes only if the same log would give other results; a new edition of the time zones may
also move the days of the past. Without checkpoints, verify would then report as differences what was right at the time.
"""

from engine.scoring.fold import ENGINE_VERSION
from webapp.config import Settings
from webapp.runtime.zones import TZDATA_VERSION
from webapp.store.events import shards
from webapp.store.players import checkpoints
from webapp.store.system import settings as store_settings
from webapp.store.system.connection import Connection, connect

VERSION = f"{ENGINE_VERSION} {TZDATA_VERSION}"
DECIDED_BY = "decided_by"
"""The setting that holds the version which has decided until now; there is none before the first start."""

REASON = "engine"


def write_if_changed(settings: Settings, version: str = VERSION) -> int:
    """Write checkpoints if another version decided until now, and return how many; call it before anything drains.

    One short transaction for each shard, under its lock. If it is killed half-way, the next start does the rest: the
    new version is noted last, and a checkpoint that exists is left as it is.
    """
    with connect(settings.database_url) as conn:
        last_version, written = store_settings.read(conn, DECIDED_BY), 0
        if last_version is not None and last_version != version:
            written = sum(_write_shard(conn, shard, last_version) for shard in shards.ALL)
        store_settings.write(conn, DECIDED_BY, value=version)
        conn.commit()
    return written


def _write_shard(conn: Connection, shard: int, version: str) -> int:
    shards.lock(conn, shard)
    written = checkpoints.write_shard(conn, shard, REASON, version)
    conn.commit()
    return written
