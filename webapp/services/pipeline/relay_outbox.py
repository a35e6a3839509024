"""The relay: committed changes out of the outbox into projections, as absolute values, at least once."""

import msgspec
import structlog

from webapp.config import Settings
from webapp.projections.batch_writer import BatchWriter
from webapp.projections.redis import RedisError
from webapp.store.events import applied_entries
from webapp.store.system.connection import connect

log = structlog.get_logger()

BATCHES_AT_ONCE = 500


def try_relay(settings: Settings) -> None:
    """Relay what has just been committed; while Redis is away it waits in the outbox."""
    try:
        relay(settings)
    except RedisError as error:
        log.warning("relay_postponed", error=str(error))


def relay(settings: Settings, limit: int = BATCHES_AT_ONCE) -> int:
    """Take up to `limit` batches out of the outbox and return how many.

    Without an epoch nothing is written and everything waits. Two relays may meet: each row is locked by one of them.
    Raises `RedisError` where Redis is away.
    """
    writer = BatchWriter.for_current_epoch(settings)
    if writer is None:
        return 0
    with connect(settings.database_url) as conn:
        payloads = applied_entries.take_outbox(conn, limit)
        if payloads:
            messages = [msgspec.json.decode(payload) for payload in payloads]
            # Redis first: if it fails, the rows stay in the outbox, and writing absolute values twice does no harm.
            writer.write(messages)
            conn.commit()
            # Last of all: a page that follows a signal must find the new values.
            writer.publish(messages)
    return len(payloads)
