"""Every condition of a draft: the one of the rule itself, and those in the rows of its tables, each a tree of its own.

In a draft the condition of a table's row (of a step of a lifecycle) stands in its place in the document: as logic until
it is edited for the first time, as a tree from then on, so that it moves, is undone and is taken over with its row.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.forms.forms import tree_at
from engine.authoring.jsonlogic.lift import lift
from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.merged import merged
from engine.authoring.tree.nodes import ConditionGroup, LogicBlock, Node, Tree, from_json, numbers, to_json
from engine.documents.condition_places import trigger_events
from engine.documents.fields import TABLES, all_fields, get, put
from engine.kinds import KINDS
from engine.language.check import Scope, check
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import pointer

Raw = Mapping[str, Any]
NODE = re.compile(r"(?:([a-z_]+(?:-[a-z0-9_]+)*)-)?(root|c[0-9]+)")
"""The id of a node on a page: that of its tree, and behind the name of the place where the tree stands."""


@dataclass(frozen=True, slots=True)
class DraftCondition:
    """One condition: the pointer `at` which it stands, its tree, and the facts that it may ask about.

    `called` is empty for the condition of the rule itself, else names the row: `Step 2`. The nodes of `tree` have the
    ids of pages, such as `transitions-1-condition-c4`, so that no two of a draft are the same.
    """

    at: str
    tree: Tree
    catalogue: Catalogue
    called: str = ""

    @property
    def all_called(self) -> str:
        """`All conditions of step 2`."""
        return f"All conditions{self._of}"

    @property
    def numbers(self) -> dict[str, str]:
        """Id → number, with the row where it stands in one: `1.2 of step 2`."""
        return {key: f"{number}{self._of}" if number else "" for key, number in numbers(self.tree).items()}

    @property
    def _of(self) -> str:
        return f" of {self.called[:1].lower()}{self.called[1:]}" if self.called else ""

    def told(self, text: str) -> str:
        """What is said of this condition, with the row where it stands in one: `Step 2, 1.1: …`."""
        return f"{self.called}, {text[:1].lower()}{text[1:]}" if self.called else text


def draft_conditions(document: Raw, tree: Tree, catalogue: Catalogue) -> list[DraftCondition]:
    """All conditions of a draft. `catalogue` is that of the rule's own events."""
    at = tree_at(str(document["kind"]))
    own = [DraftCondition(at, tree, catalogue)] if at else []
    return [*own, *(_part(document, each, catalogue) for each in places_of(document))]


def places_of(document: Raw) -> list[str]:
    """The pointers at which rows of tables have their conditions, also where none is asked yet."""
    return [at for at, _called in _places(document)]


def tree_in(document: Raw, at: str, catalogue: Catalogue) -> Tree:
    """The tree of the condition in the row of a table; a block where it is no admitted logic."""
    held = get(document, at)
    if _is_tree(held):
        return from_json(held)
    if held is not None and check(held, catalogue, allowed=Scope.CONDITION):
        return ConditionGroup(rows=(LogicBlock("c1", held),), made=1)
    return lift(held, catalogue)


def catalogue_in(document: Raw, at: str, catalogue: Catalogue) -> Catalogue:
    """The facts that the condition in a row may ask about: those of the row's events."""
    row = get(document, at.rpartition("/")[0])
    is_sound = isinstance(row, Mapping) and isinstance(row.get("trigger"), Mapping | None)
    return catalogue.for_events(trigger_events(row)) if is_sound else catalogue


def with_tree(document: Raw, at: str, tree: Tree) -> dict[str, Any]:
    """The document with a tree in the row of a table."""
    changed: dict[str, Any] = put(document, at, to_json(tree))
    return changed


def as_logic(document: Raw) -> dict[str, Any]:
    """The document with the conditions of its rows as JsonLogic."""
    return _with(document, lambda held: lower(from_json(held)).logic)


def without_id_counters(document: Raw) -> dict[str, Any]:
    """The document without the numbers of ids that its trees have given: what it says, for its hash."""
    return _with(document, lambda held: {name: each for name, each in held.items() if name != "made"})


def without_trees(document: Raw) -> dict[str, Any]:
    """The document without the conditions of its rows."""
    found = dict(document)
    for at in places_of(document):
        found = put(found, at, None)
    return found


def trees_of(document: Raw) -> dict[str, Any]:
    """Pointer → tree, for the rows whose conditions have been edited: what a version remembers beside its logic."""
    return {at: held for at in places_of(document) if _is_tree(held := get(document, at))}


def with_remembered_trees(document: Raw, trees: Raw, catalogue: Catalogue) -> dict[str, Any]:
    """The document with the ids, notes and idle nodes that `trees` have of its rows' conditions."""
    found = dict(document)
    for at in places_of(document):
        if at in trees:
            logic, old = get(document, at), from_json(trees[at])
            own = catalogue_in(document, at, catalogue)
            is_same = lower(old).logic == logic
            found = with_tree(found, at, old if is_same else merged(old, tree_in(document, at, own)))
    return found


def on_page(tree: Tree, at: str) -> Tree:
    """The tree with the ids that its nodes have on a page."""
    named = _named(tree, at)
    assert isinstance(named, ConditionGroup)
    return named


def on_page_id(node: str, at: str) -> str:
    """The id that a node of the condition at a pointer has on a page, or a control of it."""
    return f"{at.removeprefix('/').replace('/', '-')}-{node}"


def parse_page_id(node: str) -> tuple[str, str]:
    """The pointer of the condition that a node of a page belongs to, empty for that of the rule; and its own id."""
    found = NODE.fullmatch(node)
    if found is None or not found[1]:
        return "", node
    return f"/{found[1].replace('-', '/')}", found[2]


def _part(document: Raw, at: str, catalogue: Catalogue) -> DraftCondition:
    own = catalogue_in(document, at, catalogue)
    return DraftCondition(at, on_page(tree_in(document, at, own), at), own, dict(_places(document))[at])


def _places(document: Raw) -> Iterator[tuple[str, str]]:
    for table in all_fields(KINDS[str(document["kind"])].form):
        rows = get(document, table.pointer) if table.widget in TABLES else None
        for column in table.columns if isinstance(rows, list) else ():
            if column.widget == "logic":
                for index in range(len(rows or ())):
                    yield pointer(table.pointer, index) + column.pointer, f"{table.label} {index + 1}"


def _is_tree(held: Any) -> bool:
    return isinstance(held, Mapping) and {"id", "mode", "rows"} <= set(held)


def _with(document: Raw, change: Any) -> dict[str, Any]:
    found = dict(document)
    for at, held in trees_of(document).items():
        found = put(found, at, change(held))
    return found


def _named(node: Node, at: str) -> Node:
    own = replace(node, id=on_page_id(node.id, at))
    return replace(own, rows=tuple(_named(row, at) for row in own.rows)) if isinstance(own, ConditionGroup) else own
