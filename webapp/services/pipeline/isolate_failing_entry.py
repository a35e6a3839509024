"""After a batch that died: its entries one by one, each marked first, so that only the guilty one is parked."""

import traceback

import psycopg
import structlog

from engine.vocabulary.entry import Entry
from webapp.runtime.failpoints import failpoint
from webapp.services.pipeline.drain_connections import Desk
from webapp.services.pipeline.locked_shard import Found, UnreadableError, apply, find
from webapp.store.events import parking, shards
from webapp.store.system.connection import open_connection

log = structlog.get_logger()

STRIKES_MAX = 3


def run_alone(desk: Desk, shard: int, count: int) -> int:
    """Apply up to `count` entries of a shard one by one; gives how many left the inbox, parked ones included.

    Ends early once an entry was parked (the guilty one is found) or another holds the shard's lock. Failures of the
    database are raised; they are never strikes.
    """
    done, has_parked = 0, False
    while done < count and not has_parked:
        try:
            found = next(iter(find(desk.conn, [shard], 1)), None)
        except UnreadableError as error:
            _park(desk, shard, error.seq, str(error))
            done, has_parked = done + 1, True
            break
        if found is None:
            desk.conn.rollback()
            return done
        if not found.entries:
            desk.conn.rollback()
            break
        left, has_parked = _step(desk, shard, found)
        done += left
    shards.clear_marks(desk.side, [shard])
    return done


def _park(desk: Desk, shard: int, seq: int, detail: str) -> None:
    """Put an entry aside for good; the shard's lock is held."""
    parking.park(desk.conn, shard, seq, "failed", detail)
    desk.conn.commit()
    log.error("entry_parked", seq=seq, shard=shard, detail=detail)


def _step(desk: Desk, shard: int, found: Found) -> tuple[int, bool]:
    """One try at the first waiting entry: (how many left the inbox, whether it was parked)."""
    entry = found.entries[0]
    if parking.start_alone(desk.side, shard, entry.seq) >= STRIKES_MAX:
        _park(desk, shard, entry.seq, parking.detail_of(desk.side, entry.seq))
        return 1, True
    return (1 if _applied(desk, found, entry) else 0), False


def _applied(desk: Desk, found: Found, entry: Entry) -> bool:
    """Try to apply one entry that runs alone; False, and a strike, where it fails by itself."""
    try:
        failpoint("alone_before_fold")
        apply(desk.conn, [found])
        parking.forgive(desk.conn, [entry.seq])
        desk.conn.commit()
    except Exception as error:  # the drain's one place: what an entry raises while it runs alone is a strike
        if is_outage(error):
            excuse(desk, entry.seq)
            raise
        desk.conn.rollback()
        parking.strike(desk.side, entry.seq, _told(error))
        return False
    return True


def is_outage(error: Exception) -> bool:
    """Whether the database failed, and not what it was given: a value that it refuses it refuses every time."""
    return isinstance(error, psycopg.Error) and not isinstance(error, psycopg.DataError)


def excuse(desk: Desk, seq: int) -> None:
    """The database failed while the entry ran: take its mark away, on a new connection if need be."""
    try:
        with open_connection(desk.settings.database_url) as conn:
            parking.excuse(conn, seq)
    except psycopg.Error:
        log.warning("database_away", seq=seq)  # the mark is older than the database's next start, so it is no strike


def _told(error: Exception) -> str:
    return "".join(traceback.format_exception_only(error)).strip()[:2000]
