"""The form of a rule as the page shows it: sections of fields with their values and choices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.authoring.forms.choices import ChoicePairs, choices_of
from engine.authoring.forms.field_words import icon_words
from engine.authoring.forms.forms import is_shown
from engine.documents.fields import TABLE_WIDGETS, FormField, FormSection, member_at
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import pointer
from webapp.pages import icons
from webapp.pages.document_text import written
from webapp.pages.editor.amounts import Factor, bound_of, terms_of
from webapp.pages.editor.nodes import Typed
from webapp.pages.editor.view_models import GroupView

Raw = Mapping[str, Any]
ICONS: ChoicePairs = (("", "Default icon"), *((name, icon_words(name)) for name in icons.BADGES))


@dataclass(frozen=True, slots=True)
class FormContext:
    """What the view of a form needs beside the document."""

    document: Raw
    others: Sequence[Raw]
    catalogue: Catalogue
    typed: Typed
    mistakes: Mapping[str, Sequence[str]]
    trees: Mapping[str, GroupView]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: its control's name (the JSON pointer) and id, its value as text, chips or tree, and its choices."""

    field: FormField
    name: str
    id: str
    value: Any
    text: str
    chips: tuple[str, ...]
    choices: ChoicePairs
    mistakes: tuple[str, ...]
    terms: list[list[Factor]] | None
    most: str
    rows: "tuple[TableRowView, ...]"
    tree: GroupView | None


@dataclass(frozen=True, slots=True)
class TableRowView:
    """A row of a table: its place, its name (in a mapping, or as in messages: `Step 2`), and its fields."""

    at: str
    name: str
    fields: tuple[FieldView, ...]
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """Fields under one heading; `has_tree` if the section contains the condition tree."""

    section: FormSection
    fields: tuple[FieldView, ...]
    has_tree: bool


def section_views(context: FormContext) -> list[SectionView]:
    """All sections of the form of a document."""
    sections = KINDS[str(context.document["kind"])].form
    return [SectionView(section, tuple(_fields(section.fields, context)), bool(section.tree)) for section in sections]


def _fields(fields: Sequence[FormField], context: FormContext, row: str = "") -> Iterator[FieldView]:
    for field in fields:
        tree = context.trees.get(row + field.pointer)
        if is_shown(field, context.document, row) or (tree and tree.rows):  # conditions are never hidden
            yield _field(field, row + field.pointer, context)


def _field(field: FormField, at: str, context: FormContext) -> FieldView:
    value, catalogue = member_at(context.document, at), context.catalogue
    text, refusal = context.typed.get(at, (text_of(field, value), ""))
    pairs = _icons(text) if field.widget == "icon" else choices_of(field, context.document, context.others, catalogue)
    return FieldView(
        field,
        at,
        f"field{at.replace('/', '-')}",
        value,
        text,
        _chips(field, value, pairs),
        pairs,
        (refusal,) if refusal else tuple(context.mistakes.get(at, ())),
        terms_of(at, value, catalogue) if field.widget == "amount" else [],
        bound_of(value) if field.widget == "amount" else "",
        tuple(_rows(field, at, value, context)) if field.widget in TABLE_WIDGETS else (),
        context.trees.get(at),
    )


def _icons(chosen: str) -> ChoicePairs:
    """The icons to choose from, and the uploaded picture if one is chosen."""
    return (*ICONS, (chosen, "Uploaded")) if icons.UPLOADED.fullmatch(chosen) else ICONS


def _rows(field: FormField, at: str, value: Any, context: FormContext) -> Iterator[TableRowView]:
    keys = list(value) if isinstance(value, Mapping) else [str(index) for index in range(len(value or ()))]
    for key in keys:
        name = key if field.widget == "mapping" else _called(field, int(key))
        fields = tuple(_fields(field.columns, context, pointer(at, key)))
        yield TableRowView(key, name, fields, key == keys[0], key == keys[-1])


def _called(table: FormField, index: int) -> str:
    """The name of a row whose condition is mentioned elsewhere on the page."""
    return f"{table.label} {index + 1}" if any(column.widget == "logic" for column in table.columns) else ""


def _chips(field: FormField, value: Any, pairs: ChoicePairs) -> tuple[str, ...]:
    if field.widget not in ("choices", "texts"):
        return ()
    words = {str(value): text for value, text in pairs}
    values = [str(value["name"]) if isinstance(value, Mapping) else str(value) for value in value or ()]
    return tuple(words.get(value, value) for value in values)


def text_of(field: FormField, value: Any) -> str:
    """The text of a field; parsing it gives the value again."""
    if value is None:
        value = field.default
    if value is None or isinstance(value, list):
        return ""
    if field.widget == "yes_no":
        return "yes" if value else "no"
    if field.widget == "moment":
        return _local(str(value))
    return written(value) if isinstance(value, Mapping) else str(value)


def _local(moment: str) -> str:
    """A moment in UTC without its offset, as the browser's own input takes it."""
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        return moment
