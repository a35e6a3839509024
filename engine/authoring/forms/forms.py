"""Rule documents as forms: a new document, and a document after an edit of a field or a table."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.authoring.forms import inputs
from engine.authoring.tree.edit_result import EditRefused
from engine.documents.fields import (
    TABLE_WIDGETS,
    FormField,
    FormSection,
    all_fields,
    field_at,
    fields_of_row,
    member_at,
    pointer_steps,
    with_member,
)
from engine.documents.shape import KEY_LENGTH_MAX
from engine.kinds import KINDS


def blank_document(kind: str, name: str = "", key: str = "") -> dict[str, Any]:
    """A new document: the defaults of its form, and no condition."""
    document: dict[str, Any] = {"kind": kind, "key": key, "name": name}
    for field in all_fields(KINDS[kind].form):
        if field.is_required and field.default is not None and member_at(document, field.pointer) is None:
            document = with_member(document, field.pointer, field.default)
    return {**document, **KINDS[kind].first_members}


def tree_pointer(kind: str) -> str | None:
    """The pointer of the member that the condition tree represents: `/condition`, `/filter`, or None."""
    return next((section.tree for section in KINDS[kind].form if section.tree), None)


def key_from_name(name: str, taken: Sequence[str] = ()) -> str:
    """A key made of a name, different from those that are taken."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[: KEY_LENGTH_MAX - 4].strip("_")
    base = plain if plain[:1].isalpha() and plain[:1].isascii() else f"rule_{plain}".rstrip("_")
    return next(key for n in range(1, len(taken) + 3) if (key := base if n == 1 else f"{base}_{n}") not in taken)


def is_shown(field: FormField, document: Mapping[str, Any], row: str = "") -> bool:
    """Whether a field is shown, given what it depends on. `row` is the pointer of the row of a table."""
    if field.when is None:
        return True
    value = member_at(document, row + field.when[0])
    governing = field_at(KINDS[str(document["kind"])].form, row + field.when[0])
    return (governing[0].default if value is None and governing else value) in field.when[1]


def read_field(document: Mapping[str, Any], path: str, texts: str | Sequence[str]) -> dict[str, Any]:
    """The document with what was typed into the field at `path`; empty fields leave their member out.

    What cannot be combined with it is left out as well, and so is what the form does not show any more.
    Raises `EditRefused` where the text is not such a value or there is no such field.
    """
    field, row = _field(document, path)
    typed = [texts] if isinstance(texts, str) else list(texts)
    value = inputs.read_input(field, typed, member_at(document, path))
    if value is None and field.is_required and field.widget in ("text", "key"):
        value = ""
    changed: dict[str, Any] = with_member(document, path, value)
    return _without_hidden(_without_excluded(changed, field, row) if value is not None else changed, field, row)


def _without_excluded(document: Mapping[str, Any], field: FormField, row: str) -> dict[str, Any]:
    changed: Any = document
    for at in field.excludes:
        changed = with_member(changed, row + at, None)
    return dict(changed)


def _without_hidden(document: Mapping[str, Any], governing: FormField, row: str) -> dict[str, Any]:
    """The document without the members whose fields are hidden by what `governing` says now; conditions stay."""
    changed: Any = document
    for field in fields_of_row(_form(document), row):
        depends = field.when is not None and field.when[0] == governing.pointer and field.widget != "logic"
        if depends and not is_shown(field, document, row):
            changed = with_member(changed, row + field.pointer, None)
    return dict(changed)


def change_label(document: Mapping[str, Any], path: str) -> str:
    """How undo calls a change of the field: `Changed the tier`."""
    label = _field(document, path)[0].label
    return f"Changed “{label}”"


def add_to_table(document: Mapping[str, Any], path: str, name: str = "") -> dict[str, Any]:
    """The document with one more row in the table at `path`; in a mapping, under the key `name`."""
    field, rows = _table(document, path), member_at(document, path)
    new_row = _new_row(document, field, len(rows or ()))
    if field.widget == "mapping":
        if not name or name in (rows or {}):
            raise EditRefused("Choose a name that is not used yet")
        grown: Any = {**(rows or {}), name: new_row}
    else:
        grown = [*(rows or []), new_row]
    return _without_excluded(_replaced(document, path, grown), field, "")


def _new_row(document: Mapping[str, Any], table: FormField, at: int) -> dict[str, Any]:
    """A new row: the defaults of its columns, and a new key if it has one."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.widget == "key" and column.default is not None:
            row = with_member(row, column.pointer, f"{document.get('key') or ''}_{column.default}_{at + 1}".lstrip("_"))
        elif column.default is not None:
            row = with_member(row, column.pointer, column.default)
    return row


def remove_from_table(document: Mapping[str, Any], path: str, at: str) -> dict[str, Any]:
    """The document without the row `at` (an index, or the name in a mapping) of the table at `path`."""
    field, rows = _table(document, path), member_at(document, path)
    if field.widget == "mapping":
        left: Any = {name: row for name, row in (rows or {}).items() if name != at}
    else:
        left = [row for index, row in enumerate(rows or []) if str(index) != at]
    return _replaced(document, path, left)


def move_in_table(document: Mapping[str, Any], path: str, at: int, step: int) -> dict[str, Any]:
    """The document with the row `at` of the list at `path` moved by `step` (−1 up, 1 down)."""
    rows = list(member_at(document, path) or [])
    if _table(document, path).widget != "table" or not (0 <= at < len(rows) and 0 <= at + step < len(rows)):
        raise EditRefused("It cannot move further")
    rows.insert(at + step, rows.pop(at))
    return _replaced(document, path, rows)


def _replaced(document: Mapping[str, Any], path: str, rows: Any) -> dict[str, Any]:
    """`with_member`, but an empty table stays: it may have no rows."""
    steps = pointer_steps(path)
    if len(steps) == 1:
        return {**document, steps[0]: rows}
    changed: dict[str, Any] = with_member(document, path, rows or None)
    return changed


def _form(document: Mapping[str, Any]) -> tuple[FormSection, ...]:
    kind = KINDS.get(str(document.get("kind")))
    return kind.form if kind else ()


def _field(document: Mapping[str, Any], path: str) -> tuple[FormField, str]:
    """The field of a pointer, and the pointer of its row in a table (else empty)."""
    match = field_at(_form(document), path)
    if match is None or match[0].widget in TABLE_WIDGETS or (match[1] and member_at(document, match[1]) is None):
        raise EditRefused(f"There is no field {path[:80]!r}")
    return match


def _table(document: Mapping[str, Any], path: str) -> FormField:
    match = field_at(_form(document), path)
    if match is None or match[0].widget not in TABLE_WIDGETS:
        raise EditRefused(f"There is no table {path[:80]!r}")
    return match[0]
