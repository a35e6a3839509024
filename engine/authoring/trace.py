"""What became of each row of a tree for one set of facts: the trace that stands beside the rows. See TREE.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

from engine.authoring.jsonlogic.lower import row_logic, takes_part, what_is_missing
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree, walk
from engine.language import explain as explaining
from engine.language.explain import explain
from engine.language.facts import Facts
from engine.language.interpret import value_of
from engine.language.missing_facts import MissingFact
from engine.language.parse import parse
from engine.language.words.conditions import Conditions
from engine.language.words.wording import Words
from engine.vocabulary.fact import Catalogue


class NodeState(StrEnum):
    """What became of a node. UNKNOWN counts as "does not hold"."""

    PASS = "pass"  # noqa: S105 — a label, no secret
    FAIL = "fail"
    NOT_NEEDED = "not_needed"
    UNKNOWN = "unknown"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class NodeMark:
    """The mark of one node: a short `text` (`2 of 3`, `38 points`) and `why` in full words."""

    state: NodeState
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class TreeTrace:
    """The verdict of the rule, and the mark of each node by its id."""

    verdict: bool
    of: Mapping[str, NodeMark]

    def to_json(self) -> dict[str, Any]:
        """The marks as plain JSON."""
        of = {key: {"state": each.state.value, "text": each.text, "why": each.why} for key, each in self.of.items()}
        return {"verdict": self.verdict, "of": of}


_Verdict: TypeAlias = bool | None
"""None where a calculation has no answer, which decides the whole rule: no match."""
_SPARED = NodeMark(NodeState.NOT_NEEDED, "not needed", "another condition decides already")
_MUTED = NodeMark(NodeState.MUTED, "muted", "muted: it takes no part")


def trace_tree(tree: Tree, facts: Mapping[str, Any], catalogue: Catalogue) -> TreeTrace:
    """Marks every node; the verdict is that of the compiled rule. `facts[path]` gives None for what is absent."""
    marking = _Marking(Facts(facts) if type(facts) is dict else facts, catalogue)
    verdict = not takes_part(tree) or marking.node(tree) is True
    for row in tree.rows if not takes_part(tree) else ():
        marking.idle(row)
    root = marking.of.get(tree.id, NodeMark(NodeState.PASS, ""))
    marking.of[tree.id] = replace(root, state=_state(verdict=verdict), text="match" if verdict else "no match")
    return TreeTrace(verdict, marking.of)


@dataclass
class _Marking:
    facts: Mapping[str, Any]
    catalogue: Catalogue
    of: dict[str, NodeMark] = field(default_factory=dict)

    def node(self, node: Node) -> _Verdict:
        """Judges a node that takes part, marks it and all below it, and gives its verdict."""
        if isinstance(node, ConditionGroup):
            return self._group(node)
        return self._block(node) if isinstance(node, LogicBlock) else self._row(node)

    def idle(self, node: Node) -> None:
        """Marks a node that takes no part."""
        if node.is_muted:
            self.of.update({each.id: _MUTED for each in walk(node)})
        elif isinstance(node, ConditionGroup):
            self.of[node.id] = NodeMark(NodeState.UNKNOWN, "empty", "asks nothing yet")
            for row in node.rows:
                self.idle(row)
        else:
            why = what_is_missing(node) if isinstance(node, ConditionRow) else ""
            self.of[node.id] = NodeMark(NodeState.UNKNOWN, "not tried", why)

    def _group(self, group: ConditionGroup) -> _Verdict:
        asked = [row for row in group.rows if takes_part(row)]
        for row in group.rows:
            if row not in asked:
                self.idle(row)
        judged = [self.node(row) for row in asked]
        verdict = _joined(group, judged)
        have = sum(each is True for each in judged)
        if group.mode == "none":
            self._turn(asked, judged)
        elif verdict is True and group.mode in ("any", "at_least"):
            have = self._spare(asked, judged, group.count if group.mode == "at_least" and group.count else 1)
        state = self._state_of(asked, verdict)
        self.of[group.id] = NodeMark(
            state, f"{have} of {len(asked)}", _WHYS[group.mode].format(have, len(asked), group.count)
        )
        return verdict

    def _turn(self, asked: list[Node], judged: list[_Verdict]) -> None:
        """In a "none" group a mark says whether the row behaves as asked: it must not hold."""
        for row, verdict in zip(asked, judged, strict=True):
            mark = self.of[row.id]
            if mark.state is not NodeState.UNKNOWN:
                self.of[row.id] = replace(mark, state=_state(verdict=not verdict))

    def _spare(self, asked: list[Node], judged: list[_Verdict], count: int) -> int:
        """Marks what stands behind the rows that decide as not needed; gives how many of the others hold."""
        held = 0
        for row, verdict in zip(asked, judged, strict=True):
            if held >= count:
                self.of.update(
                    {each.id: _SPARED for each in walk(row) if self.of[each.id].state is not NodeState.MUTED}
                )
            held += verdict is True and held < count
        return held

    def _state_of(self, asked: list[Node], verdict: _Verdict) -> NodeState:
        """A group that does not hold is unknown only where nothing of it is known to fail."""
        if verdict is True:
            return NodeState.PASS
        states = {self.of[row.id].state for row in asked}
        return NodeState.UNKNOWN if NodeState.UNKNOWN in states and NodeState.FAIL not in states else NodeState.FAIL

    def _block(self, block: LogicBlock) -> _Verdict:
        node, _ = parse(block.logic)
        if node is None:
            self.of[block.id] = NodeMark(NodeState.UNKNOWN, "not tried", "this is no admitted condition")
            return None
        try:
            verdict: _Verdict = bool(value_of(node, self.facts))
        except MissingFact:
            verdict = None
        trace = explain(block.logic, self.facts, self.catalogue)
        root = trace.root
        state = NodeState.UNKNOWN if root.state is explaining.RowState.UNKNOWN else _state(verdict=verdict)
        self.of[block.id] = NodeMark(state, root.progress or _SHORT[state], trace.missing or root.text)
        return verdict

    def _row(self, row: ConditionRow) -> _Verdict:
        logic, words = row_logic(row), Words(self.catalogue)
        node, _ = parse(logic)
        if node is None:
            self.of[row.id] = NodeMark(NodeState.UNKNOWN, "not tried", "this is no admitted condition")
            return None
        trace = explain(logic, self.facts, self.catalogue)
        found, fact, actual = trace.root, self.catalogue.fact(str(row.fact)), self.facts[str(row.fact)]
        state = NodeState.UNKNOWN if found.state is explaining.RowState.UNKNOWN else _state(verdict=trace.verdict)
        if state is NodeState.UNKNOWN:
            text = "no value" if actual is None else "another type"
            self.of[row.id] = NodeMark(state, text, trace.missing)
            return trace.verdict
        is_counted = state is NodeState.FAIL and found.progress and fact is not None and fact.noun
        text = found.progress if is_counted else _actual(actual, words, row, self.catalogue)
        said = Conditions(words).text(node if trace.verdict else parse({"!": logic})[0] or node)
        self.of[row.id] = NodeMark(state, text, self._why(row, said, words))
        return trace.verdict

    def _why(self, row: ConditionRow, said: str, words: Words) -> str:
        """`score 38 points is not at least 40 points`: the words of the row with the value that was found."""
        label, actual = words.path(str(row.fact)), self.facts[str(row.fact)]
        if isinstance(actual, int | float | str) and not isinstance(actual, bool) and said.startswith(f"{label} "):
            said = f"{label} {words.value(actual, self.catalogue.fact(str(row.fact)))}{said.removeprefix(label)}"
        other = other_fact(row.value)
        return f"{said} ({words.value(self.facts[other], self.catalogue.fact(other))})" if other else said


def _actual(actual: Any, words: Words, row: ConditionRow, catalogue: Catalogue) -> str:
    if actual is None:
        return "no value"
    if isinstance(actual, bool):
        return "yes" if actual else "no"
    if isinstance(actual, list | tuple) and not actual:
        return "none"
    if isinstance(actual, list | tuple) and not all(isinstance(each, str) for each in actual):
        return f"{len(actual)} items"
    return words.value(actual, catalogue.fact(str(row.fact)))


def _joined(group: ConditionGroup, judged: list[_Verdict]) -> _Verdict:
    """The verdict of a group in the order in which the compiled rule asks: left to right, until it is decided."""
    if group.mode == "at_least":
        return None if None in judged else sum(each is True for each in judged) >= (group.count or 1)
    is_any = group.mode != "all"
    verdict = next((each for each in judged if each is not (not is_any)), not is_any)
    return not verdict if group.mode == "none" and verdict is not None else verdict


def _state(*, verdict: _Verdict) -> NodeState:
    return NodeState.PASS if verdict else NodeState.FAIL


_SHORT = {NodeState.PASS: "holds", NodeState.FAIL: "does not hold", NodeState.UNKNOWN: "no value"}
_WHYS = {
    "all": "{0} of {1} hold; all must",
    "any": "{0} of {1} hold; one must",
    "none": "{0} of {1} hold; none may",
    "at_least": "{0} of {1} hold; {2} must",
}
