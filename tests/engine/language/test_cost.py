"""What a rule may cost: a number of steps that no event and no author can exceed, whatever evaluates it."""

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest
from hypothesis import given

from engine.language import interpret, reference_interpreter
from engine.language.check import Scope, check
from engine.language.compile import compile_logic
from engine.language.facts import Facts, MissingFact
from engine.language.parse import ITEM_NODES_MAX, ITERATORS_MAX, NODES_MAX, STEPS_MAX, parse
from engine.language.semantics import ITEMS_MAX, MEMBERS_MAX, inside
from tests.engine.language.rules import CATALOGUE, any_facts, condition

LINES = {"var": "event.properties.lines"}
CALCULATED = {">": [{"+": [{"var": "price"}, 0.1]}, {"var": "weight"}]}
COMPARED = {">": [{"var": "price"}, {"var": "weight"}]}
OF_ITEM = {"or": [CALCULATED, *[COMPARED] * ((ITEM_NODES_MAX - 6) // 3)]}
WORST = {"and": [{"none": [LINES, OF_ITEM]} for _ in range(ITERATORS_MAX)]}
MOST = {"event.properties.lines": [{"price": 2.5, "weight": 2.75}] * ITEMS_MAX}
EVALUATORS = {
    "compiled": lambda logic, facts: compile_logic(logic).evaluate(facts),
    "reference": reference_interpreter.evaluate,
    "explained": lambda logic, facts: interpret.value_of(parse(logic)[0], Facts(facts)),
}
CALLS_A_STEP = 40
"""How many calls of Python functions a step comes to at most; json-logic-qubit makes the most of them."""


def calls(evaluate: Callable[[Any, Mapping[str, Any]], Any], logic: Any, facts: Mapping[str, Any]) -> int:
    """How many functions an evaluation calls: the same number on every machine."""
    call_count = 0

    def count(_: FrameType, event: str, __: Any) -> None:
        nonlocal call_count
        call_count += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        evaluate(logic, facts)
    except MissingFact:
        pass
    finally:
        sys.setprofile(None)
    return call_count


def values_asked(logic: Any, facts: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many parts of a rule are evaluated."""
    value_count, plain = [0], interpret.value_of

    def counted(*args: Any) -> Any:
        value_count[0] += 1
        return plain(*args)

    with monkeypatch.context() as patch:
        patch.setattr(interpret, "value_of", counted)
        counted(parse(logic)[0], Facts(facts))
    return value_count[0]


def test_the_worst_rule_is_admitted_and_one_with_one_more_part_is_not() -> None:
    larger = {"or": [*OF_ITEM["or"], COMPARED]}
    assert check(WORST, CATALOGUE, allowed=Scope.CONDITION) == []
    assert (
        "asks too much of each item" in check({"none": [LINES, larger]}, CATALOGUE, allowed=Scope.CONDITION)[0].message
    )


def test_the_worst_rule_on_the_worst_event_stays_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    value_count = values_asked(WORST, MOST, monkeypatch)
    assert STEPS_MAX / 2 < value_count <= STEPS_MAX


@pytest.mark.parametrize("way", sorted(EVALUATORS))
def test_a_step_is_a_few_calls_however_the_rule_is_evaluated(way: str) -> None:
    assert calls(EVALUATORS[way], WORST, MOST) <= CALLS_A_STEP * STEPS_MAX


@pytest.mark.parametrize("way", sorted(EVALUATORS))
def test_a_list_that_is_too_long_is_not_walked_and_costs_nothing(way: str) -> None:
    longer = {"event.properties.lines": [{"price": 2.5, "weight": 2.75}] * (ITEMS_MAX + 1)}
    assert EVALUATORS[way](WORST, longer) is False
    assert calls(EVALUATORS[way], WORST, longer) < calls(EVALUATORS[way], WORST, MOST) / 2


@pytest.mark.parametrize("way", sorted(EVALUATORS))
def test_nothing_is_in_a_list_that_is_too_long(way: str) -> None:
    logic = {"in": [{"var": "event.properties.amount"}, {"var": "event.properties.anything"}]}
    facts = {"event.properties.amount": 7, "event.properties.anything": [7] * MEMBERS_MAX}
    assert EVALUATORS[way](logic, facts) is True
    facts["event.properties.anything"].append(7)
    assert EVALUATORS[way](logic, facts) is False
    assert inside("a", ["a"] * (MEMBERS_MAX + 1)) is False


def steps(logic: Any, facts: Mapping[str, Any]) -> int:
    """What the compiled rule says it has cost."""
    known, compiled = Facts(facts), compile_logic(logic)
    compiled.holds(known)
    return compiled.steps + known.steps


def test_a_rule_may_calculate_a_few_times_with_each_item_and_says_where_it_is_too_often() -> None:
    [problem] = check({"some": [LINES, {"or": [CALCULATED] * 5}]}, CATALOGUE, allowed=Scope.CONDITION)
    assert problem.path == "/some/1/or/4/>/0/+"
    assert problem.message == "calculates too much with each item of a list: more than 4 calculations in one rule"
    assert check({"some": [LINES, {"or": [CALCULATED] * 4}]}, CATALOGUE, allowed=Scope.CONDITION) == []


def test_operands_of_one_calculation_with_each_item_count_too() -> None:
    sums = {">": [{"+": [{"var": "price"}, 1, 2, 3, 4, 5]}, 0]}
    assert "calculates too much" in check({"some": [LINES, sums]}, CATALOGUE, allowed=Scope.CONDITION)[0].message


def test_a_calculation_with_facts_is_not_one_with_items() -> None:
    sums = {">": [{"+": [{"var": "event.properties.amount"}, *range(20)]}, 0]}
    assert check({"and": [sums, {"some": [LINES, CALCULATED]}]}, CATALOGUE, allowed=Scope.CONDITION) == []


def test_the_steps_of_the_worst_rule_are_at_least_the_parts_that_are_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert steps(WORST, MOST) >= values_asked(WORST, MOST, monkeypatch)


def test_a_list_costs_by_its_length_and_one_that_is_not_walked_costs_nothing() -> None:
    logic = {"some": [LINES, {">": [{"var": "price"}, 9]}]}
    costs = [steps(logic, {"event.properties.lines": [{"price": 1}] * count}) for count in (0, 1, 2, ITEMS_MAX + 1)]
    assert costs[2] - costs[1] == costs[1] - costs[0] > 0
    assert costs[3] == costs[0]


def test_looking_for_something_costs_by_the_length_of_the_list_or_text() -> None:
    logic = {"in": [{"var": "event.properties.country"}, {"var": "event.properties.anything"}]}
    short, long = ({"event.properties.country": "GB", "event.properties.anything": "x" * count} for count in (8, 8000))
    assert steps(logic, long) - steps(logic, short) == 999
    facts = {"event.properties.country": "GB", "event.properties.anything": ["x"] * 100}
    assert steps(logic, facts) > 100


def test_steps_do_not_depend_on_where_an_iterator_stops() -> None:
    logic = {"some": [LINES, {">": [{"var": "price"}, 9]}]}
    lists = ([{"price": 10}, {"price": 1}], [{"price": 1}, {"price": 10}])
    assert len({steps(logic, {"event.properties.lines": lines}) for lines in lists}) == 1


def test_the_same_logic_is_compiled_once() -> None:
    assert compile_logic(WORST) is compile_logic({"and": list(WORST["and"])})
    assert compile_logic({"==": [LINES, 1]}) is not compile_logic({"==": [LINES, True]})
    assert compile_logic({"==": [LINES, 1]}).evaluate({"event.properties.lines": True}) is False


def test_numbers_in_a_list_that_each_item_is_compared_with_count_as_parts() -> None:
    logic = {"some": [LINES, {"in": [{"var": "price"}, [0.5 + number for number in range(ITEM_NODES_MAX)]]}]}
    assert "asks too much of each item" in check(logic, CATALOGUE, allowed=Scope.CONDITION)[0].message


@given(condition, any_facts)
def test_no_rule_on_any_event_costs_more_than_its_parts_for_each_item(logic: Any, facts: Any) -> None:
    walked = max((len(fact_value) for fact_value in facts.values() if isinstance(fact_value, list)), default=0)
    most = NODES_MAX + ITERATORS_MAX * ITEM_NODES_MAX * min(walked, ITEMS_MAX)
    assert calls(EVALUATORS["explained"], logic, facts) <= CALLS_A_STEP * most
