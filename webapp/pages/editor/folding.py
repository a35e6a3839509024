"""Which groups are folded to their sentences, and which of them stands for what is hidden in it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.authoring.tree.nodes import ConditionGroup, Tree, walk


@dataclass(frozen=True, slots=True)
class FoldedGroups:
    """The folded groups; `homes` has, for each node hidden in them, the outermost one around it."""

    groups: frozenset[str] = frozenset()
    homes: Mapping[str, str] = field(default_factory=dict)

    def seen_at(self, node: str) -> str:
        """The node, or the folded group that hides it."""
        return self.homes.get(node, node)


def fold_groups(trees: Sequence[Tree], wanted: Collection[str], needed: Collection[str]) -> FoldedGroups:
    """Folds the groups that are `wanted` so; one with a node that is `needed` opens. The outermost never fold."""
    folded = [each for tree in trees for each in _inner(tree) if each.id in wanted and not _holds(each, needed)]
    homes: dict[str, str] = {}
    for group in folded:  # parents first
        for node in walk(group):
            if node.id != group.id:
                homes.setdefault(node.id, group.id)
    return FoldedGroups(frozenset(each.id for each in folded), homes)


def _inner(tree: Tree) -> Iterator[ConditionGroup]:
    return (each for each in walk(tree) if isinstance(each, ConditionGroup) and each.id != tree.id)


def _holds(group: ConditionGroup, needed: Collection[str]) -> bool:
    return any(each.id in needed for row in group.rows for each in walk(row))
