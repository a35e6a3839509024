"""What is said of a route beyond what it declares itself: its answers, its body, what its query may ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """An answer that is a page of a list of some shape."""

    shape: type[Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that the query, or a header, may ask for."""

    name: str
    says: str
    schema: Schema
    place: str = "query"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its area, each success with the shape of its answer, and what may be sent.

    `body` are the shapes that the body may have; `conflicts` are the codes of its 409. None is an answer without a
    body.
    """

    area: str
    answers: Mapping[int, type[Any] | Listed | None]
    body: tuple[Any, ...] = ()
    asks: tuple[Ask, ...] = ()
    conflicts: tuple[str, ...] = ()
    example: Any = None


def text(name: str, says: str, most: int | None = None) -> Ask:
    """A text in the query."""
    return Ask(name, says, {"type": "string"} if most is None else {"type": "string", "maxLength": most})


def choice(name: str, says: str, *words: str) -> Ask:
    """One of these words in the query."""
    return Ask(name, says, {"type": "string", "enum": list(words)})


LIMIT = Ask("limit", "How many rows a page has.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50})
CURSOR = text("cursor", "The `next_cursor` of the page before; opaque, and right while rows are added.")
PAGE = (LIMIT, CURSOR)
