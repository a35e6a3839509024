"""Rows that exclude each other, say the same, always hold, or can never be reached. CHECKS.md tells how."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from engine.authoring.checks.dnf import Alternative, TooManyAlternatives, all_of, alternatives
from engine.authoring.checks.finding import Finding, warning
from engine.authoring.checks.ranges import Range, is_empty, is_inside
from engine.authoring.jsonlogic.lower import row_logic, takes_part
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree, numbers, walk
from engine.language.words.conditions import phrase
from engine.vocabulary.fact import Catalogue, Fact
from engine.vocabulary.fact import FactGroup as Heading

_SURE = ("player.xp", "player.coins", "player.level", "event.type")
_FROM_ZERO = ("player.xp", "player.coins")


def reason(tree: Tree, catalogue: Catalogue) -> tuple[list[Finding], list[str]]:
    """The warnings about a tree whose filled rows are admitted, and what was too much to look at."""
    reasoning = _Reasoning(catalogue, numbers(tree))
    found: list[Finding] = []
    beyond: list[str] = []
    for group in walk(tree):
        if isinstance(group, ConditionGroup) and takes_part(group):
            try:
                found += reasoning.group(group)
            except TooManyAlternatives:
                beyond.append(f"{reasoning.called(group)}: too many alternatives")
    try:
        found += reasoning.unreachable(tree)
    except TooManyAlternatives:
        beyond.append("whether every branch can be reached: too many alternatives")
    return list(_once_a_node(found)), list(dict.fromkeys(beyond))


def _once_a_node(found: Sequence[Finding]) -> Iterator[Finding]:
    """Of several findings about one node the first: the others follow from it."""
    seen: set[str | None] = set()
    for each in found:
        if each.node not in seen:
            seen.add(each.node)
            yield each


@dataclass(frozen=True, slots=True)
class _Reasoning:
    catalogue: Catalogue
    numbers: dict[str, str]
    known: dict[str, list[Alternative]] = field(default_factory=dict)

    def called(self, node: Node) -> str:
        """`Group 3`, or `The conditions` for all of them."""
        return f"Group {self.numbers[node.id]}" if self.numbers[node.id] else "The conditions"

    def text(self, node: Node) -> str:
        """A row in words, for a message."""
        logic = (
            row_logic(node) if isinstance(node, ConditionRow) else node.logic if isinstance(node, LogicBlock) else None
        )
        return "".join(each.text for each in phrase(logic, self.catalogue)) if logic is not None else self.called(node)

    def alternatives(self, node: Node) -> list[Alternative]:
        """The alternatives of a node, worked out once."""
        if node.id not in self.known:
            self.known[node.id] = alternatives(node)
        return self.known[node.id]

    def group(self, group: ConditionGroup) -> Iterator[Finding]:
        """What is wrong among the rows of one group."""
        asked = [row for row in group.rows if takes_part(row)]
        never = [row for row in asked if not self.alternatives(row)]
        for row in never:
            if not isinstance(row, ConditionGroup):
                yield warning("never", f"{self.numbers[row.id]} can never hold: {self.text(row)}", row.id)
        pairs = list(self._contradictions(asked)) if group.mode == "all" else []
        yield from pairs
        if not (never or pairs or self.alternatives(group)):
            yield warning("never", f"{self.called(group)} can never be met, whatever happens", group.id)
        yield from self._always(group, asked)
        if group.mode != "at_least":
            yield from self._redundant(group, asked)

    def _contradictions(self, asked: Sequence[Node]) -> Iterator[Finding]:
        """Pairs of an "all" group that exclude each other."""
        keys = {row.id: {key for box in self.alternatives(row) for key in box} for row in asked}
        for one, other in combinations(asked, 2):
            if keys[one.id] & keys[other.id] and not all_of([self.alternatives(one), self.alternatives(other)]):
                words = f"{self.numbers[one.id]} and {self.numbers[other.id]} exclude each other"
                said = f"{words}: {self.text(one)}, and at once {self.text(other)}"
                yield warning("contradiction", said, other.id)

    def _redundant(self, group: ConditionGroup, asked: Sequence[Node]) -> Iterator[Finding]:
        """Rows that change nothing, because another row of the group says as much or more."""
        singles = [(node, single) for node in asked if (single := self._single(node))]
        for (one, (key, first)), (other, (same, second)) in combinations(singles, 2):
            if key != same or not (is_inside(first, second) or is_inside(second, first)):
                continue
            narrow, wide = (one, other) if is_inside(first, second) else (other, one)
            spare, kept = (wide, narrow) if group.mode == "all" else (narrow, wide)
            words = f"{self.numbers[spare.id]} changes nothing: {self.numbers[kept.id]} says it already"
            yield warning("redundant", words, spare.id, fix={"op": "delete", "id": spare.id})

    def _always(self, group: ConditionGroup, asked: Sequence[Node]) -> Iterator[Finding]:
        """Rows that hold whatever happens, and "any" groups that cover every value."""
        for row in asked:
            single = self._single(row)
            if single and is_inside(self._domain(single[0]), single[1]):
                fix = {"op": "delete", "id": row.id}
                yield warning("always", f"{self.numbers[row.id]} always holds: {self.text(row)}", row.id, fix=fix)
        is_told = (
            group.mode == "any" and len(asked) > 1 and not any(isinstance(each, LogicBlock) for each in walk(group))
        )
        if is_told and not any(map(self._is_known, alternatives(group, is_denied=True))):
            yield warning("always", f"{self.called(group)} holds for every value that is known", group.id)

    def _single(self, node: Node) -> tuple[str, Range] | None:
        """The key and range of a row that asks one thing."""
        found = self.alternatives(node) if isinstance(node, ConditionRow) else []
        return next(iter(found[0].items())) if len(found) == 1 and len(found[0]) == 1 else None

    def _is_known(self, box: Alternative) -> bool:
        """Whether the box holds for some values that are there, within what these facts can be."""
        present = {key: replace(range_, absent=False) for key, range_ in box.items()}
        domains = [{key: replace(self._domain(key), absent=False)} for key in present]
        return not any(map(is_empty, present.values())) and bool(all_of([[present], *([each] for each in domains)]))

    def _domain(self, key: str) -> Range:
        """What the fact behind a key can be, as far as it is known."""
        fact = self.catalogue.fact(key) if "∋" not in key and " " not in key else None
        if fact is None:
            return Range(absent=True)
        allowed = frozenset(fact.choices) if fact.is_closed and fact.choices else None
        if fact.path in _FROM_ZERO or fact.group is Heading.STREAKS:
            return Range("number", low=0)
        if fact.path == "time.hour":
            return Range("number", low=0, high=23)
        kind = {"number": "number", "text": "text", "boolean": "boolean", "date": "text"}.get(fact.type.value, "")
        bools = frozenset([True, False]) if kind == "boolean" else None
        return Range(kind, allowed=allowed or bools, absent=not _is_sure(fact))

    def unreachable(self, tree: Tree) -> Iterator[Finding]:
        """Branches that the rows beside their groups exclude."""
        yield from self._below(tree, [{}])

    def _below(self, group: ConditionGroup, around: list[Alternative]) -> Iterator[Finding]:
        asked = [row for row in group.rows if takes_part(row)]
        for row in asked:
            if group.mode == "any" and self.alternatives(row) and not all_of([around, self.alternatives(row)]):
                words = f"{self.numbers[row.id]} can never count here: what else is asked excludes it"
                yield warning("unreachable", words, row.id, fix={"op": "delete", "id": row.id})
            elif isinstance(row, ConditionGroup) and group.mode in ("all", "any"):
                beside = [self.alternatives(each) for each in asked if each is not row] if group.mode == "all" else []
                here = all_of([around, *beside])
                yield from self._below(row, here) if here else ()


def _is_sure(fact: Fact) -> bool:
    return fact.path in _SURE or fact.group in (Heading.STREAKS, Heading.TIME)
