"""Every admitted rule means the same compiled, interpreted by the reference, and explained."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from hypothesis import example, given

from engine.language import reference_interpreter
from engine.language.check import Scope, check
from engine.language.compile import compile_logic
from engine.language.explain import RowState, explain
from engine.language.facts import Facts, MissingFact
from engine.language.interpret import value_of
from engine.language.parse import parse
from engine.language.words.conditions import phrase
from tests.engine.language.rules import CATALOGUE, any_facts, calculation, condition, dirty_facts, typed_facts


def answer(evaluate: Callable[[Mapping[str, Any]], Any], facts: Mapping[str, Any]) -> Any:
    """The value with its type, since 1, 1.0 and True are equal in Python; or what was missing."""
    try:
        value = evaluate(facts)
    except MissingFact as unanswered:
        return MissingFact, unanswered.path, unanswered.reason
    return type(value), value


@given(condition, typed_facts)
def test_a_condition_over_typed_facts_means_the_same_compiled_and_by_the_reference(logic: Any, facts: Any) -> None:
    assert answer(compile_logic(logic).evaluate, facts) == answer(
        lambda known: reference_interpreter.evaluate(logic, known), facts
    )


@given(condition, dirty_facts)
def test_a_condition_over_missing_and_ill_typed_facts_means_the_same_compiled_and_by_the_reference(
    logic: Any, facts: Any
) -> None:
    assert answer(compile_logic(logic).evaluate, facts) == answer(
        lambda known: reference_interpreter.evaluate(logic, known), facts
    )


@given(calculation, any_facts)
def test_a_formula_means_the_same_compiled_and_by_the_reference(logic: Any, facts: Any) -> None:
    assert answer(compile_logic(logic).evaluate, facts) == answer(
        lambda known: reference_interpreter.evaluate(logic, known), facts
    )


@given(calculation, any_facts)
def test_a_formula_gives_a_bounded_number_of_at_most_six_decimal_places_or_says_what_is_missing(
    logic: Any, facts: Any
) -> None:
    kind, value, *_ = answer(compile_logic(logic).number, facts)
    assert kind is MissingFact or (kind in (int, Decimal) and abs(value) <= 10**15 and value == round(value, 6))


@given(condition, any_facts)
def test_the_value_shown_beside_a_row_is_the_compiled_value(logic: Any, facts: Any) -> None:
    node, _ = parse(logic)
    assert node is not None
    compiled = answer(compile_logic(logic).evaluate, facts)
    interpreted = answer(lambda known: value_of(node, Facts(known)), facts)
    assert interpreted == compiled


@given(condition, any_facts)
@example({">": [{"var": "metric.passed.total"}, 10**15]}, {"metric.passed.total": 0})
@example({">=": [{"var": "metric.passed.total"}, 10**15]}, {"metric.passed.total": -1})
def test_the_verdict_of_the_explanation_is_that_of_the_compiled_rule(logic: Any, facts: Any) -> None:
    holds = answer(compile_logic(logic).holds, facts) == (bool, True)
    trace = explain(logic, facts, CATALOGUE)
    assert trace.verdict is holds is (trace.root.state is RowState.PASS)
    assert bool(trace.missing) is not holds


@given(condition)
def test_the_random_conditions_are_admitted_and_read_as_sentences(logic: Any) -> None:
    assert check(logic, CATALOGUE, allowed=Scope.CONDITION) == []
    assert "".join(piece.text for piece in phrase(logic, CATALOGUE))


@given(condition)
def test_reading_a_condition_changes_nothing_in_it(logic: Any) -> None:
    before = repr(logic)
    compile_logic(logic).paths  # noqa: B018 — compiling is what might change it
    assert repr(logic) == before
