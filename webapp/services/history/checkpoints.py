"""Where what decides outcomes has changed, everybody gets a checkpoint: history before it is taken as given.

The engine's version changes only where the same log would come to something else; a new edition of the time zones
may move the days of the past too. Without checkpoints verify would then call differences what was right in its time.
"""

from engine.scoring.engine_version import ENGINE_VERSION
from webapp.config import Settings
from webapp.runtime.zones import TZDATA_VERSION
from webapp.store.events import shards
from webapp.store.players import checkpoints
from webapp.store.system import settings as store_settings
from webapp.store.system.connection import Connection, connect

VERSION = f"{ENGINE_VERSION} {TZDATA_VERSION}"
SETTING = "decided_by"
REASON = "engine"


def keep_if_changed(settings: Settings, version: str = VERSION) -> int:
    """Write the checkpoints if another version decided until now, and give how many; called before anything drains.

    One short transaction for each shard, under its lock. Whoever is killed half-way does the rest at the next start:
    the new version is noted last, and a checkpoint that stands is left as it is.
    """
    with connect(settings.database_url) as conn:
        before, kept = store_settings.read(conn, SETTING), 0
        if before is not None and before != version:
            kept = sum(_keep(conn, shard, before) for shard in shards.ALL)
        store_settings.write(conn, SETTING, value=version)
        conn.commit()
    return kept


def _keep(conn: Connection, shard: int, version: str) -> int:
    shards.lock(conn, shard)
    kept = checkpoints.write_shard(conn, shard, REASON, version)
    conn.commit()
    return kept
