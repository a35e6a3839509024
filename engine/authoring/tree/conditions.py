"""Every condition of a draft: the rule's own, and those in the rows of its tables, each as its own tree.

In a draft, the condition of a table's row (a step of a lifecycle) is kept in its place in the document: as logic until
it is edited for the first time, as a tree from then on, so that it moves, is undone and is taken over with its row.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.forms.forms import tree_pointer
from engine.authoring.jsonlogic.lift import lift
from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.merged import merged
from engine.authoring.tree.nodes import ConditionGroup, LogicBlock, Node, Tree, from_json, numbers, to_json
from engine.documents.condition_places import trigger_events
from engine.documents.fields import TABLE_WIDGETS, all_fields, member_at, with_member
from engine.kinds import KINDS
from engine.language.check import Scope, check
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import pointer

Raw = Mapping[str, Any]
NODE = re.compile(r"(?:([a-z_]+(?:-[a-z0-9_]+)*)-)?(root|c[0-9]+)")
"""The id of a node on a page: the name of the place of its tree, if that is not the rule's own, and its own id."""


@dataclass(frozen=True, slots=True)
class DraftCondition:
    """One condition: the pointer `at` which it is in the document, its tree, and the facts it may ask about.

    `called` is empty for the rule's own condition, else the name of the row: `Step 2`. The nodes of `tree` have the
    ids they have on the page, such as `transitions-1-condition-c4`, so that no two of a draft are the same.
    """

    at: str
    tree: Tree
    catalogue: Catalogue
    called: str = ""

    @property
    def all_called(self) -> str:
        """`All conditions of step 2`."""
        return f"All conditions{self._of_row}"

    @property
    def numbers(self) -> dict[str, str]:
        """Id → number, with the row the condition belongs to: `1.2 of step 2`."""
        return {key: f"{number}{self._of_row}" if number else "" for key, number in numbers(self.tree).items()}

    @property
    def _of_row(self) -> str:
        return f" of {_lower_first(self.called)}" if self.called else ""

    def prefixed(self, text: str) -> str:
        """A message about this condition, beginning with the row it belongs to: `Step 2, 1.1: …`."""
        return f"{self.called}, {_lower_first(text)}" if self.called else text


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def draft_conditions(document: Raw, tree: Tree, catalogue: Catalogue) -> list[DraftCondition]:
    """All conditions of a draft. `catalogue` is that of the rule's own events."""
    at = tree_pointer(str(document["kind"]))
    own = [DraftCondition(at, tree, catalogue)] if at else []
    return [*own, *(_row_condition(document, row_at, catalogue) for row_at in places_of(document))]


def places_of(document: Raw) -> list[str]:
    """The pointers at which rows of tables have their conditions, even if nothing is asked there yet."""
    return [at for at, _row_name in _row_places(document)]


def tree_in(document: Raw, at: str, catalogue: Catalogue) -> Tree:
    """The tree of the condition in the row of a table; a single block if it is not admitted logic."""
    condition = member_at(document, at)
    if is_tree(condition):
        return from_json(condition)
    if condition is not None and check(condition, catalogue, allowed=Scope.CONDITION):
        return ConditionGroup(rows=(LogicBlock("c1", condition),), made=1)
    return lift(condition, catalogue)


def catalogue_in(document: Raw, at: str, catalogue: Catalogue) -> Catalogue:
    """The facts that the condition in a row may ask about: those of the row's events."""
    row = member_at(document, at.rpartition("/")[0])
    is_sound = isinstance(row, Mapping) and isinstance(row.get("trigger"), Mapping | None)
    return catalogue.for_events(trigger_events(row)) if is_sound else catalogue


def with_tree(document: Raw, at: str, tree: Tree) -> dict[str, Any]:
    """The document with a tree in the row of a table."""
    changed: dict[str, Any] = with_member(document, at, to_json(tree))
    return changed


def as_logic(document: Raw) -> dict[str, Any]:
    """The document with the conditions of its rows as JsonLogic."""
    return _with_trees_changed(document, lambda tree: lower(from_json(tree)).logic)


def without_id_counters(document: Raw) -> dict[str, Any]:
    """The document without its trees' counters of ids: what it says, for its hash."""

    def without_counter(tree: Raw) -> dict[str, Any]:
        return {name: value for name, value in tree.items() if name != "made"}

    return _with_trees_changed(document, without_counter)


def without_trees(document: Raw) -> dict[str, Any]:
    """The document without the conditions of its rows."""
    result = dict(document)
    for at in places_of(document):
        result = with_member(result, at, None)
    return result


def trees_of(document: Raw) -> dict[str, Any]:
    """Pointer → tree, for the rows whose conditions have been edited: what a version remembers beside its logic."""
    conditions = {at: member_at(document, at) for at in places_of(document)}
    return {at: condition for at, condition in conditions.items() if is_tree(condition)}


def with_remembered_trees(document: Raw, trees: Raw, catalogue: Catalogue) -> dict[str, Any]:
    """The document with the ids, notes and idle nodes that `trees` have of its rows' conditions."""
    result = dict(document)
    for at in places_of(document):
        if at not in trees:
            continue
        logic, remembered = member_at(document, at), from_json(trees[at])
        if lower(remembered).logic == logic:
            tree = remembered
        else:
            tree = merged(remembered, tree_in(document, at, catalogue_in(document, at, catalogue)))
        result = with_tree(result, at, tree)
    return result


def on_page(tree: Tree, at: str) -> Tree:
    """The tree with the ids that its nodes have on the page."""
    renamed = _with_page_ids(tree, at)
    assert isinstance(renamed, ConditionGroup)
    return renamed


def on_page_id(node: str, at: str) -> str:
    """The id on the page of a node, or a control of it, in the condition at a pointer."""
    return f"{at.removeprefix('/').replace('/', '-')}-{node}"


def parse_page_id(node: str) -> tuple[str, str]:
    """The pointer of the condition to which a node of the page belongs, empty for the rule's own; and its own id."""
    match = NODE.fullmatch(node)
    if match is None or not match[1]:
        return "", node
    return f"/{match[1].replace('-', '/')}", match[2]


def _row_condition(document: Raw, at: str, catalogue: Catalogue) -> DraftCondition:
    row_catalogue = catalogue_in(document, at, catalogue)
    tree = on_page(tree_in(document, at, row_catalogue), at)
    return DraftCondition(at, tree, row_catalogue, dict(_row_places(document))[at])


def _row_places(document: Raw) -> Iterator[tuple[str, str]]:
    """The pointer of the condition and the name of the row, for each row of a table that has a condition."""
    for table in all_fields(KINDS[str(document["kind"])].form):
        rows = member_at(document, table.pointer) if table.widget in TABLE_WIDGETS else None
        if not isinstance(rows, list):
            continue
        for column in table.columns:
            if column.widget == "logic":
                for index in range(len(rows)):
                    yield pointer(table.pointer, index) + column.pointer, f"{table.label} {index + 1}"


def is_tree(condition: Any) -> bool:
    """Whether the condition in a row is kept as a tree, not as logic."""
    return isinstance(condition, Mapping) and {"id", "mode", "rows"} <= set(condition)


def _with_trees_changed(document: Raw, change: Callable[[Any], Any]) -> dict[str, Any]:
    result = dict(document)
    for at, tree in trees_of(document).items():
        result = with_member(result, at, change(tree))
    return result


def _with_page_ids(node: Node, at: str) -> Node:
    renamed = replace(node, id=on_page_id(node.id, at))
    if not isinstance(renamed, ConditionGroup):
        return renamed
    return replace(renamed, rows=tuple(_with_page_ids(row, at) for row in renamed.rows))
