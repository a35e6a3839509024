"""Rows that exclude each other, say the same, always hold, or can never be reached. CHECKS.md explains how."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from engine.authoring.checks.dnf import Alternative, TooManyAlternatives, all_of, alternatives, can_both_hold
from engine.authoring.checks.finding import Finding, warning
from engine.authoring.checks.ranges import Range, is_empty, is_inside
from engine.authoring.jsonlogic.lower import row_logic, takes_part
from engine.authoring.tree.moves import goes_past_midnight
from engine.authoring.tree.nodes import (
    DEPTH_MAX,
    ConditionGroup,
    ConditionRow,
    LogicBlock,
    Node,
    Tree,
    depths,
    numbers,
    walk,
)
from engine.language.words.conditions import phrase
from engine.vocabulary.fact import Catalogue, Fact, FactGroup

_ALWAYS_PRESENT = ("player.xp", "player.coins", "player.level", "event.type")
_NEVER_NEGATIVE = ("player.xp", "player.coins")
_KIND_OF_TYPE = {"number": "number", "text": "text", "boolean": "boolean", "date": "text"}


def reason(tree: Tree, catalogue: Catalogue) -> tuple[list[Finding], list[str]]:
    """The warnings about a tree whose complete rows are admitted, and what was too much to analyse."""
    reasoning = _Reasoning(catalogue, numbers(tree), depths(tree))
    warnings: list[Finding] = []
    not_analysed: list[str] = []
    for group in walk(tree):
        if isinstance(group, ConditionGroup) and takes_part(group):
            try:
                warnings += reasoning.group(group)
            except TooManyAlternatives:
                not_analysed.append(f"{reasoning.label(group)}: too many alternatives")
    try:
        warnings += reasoning.unreachable(tree)
    except TooManyAlternatives:
        not_analysed.append("whether every branch can be reached: too many alternatives")
    return list(_first_per_node(warnings)), list(dict.fromkeys(not_analysed))


def _first_per_node(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Of several findings about one node the first: the others follow from it."""
    seen: set[str | None] = set()
    for finding in findings:
        if finding.node not in seen:
            seen.add(finding.node)
            yield finding


