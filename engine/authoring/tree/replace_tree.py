"""Edits that replace the whole tree: by JsonLogic from the JSON tab, or by a stored tree."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.authoring.jsonlogic.lift import lift
from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.edit_result import EditRefused, EditResult
from engine.authoring.tree.merged import merged
from engine.authoring.tree.nodes import Tree, from_json
from engine.language.check import Scope, check
from engine.vocabulary.fact import Catalogue


def set_logic(tree: Tree, operation: Mapping[str, Any], catalogue: Catalogue) -> EditResult:
    """Members: `logic`, admitted JsonLogic or null. What the tree says already stays, with its notes and muted rows."""
    logic = operation.get("logic")
    problems = [] if logic is None else check(logic, catalogue, allowed=Scope.CONDITION)
    if problems:
        raise EditRefused(f"{problems[0].path or 'The condition'}: {problems[0].message}")
    if lower(tree).logic == logic:
        return EditResult(tree, "Applied the JSON", "root-mode", None, "The conditions say this already")
    lifted = merged(tree, lift(logic, catalogue))
    return EditResult(lifted, "Applied the JSON", "root-mode", None, "Applied the JSON to the conditions")


def set_tree(tree: Tree, operation: Mapping[str, Any], _: Catalogue) -> EditResult:
    """Members: `tree`, as `to_json` wrote it, from an export or an older version."""
    try:
        stored = from_json(operation.get("tree") or {})
    except ValueError as wrong:
        raise EditRefused(str(wrong)) from None
    # The counter must not fall back, or an id of the replaced tree would be given again.
    stored = replace(stored, made=max(stored.made, tree.made))
    return EditResult(stored, "Replaced all conditions", "root-mode", None, "Replaced all conditions")
