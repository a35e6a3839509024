"""One edit of a condition tree: what changes, how undo calls it, where the focus goes and what is announced."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.authoring.tree import moves, replace_tree, row_edits
from engine.authoring.tree.conditions import parse_page_id
from engine.authoring.tree.edit_result import EditRefused, EditResult
from engine.authoring.tree.nodes import Tree
from engine.vocabulary.fact import Catalogue

__all__ = ["OPERATIONS", "EditResult", "apply", "parted"]

_NODES = ("id", "group", "to_group", "after")
"""The members of operations that name nodes."""

OPERATIONS: Mapping[str, Callable[[Tree, Mapping[str, Any], Catalogue], EditResult]] = {
    "add_row": moves.add_row,
    "add_group": moves.add_group,
    "move": moves.move,
    "up": moves.up,
    "down": moves.down,
    "into": moves.into,
    "out": moves.out,
    "clone": moves.clone,
    "wrap": moves.wrap,
    "unwrap": moves.unwrap,
    "delete": moves.delete,
    "or_not_set": moves.or_not_set,
    "past_midnight": moves.past_midnight,
    "mute": row_edits.mute,
    "note": row_edits.note,
    "set_mode": row_edits.set_mode,
    "set_fact": row_edits.set_fact,
    "set_days": row_edits.set_days,
    "set_operator": row_edits.set_operator,
    "set_source": row_edits.set_source,
    "set_value": row_edits.set_value,
    "set_logic": replace_tree.set_logic,
    "set_tree": replace_tree.set_tree,
}
"""The function for each `{"op": name, …}`; its docstring lists the other members."""


def parted(operation: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The pointer of the condition that an operation of a page edits, and the operation with that tree's own ids.

    Raises EditRefused if it names nodes of two conditions.
    """
    page_ids = {name: parse_page_id(str(operation[name])) for name in _NODES if operation.get(name)}
    pointers = {at for at, _ in page_ids.values()}
    if len(pointers) > 1:
        raise EditRefused("A condition stays in its own step")
    own_ids = {name: own_id for name, (_, own_id) in page_ids.items()}
    return "".join(pointers), {**operation, **own_ids}


def apply(tree: Tree, operation: Mapping[str, Any], catalogue: Catalogue) -> EditResult:
    """The tree after one operation. Raises EditRefused if it cannot be done; then nothing has changed."""
    edit = OPERATIONS.get(str(operation.get("op")))
    if edit is None:
        raise EditRefused(f"Unknown edit {str(operation.get('op'))[:40]!r}")
    return edit(tree, operation, catalogue)
