"""The trace of a tree for one set of facts: what became of each row, shown beside the rows. See TREE.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

from engine.authoring.jsonlogic.lower import lower, row_logic, takes_part, what_is_missing
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree, numbers, walk
from engine.language.explain import RowState, explain_node
from engine.language.facts import Facts, MissingFact
from engine.language.interpret import value_of
from engine.language.operators import OPERATORS
from engine.language.parse import Op, parse
from engine.language.words.conditions import ConditionWords
from engine.language.words.wording import OperandWords
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
    """The verdict of the rows that are complete, and the mark of each node by its id.

    `unfinished` names the first row that is not: until it is, nobody knows what the rule will say. Empty if all are.
    """

    verdict: bool
    of: Mapping[str, NodeMark]
    unfinished: str = ""

    def to_json(self) -> dict[str, Any]:
        """The trace as plain JSON."""
        marks = {
            node_id: {"state": mark.state.value, "text": mark.text, "why": mark.why}
            for node_id, mark in self.of.items()
        }
        return {"verdict": self.verdict, "of": marks}


_Verdict: TypeAlias = bool | None
"""None if a calculation has no answer, which decides the whole rule: no match."""
_NOT_NEEDED = NodeMark(NodeState.NOT_NEEDED, "not needed", "another condition decides already")
_MUTED = NodeMark(NodeState.MUTED, "muted", "muted: it takes no part")
_NOT_ADMITTED = NodeMark(NodeState.UNKNOWN, "not tried", "this is no admitted condition")


def trace_tree(tree: Tree, facts: Mapping[str, Any], catalogue: Catalogue) -> TreeTrace:
    """Mark every node; the verdict is the compiled rule's. `facts[path]` must be None for what is absent."""
    tracer = _Tracer(Facts(facts) if type(facts) is dict else facts, catalogue)
    if takes_part(tree):
        verdict = tracer.judge(tree) is True
    else:  # nothing is asked, so everything matches
        verdict = True
        for row in tree.rows:
            tracer.mark_idle(row)
    unfinished = next((f"{numbers(tree)[problem.path]}: {problem.message}" for problem in lower(tree).problems), "")
    root = tracer.marks.get(tree.id, NodeMark(NodeState.PASS, ""))
    text = "match" if verdict else "no match"
    tracer.marks[tree.id] = (
        NodeMark(NodeState.UNKNOWN, "not finished", unfinished)
        if unfinished
        else replace(root, state=_state(verdict=verdict), text=text)
    )
    return TreeTrace(verdict, tracer.marks, unfinished)