@dataclass(frozen=True, slots=True)
class _Reasoning:
    catalogue: Catalogue
    numbers: dict[str, str]
    depths: dict[str, int]
    known: dict[str, list[Alternative]] = field(default_factory=dict)

    def label(self, node: Node) -> str:
        """`Group 3`, or `The conditions` for all of them."""
        number = self.numbers[node.id]
        return f"Group {number}" if number else "The conditions"

    def text(self, node: Node) -> str:
        """A row in words, for a message."""
        if isinstance(node, ConditionGroup):
            return self.label(node)
        logic = row_logic(node) if isinstance(node, ConditionRow) else node.logic
        return "".join(piece.text for piece in phrase(logic, self.catalogue))

    def alternatives(self, node: Node) -> list[Alternative]:
        """The alternatives of a node, worked out once."""
        if node.id not in self.known:
            self.known[node.id] = alternatives(node)
        return self.known[node.id]

    def group(self, group: ConditionGroup) -> Iterator[Finding]:
        """What is wrong among the rows of one group."""
        rows = [row for row in group.rows if takes_part(row)]
        impossible = [row for row in rows if not self.alternatives(row)]
        for row in impossible:
            if not isinstance(row, ConditionGroup):  # a group is reported when its own rows are looked at
                text = f"{self.numbers[row.id]} can never hold: {self.text(row)}"
                yield warning("never", text, row.id, fix=self._past_midnight(group, row))
        contradictions = list(self._contradictions(rows)) if group.mode == "all" else []
        yield from contradictions
        is_explained = impossible or contradictions
        if not is_explained and not self.alternatives(group):
            yield warning("never", f"{self.label(group)} can never be met, whatever happens", group.id)
        yield from self._always(group, rows)
        if group.mode != "at_least":
            yield from self._redundant(group, rows)

    def _past_midnight(self, group: ConditionGroup, row: Node) -> dict[str, str] | None:
        """The edit that makes a range of hours mean what its author meant; None for other rows that never hold."""
        fits = group.mode == "any" or self.depths[row.id] <= DEPTH_MAX
        is_night = isinstance(row, ConditionRow) and goes_past_midnight(row)
        return {"op": "past_midnight", "id": row.id} if is_night and fits else None

    def _contradictions(self, rows: Sequence[Node]) -> Iterator[Finding]:
        """Pairs of an "all" group that exclude each other."""
        keys = {row.id: {key for alternative in self.alternatives(row) for key in alternative} for row in rows}
        for one, other in combinations(rows, 2):
            if not keys[one.id] & keys[other.id]:
                continue  # they ask about different facts
            if not can_both_hold(self.alternatives(one), self.alternatives(other)):
                pair = f"{self.numbers[one.id]} and {self.numbers[other.id]} exclude each other"
                message = f"{pair}: {self.text(one)}, and at once {self.text(other)}"
                yield warning("contradiction", message, other.id)

    def _redundant(self, group: ConditionGroup, rows: Sequence[Node]) -> Iterator[Finding]:
        """Rows that change nothing, because another row of the group says as much or more."""
        singles = [(row, single) for row in rows if (single := self._single_range(row))]
        for (one, (key, range_)), (other, (other_key, other_range)) in combinations(singles, 2):
            if key != other_key:
                continue
            if is_inside(range_, other_range):
                narrow, wide = one, other
            elif is_inside(other_range, range_):
                narrow, wide = other, one
            else:
                continue
            redundant, sufficient = (wide, narrow) if group.mode == "all" else (narrow, wide)
            message = f"{self.numbers[redundant.id]} changes nothing: {self.numbers[sufficient.id]} says it already"
            yield warning("redundant", message, redundant.id, fix={"op": "delete", "id": redundant.id})

    def _always(self, group: ConditionGroup, rows: Sequence[Node]) -> Iterator[Finding]:
        """Rows that hold whatever happens, and "any" groups that cover every value."""
        for row in rows:
            single = self._single_range(row)
            if single and is_inside(self._domain(single[0]), single[1]):
                fix = {"op": "delete", "id": row.id}
                yield warning("always", f"{self.numbers[row.id]} always holds: {self.text(row)}", row.id, fix=fix)
        if group.mode != "any" or len(rows) < 2 or any(isinstance(node, LogicBlock) for node in walk(group)):
            return
        exceptions = alternatives(group, is_denied=True)
        if not any(map(self._is_possible_with_values, exceptions)):
            yield warning("always", f"{self.label(group)} holds for every value that is known", group.id)

    def _single_range(self, node: Node) -> tuple[str, Range] | None:
        """The key and range of a row that asks only one thing."""
        possible = self.alternatives(node) if isinstance(node, ConditionRow) else []
        if len(possible) != 1 or len(possible[0]) != 1:
            return None
        return next(iter(possible[0].items()))

    def _is_possible_with_values(self, alternative: Alternative) -> bool:
        """Whether an alternative holds for some values that are present, within what these facts can be."""
        present = {key: replace(range_, absent=False) for key, range_ in alternative.items()}
        if any(map(is_empty, present.values())):
            return False
        domains = [[{key: replace(self._domain(key), absent=False)}] for key in present]
        return bool(all_of([[present], *domains]))

    def _domain(self, key: str) -> Range:
        """What the fact behind a key can be, as far as it is known."""
        is_path = "∋" not in key and " " not in key
        fact = self.catalogue.fact(key) if is_path else None
        if fact is None:
            return Range(absent=True)
        if fact.path in _NEVER_NEGATIVE or fact.group is FactGroup.STREAKS:
            return Range("number", low=0)
        if fact.path == "time.hour":
            return Range("number", low=0, high=23)
        kind = _KIND_OF_TYPE.get(fact.type.value, "")
        allowed = frozenset([True, False]) if kind == "boolean" else None
        if fact.is_closed and fact.choices:
            allowed = frozenset(fact.choices)
        return Range(kind, allowed=allowed, absent=not _is_always_present(fact))

    def unreachable(self, tree: Tree) -> Iterator[Finding]:
        """Branches that the rows around their groups exclude."""
        yield from self._unreachable_below(tree, [{}])

    def _unreachable_below(self, group: ConditionGroup, context: list[Alternative]) -> Iterator[Finding]:
        """`context` are the alternatives that everything around this group leaves open."""
        rows = [row for row in group.rows if takes_part(row)]
        for row in rows:
            possible = self.alternatives(row)
            if group.mode == "any" and possible and not can_both_hold(context, possible):
                message = f"{self.numbers[row.id]} can never count here: what else is asked excludes it"
                yield warning("unreachable", message, row.id, fix={"op": "delete", "id": row.id})
            elif isinstance(row, ConditionGroup) and group.mode in ("all", "any"):
                required = [other for other in rows if other is not row] if group.mode == "all" else []
                inner_context = all_of([context, *map(self.alternatives, required)])
                if inner_context:
                    yield from self._unreachable_below(row, inner_context)


def _is_always_present(fact: Fact) -> bool:
    return fact.path in _ALWAYS_PRESENT or fact.group in (FactGroup.STREAKS, FactGroup.TIME)
