"""Near misses: cases in which exactly one part of a condition kept a rule from matching.

Parts are what a match requires one by one: the conditions of "all" groups, the conditions of "none" groups (which must
not hold), and "any" and "at least" groups as a whole, since none of their conditions is required by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.jsonlogic.lower import lower, takes_part
from engine.authoring.tree.nodes import ConditionGroup, Node, Tree
from engine.language.compile import CompiledLogic, compile_logic
from engine.language.facts import MissingFact


@dataclass(frozen=True, slots=True)
class RequiredPart:
    """One part, by the node that shows it; `is_denied` if it must not hold."""

    node: str
    condition: CompiledLogic
    is_denied: bool

    def is_met(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is as the rule requires; a calculation without an answer never is."""
        try:
            return self.condition.holds(facts) is not self.is_denied
        except MissingFact:
            return False


def required_parts(tree: Tree) -> list[RequiredPart]:
    """The parts of a tree whose logic `check` has admitted, in the order of the page."""
    return list(_parts(tree, is_denied=False))


def missed_by(parts: Sequence[RequiredPart], facts: Mapping[str, Any]) -> str | None:
    """The node of the only part that is not met; None if there is none or more than one."""
    missed = None
    for part in parts:
        if not part.is_met(facts):
            if missed is not None:
                return None
            missed = part.node
    return missed


def _parts(node: Node, *, is_denied: bool) -> Iterator[RequiredPart]:
    if not takes_part(node):
        return
    # Below a "none" group nothing is taken apart: that an "all" group must not hold requires none of its rows.
    if isinstance(node, ConditionGroup) and not is_denied and node.mode in ("all", "none"):
        for row in node.rows:
            yield from _parts(row, is_denied=node.mode == "none")
        return
    logic = lower(ConditionGroup(rows=(node,))).logic
    if logic is not None:
        yield RequiredPart(node.id, compile_logic(logic), is_denied)
