"""Whole columns as one parameter: the quickest way to pass many rows to Postgres in one statement.

psycopg turns a list into an array element by element, in Python even where the rest of it is compiled: that took more
than a quarter of a drain worker's time. Lists of integers, texts or bytes are packed here, in a few calls of C.
"""

import json
import struct
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any, ClassVar

import msgspec
import psycopg
from psycopg import postgres
from psycopg.adapt import AdaptersMap, PyFormat
from psycopg.types.array import BaseListDumper, ListBinaryDumper
from psycopg.types.json import set_json_loads

NULL = b"\xff\xff\xff\xff"
"""The length -1, which stands for NULL in the binary form of an array."""


def integers(values: Iterable[int]) -> str:
    """The text of an integer array, for values that are no list; the statement casts it (`%s::bigint[]`)."""
    return "{" + ",".join(map(str, values)) + "}"


def json_text(content: Any) -> str:
    """A value as JSON. msgspec takes a tenth of the time, but refuses whole numbers of more than 64 bits."""
    try:
        return msgspec.json.encode(content).decode()
    except OverflowError:
        return json.dumps(content)


def json_value(text: bytes | str) -> Any:
    """The value of a JSON text, four times as fast as `json`; which reads numbers beyond floats, too."""
    try:
        return msgspec.json.decode(text)
    except msgspec.ValidationError:
        return json.loads(text)


def columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Turn rows into columns, ready for `unnest`; there must be at least one row."""
    return [list(column) for column in zip(*rows, strict=True)]


def _array(element: int, values: Sequence[Any], packed: bytes) -> bytes:
    """The binary form of an array of one dimension: a header, then each element's length and bytes."""
    return struct.pack("!iiIii", 1, None in values, element, len(values), 1) + packed


def _pack_integers(values: Sequence[int | None]) -> bytes:
    if None in values:
        return b"".join([NULL if value is None else struct.pack("!iq", 8, value) for value in values])
    return struct.pack("!" + "iq" * len(values), *chain.from_iterable(zip(repeat(8), values)))


def _pack_blobs(values: Sequence[bytes | None]) -> bytes:
    return b"".join([NULL if value is None else len(value).to_bytes(4, "big") + value for value in values])


def _pack_texts(values: Sequence[str | None]) -> bytes:
    return _pack_blobs([None if value is None else value.encode() for value in values])


class ColumnDumper(ListBinaryDumper):
    """Dumps lists whose elements have one of the types below; the others are left to psycopg."""

    def get_key(self, obj: list[Any], format: PyFormat) -> Any:  # noqa: A002  (psycopg's name)
        kind = _element_type(obj)
        return (list, kind) if kind in PACKED else super().get_key(obj, format)

    def upgrade(self, obj: list[Any], format: PyFormat) -> BaseListDumper:  # noqa: A002
        packed = PACKED.get(_element_type(obj))
        return packed(list) if packed else super().upgrade(obj, format)


def _element_type(values: list[Any]) -> type | None:
    """The type of all elements but for None; None where there is not just one."""
    types = set(map(type, values))
    types.discard(type(None))
    return types.pop() if len(types) == 1 else None


class _PackedDumper(ColumnDumper):
    element: ClassVar[int]
    pack: ClassVar[Callable[[Sequence[Any]], bytes]]

    def dump(self, obj: list[Any]) -> bytes:
        try:
            return _array(self.element, obj, type(self).pack(obj))
        except struct.error as error:
            raise psycopg.errors.NumericValueOutOfRange(f"bigint out of range: {error}") from None


def _packed(name: str, pack: Callable[[Sequence[Any]], bytes]) -> type[_PackedDumper]:
    kind = postgres.types[name]
    return type(f"{name}_dumper", (_PackedDumper,), {"oid": kind.array_oid, "element": kind.oid, "pack": pack})


PACKED: dict[type | None, type[_PackedDumper]] = {
    int: _packed("int8", _pack_integers),
    str: _packed("text", _pack_texts),
    bytes: _packed("bytea", _pack_blobs),
}

ADAPTERS = AdaptersMap(psycopg.adapters)
"""How values travel on every connection of ours."""
ADAPTERS.register_dumper(list, ColumnDumper)
set_json_loads(json_value, ADAPTERS)
