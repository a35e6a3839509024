"""Admits a rule to the safe profile, or says where it is not admitted and why. Nothing else reaches an evaluator."""

from enum import StrEnum
from typing import Any

from engine.language.emit import is_outcome
from engine.language.operands import Operands
from engine.language.operators import OperatorFamily
from engine.language.parse import Node, Op, Var, parse, walk
from engine.language.semantics import is_number
from engine.vocabulary.fact import EVENT_PROPERTY, PLAYER_ATTRIBUTE, Catalogue, Fact
from engine.vocabulary.problem import Problem


class Scope(StrEnum):
    """What a rule is used for, which decides what it may read and what it must result in."""

    CONDITION = "condition"
    METRIC_FILTER = "metric_filter"
    FORMULA = "formula"
    LEVEL = "level"


_FILTER_PATHS = ("event.", PLAYER_ATTRIBUTE)
LEVEL_FACT = "player.xp"
_ONCE_PER_PATHS = ("event.", PLAYER_ATTRIBUTE, "time.")


def check(logic: Any, catalogue: Catalogue, *, allowed: Scope, at: str = "") -> list[Problem]:
    """Every reason why `logic` is not admitted as `allowed`; none if it is. `at` points at it in its document."""
    node, problems = parse(logic, at)
    if node is None:
        return problems
    checker = _Checker(catalogue, allowed)
    if allowed in (Scope.FORMULA, Scope.LEVEL):
        checker.amount(node)
        checker.refuse_negative(node)
    else:
        checker.condition(node)
    return checker.problems


def is_once_per_path(path: str) -> bool:
    """Whether `once_per` may name this fact: only what is known before an entry is judged."""
    return path.startswith(_ONCE_PER_PATHS)


class _Checker(Operands):
    """Checks facts and scopes; `Operands` checks what operands may be."""

    def __init__(self, catalogue: Catalogue, allowed: Scope) -> None:
        super().__init__()
        self.catalogue = catalogue
        self.allowed = allowed

    def known(self, path: str, at: str) -> Fact | None:
        fact = self.catalogue.fact(path)
        if fact is None:
            self.refuse(at, unknown_fact_message(path, self.catalogue))
        elif self.allowed is Scope.METRIC_FILTER and not path.startswith(_FILTER_PATHS):
            self.refuse(at, f"{path}: the filter of a metric may ask about the event and player.attributes.* only")
        elif self.allowed is Scope.LEVEL and path != LEVEL_FACT:
            self.refuse(at, f"{path}: levels go by {LEVEL_FACT} alone")
        return fact

    def refuse_negative(self, node: Node) -> None:
        """An amount that is always negative is a mistake; one that may become negative counts as 0."""
        for outcome in _outcomes(node):
            if any(isinstance(part, Var) or _asks_absence(part) for part in walk(outcome)):
                continue  # it depends on facts
            value = self.constant(outcome)
            if is_number(value) and value < 0:
                self.refuse(outcome.path, f"the amount is always negative ({value})")


def _asks_absence(node: Node) -> bool:
    return isinstance(node, Op) and node.operator.family is OperatorFamily.ABSENCE


def _outcomes(node: Node) -> list[Node]:
    """What a formula may result in: itself, or the results of a choice."""
    if not isinstance(node, Op) or node.name != "if":
        return [node]
    results = [arg for index, arg in enumerate(node.args) if is_outcome(node, index)]
    return [outcome for result in results for outcome in _outcomes(result)]


def unknown_fact_message(path: str, catalogue: Catalogue) -> str:
    """The message for a path that names no fact, with what might have been meant."""
    steps = path.split(".")
    if len(steps) == 3 and steps[0] in _FIRST_FACT:
        head, key, _ = steps
        first = _FIRST_FACT[head]
        if f"{head}.{key}.{first}" in catalogue.known:
            return f"unknown fact {path!r}: {_FACTS_OF_KIND[head]}"
        keys = (known.split(".")[1] for known in catalogue.known if known.startswith(head) and known.endswith(first))
        return f"unknown {head} {key!r}{catalogue.did_you_mean(key, keys)}"
    if path.startswith((EVENT_PROPERTY, PLAYER_ATTRIBUTE)):
        return f"{path!r} names no property: each step between the dots needs a name"
    return f"unknown fact {path!r}{catalogue.did_you_mean(path, (fact.path for fact in catalogue.facts()))}"


_FIRST_FACT = {"metric": "total", "streak": "current", "mission": "progress"}
_FACTS_OF_KIND = {
    "metric": "a metric has total, today, this_week, this_month and last_1_days to last_90_days",
    "streak": "a streak has current and longest",
    "mission": "a mission has progress and completed",
}
