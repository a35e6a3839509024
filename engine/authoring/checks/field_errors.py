"""Problems of a document as errors beside the fields of its form, in the words of the form."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.checks.finding import Finding, Severity
from engine.documents.fields import TABLE_WIDGETS, FormField, FormSection, all_fields, field_at, pointer_steps
from engine.kinds import KINDS
from engine.vocabulary.fact import humanise
from engine.vocabulary.problem import Problem, pointer

_NAMED = re.compile(r"`([^`]+)`")


def field_error(problem: Problem, document: Mapping[str, Any]) -> Finding:
    """The error for a problem, at the field where it can be mended, with labels instead of the names of members."""
    form = _LabelledForm(KINDS[str(document["kind"])].form)
    message = _NAMED.sub(lambda match: form.called(match[1], problem.path), problem.message)
    at, label = form.place(problem)
    parts = [part for part in (*form.rows(at), label) if part]
    return Finding(Severity.ERROR, "field", f"{', '.join(parts)}: {message}" if parts else message, field=at or None)


def named_pointers(problem: Problem) -> set[str]:
    """The pointers of the members that a problem names, each of which may be within its place or beside it."""
    beside = problem.path.rpartition("/")[0]
    return {pointer(at, name) for name in _NAMED.findall(problem.message) for at in (problem.path, beside)}


def field_pointer(problem: Problem, document: Mapping[str, Any]) -> str:
    """The pointer of the field where a problem can be mended; the problem's own where no field is about it."""
    return _LabelledForm(KINDS[str(document["kind"])].form).place(problem)[0]


@dataclass(frozen=True, slots=True)
class _LabelledForm:
    """The form of a kind, searched for what members and values are called."""

    form: tuple[FormSection, ...]

    def place(self, problem: Problem) -> tuple[str, str]:
        """The pointer of the field that a problem belongs to, and its label.

        A problem of an object that has no field of its own belongs to the first field that it names, else to the
        first within the object, and is called after their section. One of a value within a field belongs to the field.
        """
        for name in _NAMED.findall(problem.message):
            if inner := self._fields_at(pointer(problem.path, name)):
                return inner[0][0], ""
        path = problem.path
        while path:
            if fields := self._fields_at(path):
                at, first = fields[0]
                return at, first.label if len(fields) == 1 else self._title_above(first)
            path = path.rpartition("/")[0]
        return problem.path, ""

    def called(self, name: str, path: str) -> str:
        """What a member or value is called that a problem at `path` names."""
        beside = path.rpartition("/")[0]
        for at in (pointer(path, name), pointer(beside, name)):
            if fields := self._fields_at(at):
                return f"“{fields[0][1].label}”"
        words = [text for _, field in self._fields_at(beside) for value, text in field.choices if value == name]
        return f"“{words[0]}”" if words else humanise(name)

    def rows(self, at: str) -> Iterator[str]:
        """The rows of tables that a pointer leads into: `Step 2`, or the name of one in a mapping."""
        steps = pointer_steps(at)
        fields: Sequence[FormField] = tuple(all_fields(self.form))
        while table := next((field for field in fields if _leads_into(field, steps)), None):
            row, *steps = steps[len(pointer_steps(table.pointer)) :]
            yield f"{table.label} {int(row) + 1}" if table.widget == "table" else row
            fields = table.columns

    def _fields_at(self, path: str) -> list[tuple[str, FormField]]:
        """The field of a member with its pointer; of an object without a field, all fields within it."""
        if own := field_at(self.form, path):
            return [(path, own[0])]
        return list(self._fields_within(tuple(all_fields(self.form)), pointer_steps(path), ""))

    def _fields_within(
        self, fields: Sequence[FormField], steps: list[str], row: str
    ) -> Iterator[tuple[str, FormField]]:
        for field in fields:
            own = pointer_steps(field.pointer)
            if own[: len(steps)] == steps:
                yield row + field.pointer, field
            elif _leads_into(field, steps):
                inner = pointer(row + field.pointer, steps[len(own)])
                yield from self._fields_within(field.columns, steps[len(own) + 1 :], inner)

    def _title_above(self, field: FormField) -> str:
        return next((section.title for section in self.form if field in section.fields), "")


def _leads_into(field: FormField, steps: Sequence[str]) -> bool:
    """Whether a pointer leads into a row of this table."""
    own = pointer_steps(field.pointer)
    return field.widget in TABLE_WIDGETS and len(steps) > len(own) and list(steps[: len(own)]) == own
