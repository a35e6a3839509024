"""Near misses: cases in which exactly one part of a condition kept a rule from matching.

Parts are what must each behave as asked: the conditions of "all" groups, the conditions of "none" groups turned round,
and "any" and "at least" groups as a whole, since none of their conditions alone is asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.jsonlogic.lower import lower, takes_part
from engine.authoring.tree.nodes import ConditionGroup, Node, Tree
from engine.language.compile import CompiledLogic, compile_logic
from engine.language.missing_facts import MissingFact


@dataclass(frozen=True, slots=True)
class RequiredPart:
    """One part, by the node that shows it; `is_turned` where it must not hold."""

    node: str
    condition: CompiledLogic
    is_turned: bool

    def behaves(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is as the rule asks; a calculation without an answer is not."""
        try:
            return bool(self.condition.rule(facts)) is not self.is_turned
        except MissingFact:
            return False


def required_parts(tree: Tree) -> list[RequiredPart]:
    """The parts of a tree whose logic `check` has admitted, in the order of the page."""
    return list(_parts(tree, is_turned=False))


def missed_by(required_parts: Sequence[RequiredPart], facts: Mapping[str, Any]) -> str | None:
    """The node of the one part that is not as asked; None where there are none or several."""
    missed = None
    for part in required_parts:
        if not part.behaves(facts):
            if missed is not None:
                return None
            missed = part.node
    return missed


def _parts(node: Node, *, is_turned: bool) -> Iterator[RequiredPart]:
    if not takes_part(node):
        return
    if isinstance(node, ConditionGroup) and not is_turned and node.mode in ("all", "none"):
        for row in node.rows:
            yield from _parts(row, is_turned=node.mode == "none")
        return
    logic = lower(ConditionGroup(rows=(node,))).logic
    if logic is not None:
        yield RequiredPart(node.id, compile_logic(logic), is_turned)
