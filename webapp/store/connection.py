"""The way to Postgres: one pool a process, plain psycopg connections, every session bounded in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[Any]

# A statement, a lock and an idle transaction each end by themselves, so that no client can hold a shard for long.
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


def sqlalchemy_url(database_url: str) -> str:
    """The same address as SQLAlchemy spells it for psycopg 3."""
    scheme, _, rest = database_url.partition("://")
    return f"{'postgresql+psycopg' if scheme in {'postgres', 'postgresql'} else scheme}://{rest}"


def open_connection(database_url: str) -> Connection:
    """Open one connection outside the pool; the caller closes it."""
    return psycopg.connect(plain_url(database_url), options=_options(), connect_timeout=CONNECT_SECONDS_MAX)


def plain_url(database_url: str) -> str:
    """The same address as libpq spells it."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _options() -> str:
    return " ".join(f"-c {name}={value}" for name, value in SESSION.items())


@cache
def pool(database_url: str, size: int) -> "ConnectionPool[Connection]":
    """The process's pool for one database; made at first use, so a fork before that shares nothing."""
    return ConnectionPool(
        plain_url(database_url),
        kwargs={"options": _options(), "connect_timeout": CONNECT_SECONDS_MAX},
        min_size=0,
        max_size=size,
        timeout=POOL_WAIT_SECONDS_MAX,
        reconnect_timeout=POOL_WAIT_SECONDS_MAX,
        check=ConnectionPool.check_connection,
        open=True,
        name="laurel",
    )


@contextmanager
def connect(database_url: str, *, size: int = 24) -> Iterator[Connection]:
    """Lend a connection: left without a commit its transaction is rolled back.

    Raises `psycopg.OperationalError` (or its child `PoolTimeout`) where Postgres is away.
    """
    with pool(database_url, size).connection() as connection:
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.rollback()
