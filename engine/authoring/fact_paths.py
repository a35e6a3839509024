"""Which facts the rows of a tree ask about."""

from collections.abc import Iterator

from engine.authoring.jsonlogic.lower import takes_part
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree
from engine.language.compile import paths_of
from engine.language.parse import parse


def paths_read_by(tree: Tree) -> list[str]:
    """The facts that the rows and blocks that take part read, in the order of the page, each once."""
    return list(dict.fromkeys(_paths(tree)))


def _paths(node: Node) -> Iterator[str]:
    if not takes_part(node):
        return
    if isinstance(node, ConditionGroup):
        for row in node.rows:
            yield from _paths(row)
    elif isinstance(node, ConditionRow):
        yield str(node.fact)
        other = other_fact(node.value)
        if other:
            yield other
    elif isinstance(node, LogicBlock):
        logic, _ = parse(node.logic)
        if logic is not None:
            yield from sorted(paths_of(logic))