@dataclass
class _Tracer:
    facts: Mapping[str, Any]
    catalogue: Catalogue
    marks: dict[str, NodeMark] = field(default_factory=dict)

    def judge(self, node: Node) -> _Verdict:
        """Judge a node that takes part, mark it and all below it, and return its verdict."""
        if isinstance(node, ConditionGroup):
            return self._judge_group(node)
        return self._judge_block(node) if isinstance(node, LogicBlock) else self._judge_row(node)

    def mark_idle(self, node: Node) -> None:
        """Mark a node that takes no part."""
        if node.is_muted:
            self.marks.update({below.id: _MUTED for below in walk(node)})
        elif isinstance(node, ConditionGroup):
            self.marks[node.id] = NodeMark(NodeState.UNKNOWN, "empty", "asks nothing yet")
            for row in node.rows:
                self.mark_idle(row)
        else:
            why = what_is_missing(node) if isinstance(node, ConditionRow) else ""
            self.marks[node.id] = NodeMark(NodeState.UNKNOWN, "not tried", why)

    def _judge_group(self, group: ConditionGroup) -> _Verdict:
        rows = [row for row in group.rows if takes_part(row)]
        for row in group.rows:
            if row not in rows:
                self.mark_idle(row)
        verdicts = [self.judge(row) for row in rows]
        verdict = _group_verdict(group, verdicts)
        holding = sum(row_verdict is True for row_verdict in verdicts)
        if group.mode == "none":
            self._mark_as_denied(rows, verdicts)
        elif verdict is True and group.mode in ("any", "at_least"):
            enough = group.count if group.mode == "at_least" and group.count else 1
            holding = self._mark_not_needed(rows, verdicts, enough)
        self.marks[group.id] = NodeMark(
            state=self._group_state(rows, verdict),
            text=f"{holding} of {len(rows)}",
            why=_GROUP_REASONS[group.mode].format(holding, len(rows), group.count),
        )
        return verdict

    def _mark_as_denied(self, rows: list[Node], verdicts: list[_Verdict]) -> None:
        """In a "none" group a mark says whether the row behaves as required: it must not hold."""
        for row, verdict in zip(rows, verdicts, strict=True):
            mark = self.marks[row.id]
            if mark.state is not NodeState.UNKNOWN:
                self.marks[row.id] = replace(mark, state=_state(verdict=not verdict))

    def _mark_not_needed(self, rows: list[Node], verdicts: list[_Verdict], enough: int) -> int:
        """Mark what comes after the rows that decide as not needed; returns how many of those hold."""
        holding = 0
        for row, verdict in zip(rows, verdicts, strict=True):
            if holding < enough:
                holding += verdict is True
                continue
            for below in walk(row):
                if self.marks[below.id].state is not NodeState.MUTED:
                    self.marks[below.id] = _NOT_NEEDED
        return holding

    def _group_state(self, rows: list[Node], verdict: _Verdict) -> NodeState:
        """A group that does not hold is unknown only if no row of it is known to fail."""
        if verdict is True:
            return NodeState.PASS
        states = {self.marks[row.id].state for row in rows}
        is_unknown = NodeState.UNKNOWN in states and NodeState.FAIL not in states
        return NodeState.UNKNOWN if is_unknown else NodeState.FAIL

    def _judge_block(self, block: LogicBlock) -> _Verdict:
        node, _ = parse(block.logic)
        if node is None:
            self.marks[block.id] = _NOT_ADMITTED
            return None
        try:
            verdict: _Verdict = bool(value_of(node, self.facts))
        except MissingFact:
            verdict = None
        explanation = explain_node(node, self.facts, OperandWords(self.catalogue))
        root = explanation.root
        state = NodeState.UNKNOWN if root.state is RowState.UNKNOWN else _state(verdict=verdict)
        text = root.progress or _BLOCK_TEXTS[state]
        self.marks[block.id] = NodeMark(state, text, explanation.missing or root.text)
        return verdict

    def _judge_row(self, row: ConditionRow) -> _Verdict:
        words = OperandWords(self.catalogue)
        node, _ = parse(row_logic(row))
        if node is None:
            self.marks[row.id] = _NOT_ADMITTED
            return None
        explanation = explain_node(node, self.facts, words)
        root, verdict = explanation.root, explanation.verdict
        fact, actual = self.catalogue.fact(str(row.fact)), self.facts[str(row.fact)]
        if root.state is RowState.UNKNOWN:
            text = "no value" if actual is None else "another type"
            self.marks[row.id] = NodeMark(NodeState.UNKNOWN, text, explanation.missing)
            return verdict
        shows_progress = not verdict and root.progress and fact is not None and fact.noun
        text = root.progress if shows_progress else _actual_text(actual, words, row, self.catalogue)
        stated = node if verdict else Op(OPERATORS["!"], (node,), node.path)
        sentence = ConditionWords(words).text(stated)
        self.marks[row.id] = NodeMark(_state(verdict=verdict), text, self._why(row, sentence, words))
        return verdict

    def _why(self, row: ConditionRow, sentence: str, words: OperandWords) -> str:
        """`score 38 points is not at least 40 points`: the words of the row with the actual value."""
        path = str(row.fact)
        label, actual = words.path(path), self.facts[path]
        is_plain_value = isinstance(actual, int | float | str) and not isinstance(actual, bool)
        if is_plain_value and sentence.startswith(f"{label} "):
            value = words.value(actual, self.catalogue.fact(path))
            sentence = f"{label} {value}{sentence.removeprefix(label)}"
        other = other_fact(row.value)
        if not other:
            return sentence
        return f"{sentence} ({words.value(self.facts[other], self.catalogue.fact(other))})"


def _actual_text(actual: Any, words: OperandWords, row: ConditionRow, catalogue: Catalogue) -> str:
    if actual is None:
        return "no value"
    if isinstance(actual, bool):
        return "yes" if actual else "no"
    if isinstance(actual, list | tuple) and not actual:
        return "none"
    if isinstance(actual, list | tuple) and not all(isinstance(value, str) for value in actual):
        return f"{len(actual)} items"
    return words.value(actual, catalogue.fact(str(row.fact)))


def _group_verdict(group: ConditionGroup, verdicts: list[_Verdict]) -> _Verdict:
    """The verdict of a group, judged as the compiled rule does: left to right, until it is decided."""
    if group.mode == "at_least":  # a sum: it needs every row, so one without an answer decides it
        holding = sum(verdict is True for verdict in verdicts)
        return None if None in verdicts else holding >= (group.count or 1)
    deciding = group.mode != "all"  # the verdict of a row that ends the search
    decided = next((verdict for verdict in verdicts if verdict is not (not deciding)), not deciding)
    return not decided if group.mode == "none" and decided is not None else decided


def _state(*, verdict: _Verdict) -> NodeState:
    return NodeState.PASS if verdict else NodeState.FAIL


_BLOCK_TEXTS = {NodeState.PASS: "holds", NodeState.FAIL: "does not hold", NodeState.UNKNOWN: "no value"}
_GROUP_REASONS = {
    "all": "{0} of {1} hold; all must",
    "any": "{0} of {1} hold; one must",
    "none": "{0} of {1} hold; none may",
    "at_least": "{0} of {1} hold; {2} must",
}
