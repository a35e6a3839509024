"""One batch: everything that waits in a shard, up to a limit, judged and written in one transaction."""

import psycopg
import structlog

from webapp.failpoints import failpoint
from webapp.jobs import alone
from webapp.jobs.desk import Desk
from webapp.jobs.found import apply, find
from webapp.store import shards

log = structlog.get_logger()


def run_batch(desk: Desk, shard: int, limit: int) -> int:
    """Apply what waits in the shard, up to the limit; gives how many entries left the inbox.

    Another's lock means 0: whoever holds it does the work. A batch that died before, or fails now by an error that
    is not the database's, is run again one by one. Failures of the database are raised after a rollback.
    """
    try:
        return _run(desk, shard, limit)
    except Exception as error:  # the drain's one place: whatever a fold raises is looked for one by one, and parked
        if alone.is_outage(error):
            _give_up(desk, shard)
            raise
        desk.conn.rollback()
        log.exception("batch_failed", shard=shard)
        return alone.run_alone(desk, shard, limit)


def _run(desk: Desk, shard: int, limit: int) -> int:
    found = find(desk.conn, shard, limit)
    if found is None or not found.entries:
        desk.conn.rollback()
        return 0
    if found.died_with:
        desk.conn.rollback()
        return alone.run_alone(desk, shard, found.died_with)
    shards.mark(desk.side, shard, len(found.entries))
    apply(desk.conn, found)
    failpoint("batch_before_commit")
    desk.conn.commit()
    failpoint("batch_after_commit")
    return len(found.entries)


def _give_up(desk: Desk, shard: int) -> None:
    """The database failed: nothing is held against the entries."""
    for step in (desk.conn.rollback, lambda: shards.clear_mark(desk.side, shard)):
        try:
            step()
        except psycopg.Error:
            log.warning("database_away", shard=shard)
