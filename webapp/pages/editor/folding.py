"""Which groups are folded to their sentences, and which of them hides a node."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.authoring.tree.nodes import ConditionGroup, Tree, walk


@dataclass(frozen=True, slots=True)
class FoldedGroups:
    """The folded groups; `homes` maps each hidden node to the outermost group that hides it."""

    groups: frozenset[str] = frozenset()
    homes: Mapping[str, str] = field(default_factory=dict)

    def seen_at(self, node: str) -> str:
        """The node, or the folded group that hides it."""
        return self.homes.get(node, node)


def fold_groups(trees: Sequence[Tree], wanted: Collection[str], needed: Collection[str]) -> FoldedGroups:
    """Fold the `wanted` groups, except those with a `needed` node. The outermost group of a tree never folds."""
    folded = [group for tree in trees for group in _inner(tree) if group.id in wanted and not _holds(group, needed)]
    homes: dict[str, str] = {}
    for group in folded:  # parents first
        for node in walk(group):
            if node.id != group.id:
                homes.setdefault(node.id, group.id)
    return FoldedGroups(frozenset(group.id for group in folded), homes)


def _inner(tree: Tree) -> Iterator[ConditionGroup]:
    return (node for node in walk(tree) if isinstance(node, ConditionGroup) and node.id != tree.id)


def _holds(group: ConditionGroup, needed: Collection[str]) -> bool:
    return any(node.id in needed for row in group.rows for node in walk(row))
