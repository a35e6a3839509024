"""The public JsonLogic cases: reading them, and telling what becomes of each in the safe profile."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.language import reference_interpreter
from engine.language.check import Scope, check
from engine.language.compile import compile_logic
from engine.language.facts import Facts, MissingFact
from engine.language.semantics import exact, is_number
from engine.vocabulary.fact import Catalogue, Fact, FactType

FOLDER = Path(__file__).parent / "conformance"
ERROR = "an error"


@dataclass(frozen=True)
class Case:
    """One case: a rule, its data and the value that JsonLogic gives it, or `ERROR`."""

    suite: str
    rule: Any
    data: Any
    expected: Any


class Permissive(Catalogue):
    """Knows every fact, of unknown type, so that only the profile itself refuses."""

    def fact(self, path: str) -> Fact | None:
        return Fact(path, path, FactType.UNKNOWN)


def nested_facts(rule: Any, data: Any) -> Facts:
    """The facts that a rule reads, looked up in nested data step by step."""
    return Facts({path: _value_at(data, path) for path in compile_logic(rule).paths})


def _value_at(data: Any, path: str) -> Any:
    for step in path.split("."):
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def cases() -> Iterator[Case]:
    """Every case of every suite."""
    for file in sorted(FOLDER.rglob("*.json")):
        suite = file.relative_to(FOLDER).as_posix()
        for raw in json.loads(file.read_text()):
            if isinstance(raw, list):
                yield Case(suite, *raw)
            elif isinstance(raw, dict):
                yield Case(suite, raw["rule"], raw.get("data"), ERROR if "error" in raw else raw["result"])


def refusal(rule: Any) -> str:
    """Why the profile refuses a rule as a condition, a formula and an operand alike; empty if one of them will do."""
    catalogue = Permissive()
    operand = {"===": [rule, 0]}
    refusals = [
        check(rule, catalogue, allowed=Scope.CONDITION),
        check(rule, catalogue, allowed=Scope.FORMULA),
        check(operand, catalogue, allowed=Scope.CONDITION),
    ]
    if not all(refusals):
        return ""
    return refusals[0][0].message


def outcome(case: Case, *, by_reference: bool = False) -> Any:
    """The value of an admitted rule, compiled or by the reference interpreter."""
    facts = nested_facts(case.rule, case.data)
    try:
        value = (
            reference_interpreter.evaluate(case.rule, facts)
            if by_reference
            else compile_logic(case.rule).evaluate(facts)
        )
    except MissingFact:
        return ERROR
    return value


def is_same(value: Any, expected: Any) -> bool:
    """Equal, with booleans apart from numbers and decimals alike to 6 places."""
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    if is_number(value) and is_number(expected):
        return abs(Decimal(exact(value)) - Decimal(exact(expected))) < Decimal("1e-6")
    return bool(value == expected)
