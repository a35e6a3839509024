"""Why a rule holds or does not: a walk of its tree that leaves a row for each condition, with its actual value.

The verdict is that of the compiled rule. EXPLAIN.md explains how rows are labelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from engine.language.facts import Facts, MissingFact
from engine.language.interpret import value_of
from engine.language.operators import OperatorFamily
from engine.language.parse import Node, Op, parse
from engine.language.words.conditions import ConditionWords
from engine.language.words.unmet import joined, measured, shortest, still
from engine.language.words.wording import OperandWords, value_text
from engine.vocabulary.fact import Catalogue


class RowState(StrEnum):
    """What became of a row. UNKNOWN is only a label: its verdict is "no"."""

    PASS = "pass"  # noqa: S105 — a label, no secret
    FAIL = "fail"
    NOT_NEEDED = "not_needed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ExplanationRow:
    """One condition of the tree, or a group of them.

    `path` points at its node, `actual` is the value there (None for groups), `have` and `need` count towards it where
    that makes sense (rows of a group, numbers with a threshold), `missing` says what is still needed.
    """

    path: str
    state: RowState
    text: str
    actual: Any = None
    have: Any = None
    need: Any = None
    missing: str = ""
    rows: tuple["ExplanationRow", ...] = ()

    @property
    def progress(self) -> str:
        """`2 of 5`; empty if nothing is counted."""
        return "" if self.need is None else f"{value_text(self.have)} of {value_text(self.need)}"

    def to_json(self) -> dict[str, Any]:
        """The row and those below it as plain JSON values."""
        return {
            "path": self.path,
            "state": self.state.value,
            "text": self.text,
            "actual": _json(self.actual),
            "have": _json(self.have),
            "need": _json(self.need),
            "missing": self.missing,
            "rows": [row.to_json() for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of one rule for one set of facts."""

    verdict: bool
    root: ExplanationRow

    @property
    def missing(self) -> str:
        """The shortest sentence that says what is still needed; empty if the rule holds."""
        return self.root.missing

    def to_json(self) -> dict[str, Any]:
        """The explanation as plain JSON values."""
        return {"verdict": self.verdict, "missing": self.missing, "root": self.root.to_json()}


def _json(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def explain(logic: Any, facts: Mapping[str, Any], catalogue: Catalogue, at: str = "") -> Explanation:
    """Explain an admitted condition. `facts[path]` must be None for what is absent; a plain dict will do.

    Raises ValueError if `logic` is not admitted.
    """
    node, problems = parse(logic, at)
    if node is None:
        raise ValueError(f"not admitted: {problems[0].path}: {problems[0].message}")
    return explain_node(node, Facts(facts) if type(facts) is dict else facts, OperandWords(catalogue))


def explain_node(node: Node, facts: Mapping[str, Any], words: OperandWords) -> Explanation:
    """Explain a parsed condition. `facts[path]` must be None for what is absent."""
    verdict, root = _Explainer(facts, words).row(node)
    return Explanation(verdict is True, root)


_Judged: TypeAlias = tuple[bool | None, ExplanationRow]
"""A row with its verdict; None if a calculation has no answer, which decides the whole rule: no match."""


@dataclass(frozen=True, slots=True)
class _Explainer:
    facts: Mapping[str, Any]
    words: OperandWords

    def row(self, node: Node) -> _Judged:
        if isinstance(node, Op) and node.operator.family is OperatorFamily.GROUP:
            return self._group(node)
        if isinstance(node, Op) and node.name in ("!", "!!") and _has_rows(node.args[0]):
            return self._negation(node)
        return self._single(node)

    def _text(self, node: Node) -> str:
        return ConditionWords(self.words).text(node)

    def _group(self, node: Op) -> _Judged:
        # Every row is explained, also those behind the one that decides: readers want all that is still open.
        judged = [self.row(arg) for arg in node.args]
        is_any = node.name == "or"
        undecided = not is_any  # the verdict of a row after which the compiled rule goes on
        verdict = next((row_verdict for row_verdict, _ in judged if row_verdict is not undecided), undecided)
        if verdict is True:
            return True, self._passed_group(node, judged)
        rows = [row for _, row in judged]
        needs = [row.missing for row in rows if row.state is not RowState.PASS]
        have = sum(row.state is RowState.PASS for row in rows)
        need = 1 if is_any else len(rows)
        return verdict, ExplanationRow(
            path=node.path,
            state=_unmet_state(rows),
            text=self._text(node),
            have=min(have, need),
            need=need,
            missing=shortest(needs) if is_any else joined(needs),
            rows=tuple(rows),
        )

    def _passed_group(self, node: Op, judged: list[_Judged]) -> ExplanationRow:
        rows = [row for _, row in judged]
        need = len(rows)
        if node.name == "or":
            need = 1
            deciding = next(index for index, (verdict, _) in enumerate(judged) if verdict is True)
            rows = [row if index <= deciding else as_not_needed(row) for index, row in enumerate(rows)]
        text = self._text(node)
        return ExplanationRow(node.path, RowState.PASS, text, have=need, need=need, rows=tuple(rows))

    def _negation(self, node: Op) -> _Judged:
        verdict, row = self.row(node.args[0])
        text, rows = self._text(node), (row,)
        if verdict is None:
            return None, ExplanationRow(node.path, RowState.UNKNOWN, text, missing=row.missing, rows=rows)
        is_affirmed = node.name == "!!"
        holds = verdict is is_affirmed
        if holds:
            return True, ExplanationRow(node.path, RowState.PASS, text, rows=rows)
        missing = row.missing if is_affirmed else text
        return False, ExplanationRow(node.path, RowState.FAIL, text, missing=missing, rows=rows)

    def _single(self, node: Node) -> _Judged:
        text = self._text(node)
        try:
            verdict = bool(value_of(node, self.facts))
        except MissingFact as unanswered:
            label = self.words.path(unanswered.path) if unanswered.path else text
            return None, ExplanationRow(node.path, RowState.UNKNOWN, text, missing=f"{label} is not known")
        measure = measured(node, self.facts, self.words)
        row = ExplanationRow(node.path, RowState.PASS, text, measure.actual, measure.have, measure.need)
        if verdict:
            return True, row
        state = RowState.FAIL if measure.is_known else RowState.UNKNOWN
        return False, replace(row, state=state, missing=still(text, measure))


def _has_rows(node: Node) -> bool:
    if not isinstance(node, Op):
        return False
    return node.operator.family is OperatorFamily.GROUP or (node.name in ("!", "!!") and _has_rows(node.args[0]))


def _unmet_state(rows: list[ExplanationRow]) -> RowState:
    """A group that does not hold is unknown only if no row of it is known to fail."""
    states = {row.state for row in rows}
    is_unknown = RowState.UNKNOWN in states and RowState.FAIL not in states
    return RowState.UNKNOWN if is_unknown else RowState.FAIL


def as_not_needed(row: ExplanationRow) -> ExplanationRow:
    """The same row, with everything below it, when another one has already decided."""
    return replace(row, state=RowState.NOT_NEEDED, missing="", rows=tuple(map(as_not_needed, row.rows)))
