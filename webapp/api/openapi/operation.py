"""What is described of a route beyond what the route itself declares: answers, bodies and query parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageOf:
    """An answer that is one page of a list of `shape`."""

    shape: type[Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the query, or in a header."""

    name: str
    description: str
    schema: Schema
    place: str = "query"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its area, the shape of the answer for each success status, and what may be sent.

    `bodies` are the shapes that the request body may have; `conflict_codes` are the codes of its 409. The shape None
    is an answer without a body.
    """

    area: str
    answers: Mapping[int, type[Any] | PageOf | None]
    bodies: tuple[Any, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    conflict_codes: tuple[str, ...] = ()
    example: Any = None


def text_parameter(name: str, description: str) -> Parameter:
    """A string in the query."""
    return Parameter(name, description, {"type": "string"})


def choice_parameter(name: str, description: str, *values: str) -> Parameter:
    """One of these values in the query."""
    return Parameter(name, description, {"type": "string", "enum": list(values)})


LIMIT = Parameter("limit", "Page size.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50})
CURSOR = text_parameter("cursor", "The `next_cursor` of the previous page; opaque, and stable while rows are added.")
PAGE = (LIMIT, CURSOR)
