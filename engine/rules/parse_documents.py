"""Checks a list of rule documents as a whole and reads them; reports every problem, not only the first."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.documents.document import Document
from engine.kinds import KINDS
from engine.kinds.kind import Neighbours, OwnCheck
from engine.language.check import check
from engine.rules.document_problems import consistency_problems, key_problems, neighbours_among, reference_problems
from engine.vocabulary.fact import Catalogue, SeenProperties
from engine.vocabulary.problem import Problem, pointer

DOCUMENTS_MAX = 2000
OTHERS_NAMED_MAX = 5


def parse_documents(
    raw: Any,
    known: Sequence[Mapping[str, Any]] = (),
    *,
    seen: SeenProperties | None = None,
    zones: Container[str] | None = None,
) -> list[Problem] | list[Document]:
    """The documents of `raw`, or every problem that keeps them from being admitted; all or nothing.

    `known` are the documents that are live beside them: a document in `raw` takes the place of the known one with its
    key. `seen` are the properties that events have had; `zones` the names of the existing time zones (without it, no
    name is looked up). Pointers start with the index in `raw`.
    """
    if not isinstance(raw, list):
        return [Problem("", "must be a list of rule documents")]
    if len(raw) > DOCUMENTS_MAX:
        return [Problem("", f"must have at most {DOCUMENTS_MAX} documents")]
    problems = [
        problem for index, document in enumerate(raw) for problem in _shape_problems(document, pointer("", index))
    ]
    well_formed = _well_formed(raw, problems)
    problems += _duplicate_keys(raw)
    document_set = _DocumentSet(known, [document for document in raw if isinstance(document, dict)], seen, zones)
    problems += [
        problem for index, document in well_formed for problem in document_set.problems(document, pointer("", index))
    ]
    problems += _joint_problems(raw, document_set, {index for index, _ in well_formed})
    return sorted(problems, key=_sort_key) if problems else [Document(document) for document in raw]


def _sort_key(problem: Problem) -> list[tuple[int, str]]:
    """Sorts problems by their place in the documents: the tenth item after the second."""
    return [(int(step) if step.isdecimal() else -1, step) for step in problem.path.split("/")]


def _shape_problems(raw: Any, at: str) -> Iterator[Problem]:
    kind = raw.get("kind") if isinstance(raw, dict) else None
    if not isinstance(raw, dict):
        yield Problem(at, "must be an object")
    elif kind is None:
        yield Problem(pointer(at, "kind"), "is required")
    elif not isinstance(kind, str) or kind not in KINDS:
        yield Problem(pointer(at, "kind"), f"must be one of {', '.join(KINDS)}")
    else:
        yield from KINDS[kind].shape(raw, at)


def _well_formed(raw: list[Any], problems: list[Problem]) -> list[tuple[int, dict[str, Any]]]:
    """The documents without a problem of shape, with their index."""
    broken = {problem.path.split("/")[1] for problem in problems}
    return [(index, document) for index, document in enumerate(raw) if str(index) not in broken]


def _duplicate_keys(raw: list[Any]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, document in enumerate(raw):
        key = document.get("key") if isinstance(document, dict) else None
        if isinstance(key, str) and first.setdefault(key, index) != index:
            yield Problem(pointer("", index, "key"), f"duplicate key {key!r}; first used at /{first[key]}")


@dataclass
class _DocumentSet:
    """The new documents, and those that stay live beside them."""

    known: Sequence[Mapping[str, Any]]
    raw: list[dict[str, Any]]
    seen: SeenProperties | None
    zones: Container[str] | None
    together: list[Mapping[str, Any]] = field(init=False)
    catalogue: Catalogue = field(init=False)
    neighbours: Neighbours = field(init=False)

    def __post_init__(self) -> None:
        keys = {document.get("key") for document in self.raw if isinstance(document.get("key"), str)}
        self.together = [*(document for document in self.known if document.get("key") not in keys), *self.raw]
        self.catalogue = Catalogue.from_documents(self.together, self.seen)
        self.neighbours = neighbours_among(self.together, self.catalogue)

    def problems(self, raw: dict[str, Any], at: str) -> Iterator[Problem]:
        yield from key_problems(raw, at, self.known)
        yield from consistency_problems(raw, at, self.zones)
        for place in KINDS[raw["kind"]].places(raw, at):
            facts = self.catalogue.for_events(place.events)
            yield from check(place.logic, facts, allowed=place.scope, at=place.at)
        yield from reference_problems(raw, at, self.neighbours)


def _joint_problems(raw: list[Any], document_set: _DocumentSet, well_formed: set[int]) -> Iterator[Problem]:
    """What shows only in all documents at once: kinds of which there is one, and badges that need each other."""
    keys_of_single = {kind.key: _keys_of(kind.key, document_set) for kind in KINDS.values() if kind.is_single}
    joint_checks: dict[str, OwnCheck] = {}
    for index in sorted(well_formed):
        document, kind = raw[index], KINDS[raw[index]["kind"]]
        keys = keys_of_single.get(kind.key, ())
        if len(keys) > 1:
            others = ", ".join(repr(key) for key in keys[:OTHERS_NAMED_MAX] if key != document["key"])
            yield Problem(
                pointer("", index), f"only one document of kind {kind.key} is allowed; there is also {others}"
            )
        if kind.key not in joint_checks:
            joint_checks[kind.key] = kind.joint_problems(document_set.together)
        yield from joint_checks[kind.key](document, pointer("", index))


def _keys_of(kind: str, document_set: _DocumentSet) -> list[str]:
    return [str(document.get("key")) for document in document_set.together if document.get("kind") == kind]
