"""Generations of documents: how often what a key measures has changed. `engine.scoring.state.generations` uses them."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from engine.documents.document import Raw
from engine.kinds import KINDS

_EMPTY: tuple[Any, ...] = (None, {}, [])


def measures_alike(one: Raw, other: Raw) -> bool:
    """Whether two documents of a key measure the same, so that values of one are values of the other."""
    return _measured(one) == _measured(other)


def _measured(document: Raw) -> list[tuple[str, Any]]:
    names = KINDS[document["kind"]].measured_members
    return [(name, document[name]) for name in names if name in document and document[name] not in _EMPTY]


def generation_of(documents: Iterable[Raw]) -> int:
    """The generation of the last of a key's documents, given in the order of their versions."""
    return 1 + sum(not measures_alike(one, other) for one, other in pairwise(documents))
