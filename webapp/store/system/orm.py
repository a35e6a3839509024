"""SQLAlchemy sessions for the ordinary tables, inside the psycopg transaction of whoever calls.

Workers, commands and both roads write audit entries, keys or settings in transactions that psycopg holds. A session
with a connection of its own could commit while they roll back. So a session here borrows the caller's connection: what
it flushes is part of the caller's transaction, and it never commits or rolls back anything itself.

It costs five to ten times the processor time of the same SQL by hand. What many requests run (edits of a rule, sessions
and keys of those who call, audit entries) is therefore compiled once: `compiled_statements`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy import Connection as BoundConnection
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from webapp.models import Base
from webapp.store.system.connection import Connection

_lent: ContextVar[Connection] = ContextVar("lent")
_bound: WeakKeyDictionary[Connection, BoundConnection] = WeakKeyDictionary()
"""What SQLAlchemy knows of each psycopg connection: made once, since preparing one costs more than a statement."""


class _BorrowedConnection:
    """The caller's connection as SQLAlchemy's pool sees it: its transaction and its life are the caller's."""

    def __init__(self, connection: Connection) -> None:
        object.__setattr__(self, "_connection", ref(connection))  # weakly: `_bound` must not keep its own keys alive

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._connection(), name, value)

    def commit(self) -> None:
        """Do nothing: the caller commits."""

    def rollback(self) -> None:
        """Do nothing: the caller rolls back."""

    def close(self) -> None:
        """Do nothing: the caller gives its connection back."""


@cache
def _engine() -> Engine:
    """One engine a process: its dialect asks a server for its version once, and compiled statements stay cached."""
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: _BorrowedConnection(_lent.get()),
        poolclass=NullPool,
        pool_reset_on_return=None,
        use_native_hstore=False,
    )


def _binding(conn: Connection) -> BoundConnection:
    """The caller's connection as SQLAlchemy speaks to it."""
    binding = _bound.get(conn)
    if binding is None:
        token = _lent.set(conn)
        try:
            binding = _bound[conn] = _engine().connect()
        finally:
            _lent.reset(token)
    return binding


@contextmanager
def session(conn: Connection) -> Iterator[Session]:
    """A session in the caller's transaction; what was added or changed is flushed at the end, and nothing is committed.

    Objects stay readable after the block. Errors of the database are raised as psycopg raised them.
    """
    try:
        with Session(_binding(conn), expire_on_commit=False) as opened:
            yield opened
            opened.flush()
            opened.expunge_all()
    except DBAPIError as error:
        raise (error.orig or error) from error


def record_columns(model: type[Base], record: type[Any]) -> tuple[Any, ...]:
    """The columns of a model that a record has fields for, in the order of the fields: `record(*row)` takes a row.

    Whoever only reads selects these instead of the model: building its objects would take most of the time.
    """
    return tuple(getattr(model, field.name) for field in fields(record))
