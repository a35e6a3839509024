"""Statements over models for the ways that must stay quick: compiled once, and run without a session."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from psycopg import Cursor
from sqlalchemy import BindParameter, Dialect, Select, UpdateBase, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from webapp.store.system.connection import Connection

DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # its signature names no types


Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compilation:
    """The text of a statement, the values that it holds itself, and what turns values into psycopg's and back."""

    text: bytes
    constants: dict[str, Any]
    bind_processors: Sequence[tuple[str, Processor]]
    result_processors: Sequence[tuple[int, Processor]]


class CompiledStatement:
    """A statement over models that is compiled once and run by psycopg: it costs what the same SQL by hand costs.

    Its values are `bindparam`s, passed by name; rows are tuples, in types as the models give them. No list can be
    passed to `in_`, which is written anew for each length; `any_` takes an array.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase) -> None:
        self._statement = statement

    def run(self, conn: Connection, **values: Any) -> None:
        """Run it for its effect."""
        self._execute(conn, values)

    def first(self, conn: Connection, **values: Any) -> tuple[Any, ...] | None:
        """The first row; None if there is none."""
        row = self._execute(conn, values).fetchone()
        return None if row is None else self._loaded(row)

    def rows(self, conn: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """All rows."""
        return [self._loaded(row) for row in self._execute(conn, values)]

    def _execute(self, conn: Connection, values: dict[str, Any]) -> Cursor[tuple[Any, ...]]:
        compilation = self._compilation
        for name, processor in compilation.bind_processors:
            values[name] = processor(values[name])
        return conn.execute(compilation.text, {**compilation.constants, **values})

    def _loaded(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        processors = self._compilation.result_processors
        if not processors:
            return row
        loaded = list(row)
        for column, processor in processors:
            loaded[column] = processor(loaded[column])
        return tuple(loaded)

    @cached_property
    def _compilation(self) -> _Compilation:
        compiled = self._statement.compile(dialect=DIALECT)
        constants, bind_processors = {}, []
        for name, bind in compiled.binds.items():
            processor = bind.type.dialect_impl(DIALECT).bind_processor(DIALECT)
            if not bind.required:
                constants[name] = processor(bind.effective_value) if processor else bind.effective_value
            elif processor is not None:
                bind_processors.append((name, processor))
        result_processors = []
        for number, column in enumerate(self._statement.exported_columns):
            processor = column.type.dialect_impl(DIALECT).result_processor(DIALECT, None)
            if processor is not None:
                result_processors.append((number, processor))
        return _Compilation(str(compiled).encode(), constants, bind_processors, result_processors)


def binds(*names: str) -> dict[str, BindParameter[Any]]:
    """A `bindparam` for each of these columns, named like it, for `values`."""
    return {name: bindparam(name) for name in names}
