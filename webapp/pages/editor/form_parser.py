"""Parses a submitted form into edits: those of its changed controls and of the pressed button."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from engine.authoring.tree import conditions
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import ConditionRow, find
from engine.documents.fields import member_at
from engine.vocabulary.fact import Catalogue
from webapp.pages.editor.amounts import changed
from webapp.pages.editor.nodes import text_of
from webapp.store.rules.drafts import DraftContent

Operation: TypeAlias = Mapping[str, Any]
HIDDEN_FIELDS = ("csrf_token", "revision", "seen", "op", "panel", "opened", "folded", "noticed")
NODE = re.compile(rf"(?P<node>{conditions.NODE.pattern})\.(?P<control>[a-z]+)(?P<index>[01]?)")
NODE_BUTTONS = ("up", "down", "into", "out", "clone", "wrap", "unwrap", "delete", "mute", "or_not_set", "past_midnight")
VIEW_BUTTONS = ("pick", "note", "fold", "got_it")
"""Buttons that do not change the draft: they open a control if the browser runs no scripts, or fold a group."""
_CONTROL_OPERATIONS: Mapping[str, tuple[str, str]] = {
    "mode": ("set_mode", "mode"),
    "fact": ("set_fact", "fact"),
    "other": ("set_value", "fact"),
    "operator": ("set_operator", "operator"),
    "days": ("set_days", "days"),
    "note": ("note", "text"),
}
"""Control of a node → its operation, and the member that takes the text."""


@dataclass(frozen=True, slots=True)
class EditState:
    """The content of a draft at the moment of an edit, and the facts that it may use."""

    content: DraftContent
    catalogue: Catalogue

    def row(self, node_id: str) -> ConditionRow | None:
        """The row with this id, if there is one."""
        parts = conditions.draft_conditions(self.content.document, self.content.tree, self.catalogue)
        node = next(filter(None, (find(part.tree, node_id) for part in parts)), None)
        return node if isinstance(node, ConditionRow) else None

    def texts(self, row: ConditionRow) -> list[str]:
        """The values of a row that has several, as they would be typed."""
        fact = self.catalogue.fact(row.fact) if row.fact else None
        return [text_of(value, fact) for value in (row.value if isinstance(row.value, list) else ())]


def changed_controls(form: "MultiDict[str, str]") -> Iterator[tuple[str, list[str]]]:
    """The controls that were changed: all that were submitted, except those that still show what the page showed."""
    shown_texts: dict[str, list[str]] = {}
    for name, text in parse_qsl(form.get("seen", ""), keep_blank_values=True):
        shown_texts.setdefault(name, []).append(text)
    for name in form:
        texts = [text.replace("\r\n", "\n") for text in form.getlist(name)]
        is_idle = (name.startswith(("add:", "new:")) or name.endswith(":+")) and not any(texts)
        if name not in HIDDEN_FIELDS and not is_idle and shown_texts.get(name) != texts:
            yield name, texts


def control_operation(name: str, texts: list[str], state: EditState) -> Operation:
    """The edit of a control that now contains `texts`. Raises `EditRefused` for a control that does not exist."""
    if match := NODE.fullmatch(name):
        return _of_node(match["node"], match["control"], match["index"], texts, state)
    kind, _, rest = name.partition(":")
    if kind == "factor":
        field, _, place = rest.partition(":")
        return _field(field, changed(state.content.document, field, place, texts[-1]))
    if kind == "new":
        return {"op": "add_table_row", "pointer": rest, "name": texts[-1]}
    if kind == "add":
        return _field(rest, _with_values(member_at(state.content.document, rest), texts))
    return _field(name, texts)


def _field(pointer: str, texts: list[str]) -> Operation:
    return {"op": "set_field", "pointer": pointer, "texts": texts}


def _with_values(before: Any, texts: list[str]) -> list[str]:
    """The values with one more; "any event" and particular events exclude each other."""
    values = _value_texts(before)
    return texts if texts == ["*"] else [*(value for value in values if value != "*"), *texts]


def _value_texts(values: Any) -> list[str]:
    return [str(value["name"]) if isinstance(value, dict) else str(value) for value in values or []]


def _of_node(node: str, control: str, index: str, texts: list[str], state: EditState) -> Operation:
    text = texts[-1]
    if control == "add":
        row = state.row(node)
        before = state.texts(row) if row else []
        return {"op": "set_value", "id": node, "texts": [*before, *texts]}
    if control == "count":
        return {"op": "set_mode", "group": node, "mode": "at_least", "count": text}
    if control == "value":
        return {"op": "set_value", "id": node, "text": text, **({"index": index} if index else {})}
    if control not in _CONTROL_OPERATIONS:
        raise EditRefused("There is no such control")
    op, member = _CONTROL_OPERATIONS[control]
    return {"op": op, "id": node, "group": node, member: text}


def button_operation(button: str, state: EditState) -> Operation | None:
    """The edit of a button, `name:…`; None for one that only saves, or only changes what is shown."""
    op, _, rest = button.partition(":")
    if op in NODE_BUTTONS:
        return {"op": op, "id": rest}
    reader = _BUTTONS.get(op)
    if reader is None and op not in (*VIEW_BUTTONS, "save"):
        raise EditRefused("There is no such button")
    return reader(rest, state) if reader else None


def _adding(op: str) -> Callable[[str, EditState], Operation]:
    def read(rest: str, _at: EditState) -> Operation:
        group, _, after = rest.partition(":")
        return {"op": op, "group": group, **({"after": after} if after else {})}

    return read


def _moving(rest: str, _at: EditState) -> Operation:
    node, _, place = rest.partition(":")
    group, _, index = place.partition(":")
    return {"op": "move", "id": node, "to_group": group, "index": index}


def _source(rest: str, _at: EditState) -> Operation:
    node, _, source = rest.partition(":")
    return {"op": "set_source", "id": node, "source": source}


def _dropping(rest: str, state: EditState) -> Operation:
    """Remove one chip of a row or field."""
    owner, _, index = rest.rpartition(":")
    row = state.row(owner)
    values = state.texts(row) if row else _value_texts(member_at(state.content.document, owner))
    remaining = [value for place, value in enumerate(values) if str(place) != index]
    return {"op": "set_value", "id": owner, "texts": remaining} if row else _field(owner, remaining)


def _table_row(op: str) -> Callable[[str, EditState], Operation]:
    def read(rest: str, _at: EditState) -> Operation:
        at, _, row = rest.partition(":")
        return {"op": op, "pointer": at, "at": row, "name": row}

    return read


def _table_move(step: str) -> Callable[[str, EditState], Operation]:
    def read(rest: str, _at: EditState) -> Operation:
        at, _, row = rest.partition(":")
        return {"op": "move_table_row", "pointer": at, "at": row, "by": step}

    return read


def _filling(text: str) -> Callable[[str, EditState], Operation]:
    def read(rest: str, at: EditState) -> Operation:
        field, _, place = rest.partition(":")
        return _field(field, changed(at.content.document, field, place, text))

    return read


_BUTTONS: Mapping[str, Callable[[str, EditState], Operation]] = {
    "add_row": _adding("add_row"),
    "add_group": _adding("add_group"),
    "move": _moving,
    "source": _source,
    "drop": _dropping,
    "unfactor": _filling(""),
    "factor": _filling("1"),
    "table_add": _table_row("add_table_row"),
    "table_drop": _table_row("remove_table_row"),
    "table_up": _table_move("-1"),
    "table_down": _table_move("1"),
}
