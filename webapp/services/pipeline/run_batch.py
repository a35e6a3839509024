"""One batch: everything that waits in some shards, up to a limit, judged and written in one transaction.

Where little waits in many shards they share a batch, for a transaction costs more than an entry. A batch of several
that fails is run again shard by shard, so that a shard is only ever held up by entries of its own.
"""

from collections.abc import Sequence

import psycopg
import structlog

from webapp.runtime.failpoints import failpoint
from webapp.services.pipeline import isolate_failing_entry
from webapp.services.pipeline.drain_connections import Desk
from webapp.services.pipeline.locked_shard import Found, apply, find
from webapp.store.events import shards

log = structlog.get_logger()


def run_batch(desk: Desk, wanted: Sequence[int], limit: int) -> int:
    """Apply what waits in these shards, up to the limit in each; gives how many entries left the inbox.

    Another's lock means 0: whoever holds it does the work. A batch that died before, or fails now by an error that
    is not the database's, is run again one by one. Failures of the database are raised after a rollback.
    """
    try:
        return _run(desk, wanted, limit)
    except Exception as error:  # the drain's one place: whatever a fold raises is looked for one by one, and parked
        if isolate_failing_entry.is_outage(error):
            _give_up(desk, wanted)
            raise
        desk.conn.rollback()
        log.exception("batch_failed", shards=wanted)
        return _part(desk, wanted, limit)


def _run(desk: Desk, wanted: Sequence[int], limit: int) -> int:
    found = [each for each in find(desk.conn, wanted, limit) if each.entries]
    if not found:
        desk.conn.rollback()
        return 0
    if any(each.died_with for each in found):
        desk.conn.rollback()
        return _after_death(desk, found, limit)
    shards.mark(desk.side, {each.standing.shard: len(each.entries) for each in found})
    apply(desk.conn, found)
    failpoint("batch_before_commit")
    desk.conn.commit()
    failpoint("batch_after_commit")
    return sum(len(each.entries) for each in found)


def _after_death(desk: Desk, found: Sequence[Found], limit: int) -> int:
    """A process died over a batch of these shards: its entries run one by one, the other shards' by shard."""
    return sum(
        isolate_failing_entry.run_alone(desk, each.standing.shard, each.died_with)
        if each.died_with
        else run_batch(desk, [each.standing.shard], limit)
        for each in found
    )


def _part(desk: Desk, wanted: Sequence[int], limit: int) -> int:
    """A batch has failed: of several shards, each is tried by itself; of one, each entry."""
    if len(wanted) == 1:
        return isolate_failing_entry.run_alone(desk, wanted[0], limit)
    shards.clear_marks(desk.side, wanted)
    return sum(run_batch(desk, [shard], limit) for shard in wanted)


def _give_up(desk: Desk, wanted: Sequence[int]) -> None:
    """The database failed: nothing is held against the entries."""
    for step in (desk.conn.rollback, lambda: shards.clear_marks(desk.side, wanted)):
        try:
            step()
        except psycopg.Error:
            log.warning("database_away", shards=wanted)
