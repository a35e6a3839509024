"""The way to Postgres: one pool a process, plain psycopg connections, every session bounded in time."""

import atexit
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, TransactionStatus

from webapp.store.system.arrays import ADAPTERS

Connection = psycopg.Connection[Any]

# Statements, waits for locks and idle transactions end by themselves, so that no client holds a shard for long.
SESSION = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
    "client_connection_check_interval": "1s",
    "timezone": "UTC",
    "application_name": "laurel",
}
CONNECT_SECONDS_MAX = 3
POOL_WAIT_SECONDS_MAX = 5.0
POOL_SIZE = 24
TEMPORARY_STATES = ("08", "25P03", "25P04", "40", "53", "55", "57", "58")
"""Classes of SQL states: connection, time-outs in transactions, roll-back, resources, locks, intervention, system."""
STOPPING_STATES = frozenset({"57P01", "57P02", "57P03"})  # admin shutdown, crash shutdown, cannot connect now


class PoolExhausted(psycopg.OperationalError):
    """Every connection of this process has been lent for too long."""


def is_disconnected(error: BaseException) -> bool:
    """Whether an error means that Postgres cannot be reached, or is just stopping or starting.

    What it says about one statement (refused, too slow, waiting for a lock for too long) is none of it.
    """
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    state = error.sqlstate
    return state is None or state.startswith("08") or state in STOPPING_STATES


def is_unavailable(error: BaseException) -> bool:
    """Whether the same request may well succeed later: Postgres is away or overloaded, or something took too long.

    The time-out of an idle transaction is no OperationalError for psycopg, so the states of SQL decide.
    """
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(TEMPORARY_STATES)


def sqlalchemy_url(database_url: str) -> str:
    """The same address as SQLAlchemy spells it for psycopg 3."""
    scheme, _, rest = database_url.partition("://")
    return f"{'postgresql+psycopg' if scheme in {'postgres', 'postgresql'} else scheme}://{rest}"


def open_connection(database_url: str) -> Connection:
    """Open one connection outside the pool; the caller closes it."""
    return psycopg.connect(
        plain_url(database_url), options=_options(), connect_timeout=CONNECT_SECONDS_MAX, context=ADAPTERS
    )


def plain_url(database_url: str) -> str:
    """The same address as libpq spells it."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _options() -> str:
    return " ".join(f"-c {name}={value}" for name, value in SESSION.items())


class Pool:
    """Lends connections, the last returned first, and opens what is missing in the borrower's own time.

    So a borrower learns at once that Postgres is away, and nobody waits for a background thread once it is back.
    DECISIONS.md, 39, has the measurements beside psycopg_pool.
    """

    def __init__(self, database_url: str, size: int) -> None:
        self._database_url = database_url
        self._room = BoundedSemaphore(size)
        self._idle: deque[Connection] = deque()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend one; what its borrower has not committed is rolled back."""
        if not self._room.acquire(timeout=POOL_WAIT_SECONDS_MAX):
            raise PoolExhausted("every connection is in use")
        try:
            lent = self._take()
            try:
                yield lent
            finally:
                self._give_back(lent)
        finally:
            self._room.release()

    def close(self, pid: int) -> None:
        """Close what is idle, in the process that opened it."""
        while self._idle and pid == os.getpid():
            self._idle.pop().close()

    def _take(self) -> Connection:
        while self._idle:
            waiting = self._idle.pop()
            if _is_alive(waiting):
                return waiting
            waiting.close()
        return open_connection(self._database_url)

    def _give_back(self, lent: Connection) -> None:
        try:
            if not lent.closed and lent.info.transaction_status is not TransactionStatus.IDLE:
                lent.rollback()
        except psycopg.Error:
            lent.close()
        if not lent.closed:
            self._idle.append(lent)


def _is_alive(connection: Connection) -> bool:
    """Whether the server has not ended this session, as far as this end has heard; asks nothing of the server.

    Two reads: the first takes the server's farewell, the second meets the end of the stream.
    """
    try:
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.Error:
        return False
    return not connection.closed and connection.pgconn.status == ConnStatus.OK


_size = POOL_SIZE


def bound_pools(size: int) -> None:
    """Limit how many connections each pool lends that is made in this process from now on."""
    global _size  # noqa: PLW0603  (a process has one bound, set before it serves)
    _size = size


def pool(database_url: str) -> Pool:
    """The process's pool for one database; a child that was forked gets its own."""
    return _pool(os.getpid(), database_url)


@cache  # never thrown away: a fork must not close its parent's connections
def _pool(_pid: int, database_url: str) -> Pool:
    made = Pool(database_url, _size)
    atexit.register(made.close, os.getpid())
    return made


@contextmanager
def connect(database_url: str, *, autocommit: bool = False) -> Iterator[Connection]:
    """Lend a connection: left without a commit its transaction is rolled back.

    With `autocommit` each statement commits by itself, which saves a single one two round trips.
    Raises `psycopg.OperationalError` where Postgres is away, or where no connection becomes free in time.
    """
    with pool(database_url).connection() as connection:
        connection.autocommit = autocommit
        yield connection


def clock(conn: Connection) -> int:
    """The database's clock: microseconds since 1970 UTC."""
    row = conn.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").fetchone()
    assert row is not None
    return int(row[0])
