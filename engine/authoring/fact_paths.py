"""Which facts the rows of a tree ask about."""

from collections.abc import Iterator

from engine.authoring.jsonlogic.lower import takes_part
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree
from engine.language.compile import paths_of
from engine.language.parse import parse


def paths_read_by(tree: Tree) -> list[str]:
    """The facts that rows and blocks which take part ask about, in the order of the page, each once."""
    return list(dict.fromkeys(_asked(tree)))


def _asked(node: Node) -> Iterator[str]:
    if not takes_part(node):
        return
    if isinstance(node, ConditionGroup):
        for row in node.rows:
            yield from _asked(row)
    elif isinstance(node, ConditionRow):
        yield str(node.fact)
        yield from filter(None, [other_fact(node.value)])
    elif isinstance(node, LogicBlock):
        logic, _ = parse(node.logic)
        yield from sorted(paths_of(logic)) if logic is not None else ()
