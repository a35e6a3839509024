"""Why a rule holds or does not: a walk of its tree that leaves a row for each condition, with its actual value.

The verdict is that of the compiled rule. How rows are labelled is told in EXPLAIN.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from engine.language.facts import Facts
from engine.language.interpret import value_of
from engine.language.missing_facts import MissingFact
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

    `path` points at its node, `actual` is the value found there (None for groups), `have` and `need` count towards it
    where that makes sense (rows of a group, numbers with a threshold), `missing` says what is still needed.
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
        """`2 of 5`; empty where nothing is counted."""
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
        """The shortest sentence that says what is still needed; empty when the rule holds."""
        return self.root.missing

    def to_json(self) -> dict[str, Any]:
        """The explanation as plain JSON values."""
        return {"verdict": self.verdict, "missing": self.missing, "root": self.root.to_json()}


def _json(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def explain(logic: Any, facts: Mapping[str, Any], catalogue: Catalogue, at: str = "") -> Explanation:
    """Explains an admitted condition. `facts[path]` gives None for what is absent; a plain dict will do."""
    node, problems = parse(logic, at)
    if node is None:
        raise ValueError(f"not admitted: {problems[0].path}: {problems[0].message}")
    known = Facts(facts) if type(facts) is dict else facts
    verdict, root = _Walk(known, OperandWords(catalogue)).row(node)
    return Explanation(verdict is True, root)


_Judged: TypeAlias = tuple[bool | None, ExplanationRow]
"""A row with its verdict; None where arithmetic has no answer, which decides the whole rule: no match."""


@dataclass(frozen=True, slots=True)
class _Walk:
    facts: Mapping[str, Any]
    words: OperandWords

    def row(self, node: Node) -> _Judged:
        if isinstance(node, Op) and node.operator.family is OperatorFamily.GROUP:
            return self._group(node)
        if isinstance(node, Op) and node.name in ("!", "!!") and _has_rows(node.args[0]):
            return self._negated(node)
        return self._leaf(node)

    def _text(self, node: Node) -> str:
        return ConditionWords(self.words).text(node)

    def _group(self, node: Op) -> _Judged:
        judged = [self.row(arg) for arg in node.args]
        is_any = node.name == "or"
        verdict = next((each for each, _ in judged if each is not (not is_any)), not is_any)
        rows = [row for _, row in judged]
        if verdict is True:
            return True, self._met(node, judged)
        wanting = [row.missing for row in rows if row.state is not RowState.PASS]
        missing = shortest(wanting) if is_any else joined(wanting)
        state = _unmet_state(rows)
        have = sum(row.state is RowState.PASS for row in rows)
        need = 1 if is_any else len(rows)
        return verdict, ExplanationRow(
            node.path, state, self._text(node), None, min(have, need), need, missing, tuple(rows)
        )

    def _met(self, node: Op, judged: list[_Judged]) -> ExplanationRow:
        rows = [row for _, row in judged]
        need = len(rows)
        if node.name == "or":
            decided = next(index for index, (verdict, _) in enumerate(judged) if verdict is True)
            rows = [row if index <= decided else as_not_needed(row) for index, row in enumerate(rows)]
            need = 1
        return ExplanationRow(node.path, RowState.PASS, self._text(node), None, need, need, "", tuple(rows))

    def _negated(self, node: Op) -> _Judged:
        verdict, row = self.row(node.args[0])
        text = self._text(node)
        if verdict is None:
            return None, ExplanationRow(node.path, RowState.UNKNOWN, text, missing=row.missing, rows=(row,))
        holds = verdict is (node.name == "!!")
        missing = "" if holds else (row.missing if node.name == "!!" else text)
        return holds, ExplanationRow(
            node.path, RowState.PASS if holds else RowState.FAIL, text, missing=missing, rows=(row,)
        )

    def _leaf(self, node: Node) -> _Judged:
        text = self._text(node)
        try:
            verdict = bool(value_of(node, self.facts))
        except MissingFact as unanswered:
            label = self.words.path(unanswered.path) if unanswered.path else text
            return None, ExplanationRow(node.path, RowState.UNKNOWN, text, missing=f"{label} is not known")
        measure = measured(node, self.facts, self.words)
        if verdict:
            return True, ExplanationRow(node.path, RowState.PASS, text, measure.actual, measure.have, measure.need)
        state = RowState.FAIL if measure.is_known else RowState.UNKNOWN
        missing = still(text, measure)
        return False, ExplanationRow(node.path, state, text, measure.actual, measure.have, measure.need, missing)


def _has_rows(node: Node) -> bool:
    if not isinstance(node, Op):
        return False
    return node.operator.family is OperatorFamily.GROUP or (node.name in ("!", "!!") and _has_rows(node.args[0]))


def _unmet_state(rows: list[ExplanationRow]) -> RowState:
    """A group that does not hold is unknown only where nothing is known to fail."""
    states = {row.state for row in rows}
    return RowState.UNKNOWN if RowState.UNKNOWN in states and RowState.FAIL not in states else RowState.FAIL


def as_not_needed(row: ExplanationRow) -> ExplanationRow:
    """The same row where something else has decided already."""
    return replace(row, state=RowState.NOT_NEEDED, missing="", rows=tuple(map(as_not_needed, row.rows)))
