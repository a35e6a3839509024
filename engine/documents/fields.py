"""The parts of a form: sections of fields, one for each member of a rule document that authors can edit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.problem import pointer

TABLE_WIDGETS = ("table", "mapping")
"""Widgets whose member is a list of objects, or an object of objects; their columns are the fields of one of these."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. `pointer` says which member of the document it is; inside a table it begins at the row.

    `widget` is text, lines, url, key, whole, number, yes_no, choice, choices, texts, moment, zone, amount, icon, logic,
    table (a list of objects) or mapping (an object of them). `choices` are pairs of value and words; `choices_from`
    names those that depend on other documents (`authoring/forms/choices.py`). `default` is what an absent member means.
    A field with `when` = (pointer, values) is shown only where that member is one of the values. `excludes` are the
    pointers of members that cannot be combined with it: filling it in leaves them out. Columns with the same
    `fold` are rarely needed and are grouped under this heading, which is closed at first. Logic is a condition in a
    row, with its own tree (`authoring/tree/conditions.py`).
    """

    pointer: str
    widget: str
    label: str
    help: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    choices_from: str = ""
    unit: str = ""
    default: Any = None
    least: float | None = None
    most: float | None = None
    is_required: bool = False
    columns: tuple["FormField", ...] = ()
    when: tuple[str, tuple[Any, ...]] | None = None
    excludes: tuple[str, ...] = ()
    fold: str = ""


@dataclass(frozen=True, slots=True)
class FormSection:
    """Fields under one heading. `key` is when, then, limits, who, schedule or about; `tree` is the condition tree."""

    key: str
    title: str
    fields: tuple[FormField, ...] = ()
    tree: str = ""


def choice_pairs(*pairs: str) -> tuple[tuple[Any, str], ...]:
    """Choices from `value=what people read`."""
    return tuple((value, text) for value, _, text in (pair.partition("=") for pair in pairs))


def member_at(document: Any, path: str) -> Any:
    """The member at a JSON pointer; None where there is none."""
    for step in pointer_steps(path):
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def with_member(document: Any, path: str, value: Any) -> Any:
    """A copy of the document with `value` at the pointer; None removes it, and objects that hold nothing more."""
    path_steps = pointer_steps(path)
    if not path_steps:
        return value
    step, rest = path_steps[0], pointer("", *path_steps[1:])
    if isinstance(document, list):
        index = int(step)
        return [with_member(item, rest, value) if at == index else item for at, item in enumerate(document)]
    known = dict(document) if isinstance(document, Mapping) else {}
    inner = with_member(known.get(step), rest, value)
    if inner is None or inner == {}:
        known.pop(step, None)
        return known
    return {**known, step: inner}


def pointer_steps(path: str) -> list[str]:
    """The steps of a JSON pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def field_at(sections: tuple[FormSection, ...], path: str) -> tuple[FormField, str] | None:
    """The field for the member at a pointer, and the pointer of its row in a table (else empty); None for no field."""
    return _find_field(tuple(all_fields(sections)), pointer_steps(path), ())


def _find_field(
    fields: tuple[FormField, ...], path_steps: list[str], row: tuple[str, ...]
) -> tuple[FormField, str] | None:
    for field in fields:
        own = pointer_steps(field.pointer)
        if own == path_steps:
            return field, pointer("", *row)
        if field.widget in TABLE_WIDGETS and path_steps[: len(own)] == own and len(path_steps) > len(own):
            inner = _find_field(field.columns, path_steps[len(own) + 1 :], (*row, *path_steps[: len(own) + 1]))
            if inner:
                return inner
    return None


def fields_of_row(sections: tuple[FormSection, ...], row: str) -> tuple[FormField, ...]:
    """The columns of the table with a row at this pointer; for an empty one, the fields of the form itself."""
    fields, steps = tuple(all_fields(sections)), pointer_steps(row)
    while steps:
        own_steps = ((field, pointer_steps(field.pointer)) for field in fields if field.widget in TABLE_WIDGETS)
        table, own = next((field, own) for field, own in own_steps if steps[: len(own)] == own)
        fields, steps = table.columns, steps[len(own) + 1 :]
    return fields


def all_fields(sections: tuple[FormSection, ...]) -> Iterator[FormField]:
    """The fields of all sections, in order."""
    for section in sections:
        yield from section.fields
