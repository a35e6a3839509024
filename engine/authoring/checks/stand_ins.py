"""Fills the gaps of an unfinished document, so that all of its mistakes can be found at once.

What a document must be beyond its shape can only be asked of one whose shape is right. A draft rarely is: until it has
a name, nothing else about it would be reported. So each member whose shape is wrong is replaced for the moment by
something sound, and what is then found about these members, or about others next to them, is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.checks.field_errors import field_pointer, named_pointers
from engine.authoring.forms.choices import choices_of
from engine.authoring.forms.forms import tree_pointer
from engine.documents.fields import FormField, field_at, with_member
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import Problem

_ROUNDS_MAX = 6  # a row that stands in for a table has members that need stand-ins, and so on
_BY_WIDGET: Mapping[str, Any] = {
    "text": "…",
    "lines": "…",
    "texts": ["…"],
    "key": "stand_in",
    "url": "https://laurel.example",
    "zone": "UTC",
    "moment": "2026-12-04T18:00:00Z",
    "amount": 1,
    "yes_no": False,
    "table": [{}],
    "mapping": {},
}


@dataclass(frozen=True, slots=True)
class CompletedDocument:
    """A document of sound shape, and the pointers of the members that are only stand-ins."""

    raw: Mapping[str, Any]
    stand_ins: frozenset[str]

    def is_about_stand_in(self, problem: Problem) -> bool:
        """Whether a problem is of a stand-in, or of a member that was compared with one."""
        return not self.stand_ins.isdisjoint({problem.path, *named_pointers(problem)})


def completed(
    raw: Mapping[str, Any], problems: Sequence[Problem], others: Sequence[Mapping[str, Any]], catalogue: Catalogue
) -> CompletedDocument | None:
    """The document with stand-ins where these problems of its shape are; None if that does not make it sound."""
    shape, filled = KINDS[raw["kind"]].shape, frozenset[str]()
    for _ in range(_ROUNDS_MAX):
        if not problems:
            return CompletedDocument(raw, filled)
        for problem in problems:
            at = field_pointer(problem, raw)
            raw = with_member(raw, at, _stand_in(raw, at, others, catalogue)) if at else raw
            filled |= {problem.path, at} - {""}  # the empty one is the whole document, which stays the author's
        problems = list(shape(raw, ""))
    return None


def _stand_in(raw: Mapping[str, Any], at: str, others: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> Any:
    """A sound value for the member at a pointer; None, and so no member, where there is none."""
    kind = KINDS[raw["kind"]]
    if at == tree_pointer(kind.key):
        return True
    match = field_at(kind.form, at)
    return _of_field(match[0], raw, others, catalogue) if match else None


def _of_field(field: FormField, raw: Mapping[str, Any], others: Sequence[Mapping[str, Any]], facts: Catalogue) -> Any:
    if field.default is not None and field.widget != "key":
        return field.default
    if field.widget in ("whole", "number"):
        return field.least or 1
    if field.widget in ("choice", "choices"):
        first = next((value for value, _ in choices_of(field, raw, others, facts)), None)
        return first if field.widget == "choice" or first is None else [first]
    return _BY_WIDGET.get(field.widget)
