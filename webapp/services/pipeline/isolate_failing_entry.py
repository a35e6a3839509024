"""When a batch fails: its shards are tried one by one, then its entries, until only the guilty entry is parked.

An entry that fails, or kills its process, three times while it runs alone is parked. The database's own failures are
never held against an entry.
"""

import time
import traceback
from collections.abc import Mapping, Sequence

import psycopg
import structlog

from engine.vocabulary.entry import Entry
from webapp.runtime.failpoints import failpoint
from webapp.services.pipeline.apply_batch import (
    BatchBounds,
    DrainConnections,
    EarlierBatchDied,
    FinishedBatch,
    LockedShard,
    UnreadableEntry,
    fold_and_save,
    lock_and_read,
    run_batch,
)
from webapp.store.events import parked_entries, rule_activity, shards, strikes
from webapp.store.system.connection import open_connection

log = structlog.get_logger()

STRIKES_MAX = 3  # whatever kills a process by chance rarely does so three times over the same entry
REPAIR_SECONDS = 0.5
"""How long entries are applied one by one before other shards have their turn."""


def apply_waiting(connections: DrainConnections, shard_numbers: Sequence[int], bounds: BatchBounds) -> FinishedBatch:
    """Run one batch of these shards, within the bounds.

    After a failure that is not the database's, smaller batches are run until the entry that failed is found. Failures
    of the database are raised after a rollback.
    """
    try:
        return _run_or_resume(connections, shard_numbers, bounds)
    except Exception as error:  # the drain's one place: whatever a fold raises is narrowed down to its entry
        if is_outage(error):
            _drop_attempt(connections, shard_numbers)
            raise
        connections.conn.rollback()
        log.exception("batch_failed", shards=shard_numbers)
        return _split_up(connections, shard_numbers, bounds)


def _run_or_resume(connections: DrainConnections, shard_numbers: Sequence[int], bounds: BatchBounds) -> FinishedBatch:
    try:
        return run_batch(connections, shard_numbers, bounds)
    except EarlierBatchDied as error:
        return _resume_after_death(connections, error.died_with, bounds)


def _resume_after_death(
    connections: DrainConnections, died_with: Mapping[int, int], bounds: BatchBounds
) -> FinishedBatch:
    """Run the entries of the batch that died one by one, and what waits in the other shards by shard."""
    finished = FinishedBatch()
    for shard, count in died_with.items():
        if count:
            finished += FinishedBatch(apply_one_by_one(connections, shard, count))
        else:
            finished += apply_waiting(connections, [shard], bounds)
    return finished


def _split_up(connections: DrainConnections, shard_numbers: Sequence[int], bounds: BatchBounds) -> FinishedBatch:
    """Try each shard of the failed batch by itself, or, where there was only one, each of its entries."""
    if len(shard_numbers) == 1:
        return FinishedBatch(apply_one_by_one(connections, shard_numbers[0], bounds.limit))
    shards.clear_attempts(connections.autocommit, shard_numbers)
    finished = FinishedBatch()
    for shard in shard_numbers:
        finished += apply_waiting(connections, [shard], bounds)
    return finished


def _drop_attempt(connections: DrainConnections, shard_numbers: Sequence[int]) -> None:
    """Roll back and take the marks away after a failure of the database, as far as it still answers."""
    for step in (connections.conn.rollback, lambda: shards.clear_attempts(connections.autocommit, shard_numbers)):
        try:
            step()
        except psycopg.Error:
            log.warning("database_unavailable", shards=shard_numbers)


def apply_one_by_one(connections: DrainConnections, shard: int, count: int) -> int:
    """Apply up to `count` entries of a shard one by one; returns how many left the inbox, parked ones included.

    Ends early once an entry was parked (the guilty one is found) or another process holds the shard's lock, or when
    others are to have their turn; then the shard's mark says how many are left. Failures of the database are raised.
    """
    finished, has_parked = 0, False
    ends_at = time.monotonic() + REPAIR_SECONDS
    while finished < count and not has_parked:
        if finished and time.monotonic() > ends_at:
            shards.mark_attempt(connections.autocommit, {shard: count - finished})
            return finished
        try:
            locked = next(iter(lock_and_read(connections.conn, [shard], BatchBounds(1))), None)
        except UnreadableEntry as error:
            _park(connections, shard, error.seq, str(error))
            finished += 1
            break
        if locked is None:  # the marks stay: whoever holds the lock is at it
            connections.conn.rollback()
            return finished
        if not locked.entries:
            connections.conn.rollback()
            break
        left, has_parked = _apply_or_park(connections, locked)
        finished += left
    shards.clear_attempts(connections.autocommit, [shard])
    return finished


def _park(connections: DrainConnections, shard: int, seq: int, detail: str) -> None:
    """Park an entry for good; the shard's lock is held."""
    parked_entries.park(connections.conn, shard, seq, "failed", detail)
    connections.conn.commit()
    log.error("entry_parked", seq=seq, shard=shard, detail=detail)


def _apply_or_park(connections: DrainConnections, locked: LockedShard) -> tuple[int, bool]:
    """Try the one entry that was read: (how many entries left the inbox, whether it was parked)."""
    entry = locked.entries[0]
    if strikes.start_alone(connections.autocommit, locked.number, entry.seq) >= STRIKES_MAX:
        _park(connections, locked.number, entry.seq, strikes.detail_of(connections.autocommit, entry.seq))
        return 1, True
    return (1 if _applies(connections, locked, entry) else 0), False


def _applies(connections: DrainConnections, locked: LockedShard, entry: Entry) -> bool:
    """Apply one entry that runs alone; False, and a strike, where it fails."""
    try:
        failpoint("alone_before_fold")
        finished = fold_and_save(connections.conn, [locked])
        rule_activity.count(connections.conn, locked.number, finished.matches)
        strikes.forgive(connections.conn, [entry.seq])
        connections.conn.commit()
    except Exception as error:  # the drain's one place: what an entry raises while it runs alone is a strike
        if is_outage(error):
            _excuse(connections, entry.seq)
            raise
        connections.conn.rollback()
        strikes.count_error(connections.autocommit, entry.seq, _one_line(error))
        return False
    return True


def is_outage(error: Exception) -> bool:
    """Whether the database failed, rather than refused a value: what it refuses once, it refuses every time."""
    return isinstance(error, psycopg.Error) and not isinstance(error, psycopg.DataError)


def _excuse(connections: DrainConnections, seq: int) -> None:
    """Take an entry's mark away after the database failed under it, on a new connection since the old may be gone."""
    try:
        with open_connection(connections.settings.database_url) as conn:
            strikes.excuse(conn, seq)
    except psycopg.Error:
        # No strike either way: the mark is older than the database's next start.
        log.warning("database_unavailable", seq=seq)


def _one_line(error: Exception) -> str:
    return "".join(traceback.format_exception_only(error)).strip()[:2000]
