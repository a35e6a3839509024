"""Which facts the rows of a tree ask about."""

from collections.abc import Iterator

from engine.authoring.jsonlogic.lower import is_asked
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import Block, Group, Node, Row, Tree
from engine.language.compile import paths_of
from engine.language.parse import parse


def paths_asked(tree: Tree) -> list[str]:
    """The facts that rows and blocks which take part ask about, in the order of the page, each once."""
    return list(dict.fromkeys(_asked(tree)))


def _asked(node: Node) -> Iterator[str]:
    if not is_asked(node):
        return
    if isinstance(node, Group):
        for row in node.rows:
            yield from _asked(row)
    elif isinstance(node, Row):
        yield str(node.fact)
        yield from filter(None, [other_fact(node.value)])
    elif isinstance(node, Block):
        logic, _ = parse(node.logic)
        yield from sorted(paths_of(logic)) if logic is not None else ()
