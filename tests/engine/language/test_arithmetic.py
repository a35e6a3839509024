"""Decimal, strict, bounded: what operators do with their values."""

from decimal import Decimal
from typing import Any

import pytest

from engine.language.compile import compile_logic
from engine.language.facts import MissingFact, NoAnswerReason

A, B = {"var": "event.properties.a"}, {"var": "event.properties.b"}


def value(logic: Any, a: Any = None, b: Any = None) -> Any:
    return compile_logic(logic).evaluate({"event.properties.a": a, "event.properties.b": b})


@pytest.mark.parametrize(
    ("logic", "result"),
    [
        ({"+": [0.1, 0.2]}, Decimal("0.3")),
        ({"-": [0.3, 0.1]}, Decimal("0.2")),
        ({"*": [1.1, 1.1]}, Decimal("1.21")),
        ({"*": [{"/": [1, 3]}, 3]}, 1),
        ({"/": [1, 3]}, Decimal("0.333333")),
        ({"/": [2, 3]}, Decimal("0.666667")),
        ({"*": [0.0000005, 1]}, Decimal("0.000001")),
        ({"*": [-0.0000005, 1]}, Decimal("-0.000001")),
        ({"/": [4, 2]}, 2),
        ({"+": [0.5, 0.5]}, 1),
        ({"%": [-7, 3]}, -1),
        ({"%": [7, -3]}, 1),
        ({"%": [7.5, 2]}, Decimal("1.5")),
        ({"-": [5]}, -5),
        ({"min": [3, 2.5]}, Decimal("2.5")),
        ({"max": [3, 2.5, 7]}, 7),
        ({"+": [10**15, -1]}, 10**15 - 1),
        ({"if": [False, 1, {"+": [1, 1]}]}, 2),
    ],
)
def test_arithmetic_is_decimal_and_rounded_once(logic: Any, result: Any) -> None:
    answer = value(logic)
    assert (type(answer), answer) == (type(result), result)


@pytest.mark.parametrize(
    ("logic", "is_true"),
    [
        ({"===": [{"+": [0.1, 0.2]}, 0.3]}, True),
        ({"===": [{"+": [A, 0.2]}, B]}, True),
        ({">": [{"+": [A, 0.2]}, B]}, False),
        ({"in": [{"+": [A, 0.2]}, [0.3, 1]]}, True),
        ({"===": [{"+": [0.5, 0.5]}, 1.0]}, True),
    ],
)
def test_calculated_values_compare_by_their_decimal_value(logic: Any, is_true: bool) -> None:
    assert value(logic, 0.1, 0.3) is is_true


@pytest.mark.parametrize("operator", ["===", "!==", "==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize(("a", "b"), [(None, 5), (5, None), ("5", 5), (True, 1), ([5], 5), ({}, 5), (None, None)])
def test_values_that_do_not_fit_satisfy_no_comparison(operator: str, a: Any, b: Any) -> None:
    assert value({operator: [A, B]}, a, b) is False
    assert value({operator: [A, 5]}, a) is (a == 5 and type(a) is int and "=" in operator and operator[0] != "!")


@pytest.mark.parametrize(
    ("needle", "hay"), [(1, [True]), (1, ["1"]), ("a", {"a": 1}), (None, [None]), (1, "1"), ("a", 5)]
)
def test_in_is_strict(needle: Any, hay: Any) -> None:
    assert value({"in": [A, B]}, needle, hay) is False


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "%", "min", "max"])
@pytest.mark.parametrize("wrong", [None, "5", True, [5], {}])
def test_arithmetic_with_a_value_that_is_not_a_number_names_the_fact(operator: str, wrong: Any) -> None:
    with pytest.raises(MissingFact) as caught:
        value({operator: [5, A]}, wrong)
    assert (caught.value.path, caught.value.reason) == ("event.properties.a", NoAnswerReason.MISSING)


@pytest.mark.parametrize(
    ("logic", "a", "reason"),
    [
        ({"/": [5, A]}, 0, NoAnswerReason.DIVISION_BY_ZERO),
        ({"%": [5, A]}, 0.0, NoAnswerReason.DIVISION_BY_ZERO),
        ({"*": [A, A]}, 10**8, NoAnswerReason.TOO_LARGE),
        ({"*": [A, A]}, 1e300, NoAnswerReason.TOO_LARGE),
        ({"+": [A, 10**15]}, 1, NoAnswerReason.TOO_LARGE),
        ({"+": [A]}, 10**400, NoAnswerReason.TOO_LARGE),
        ({"-": [A, 0.5]}, -(10**400), NoAnswerReason.TOO_LARGE),
        ({"/": [A, 1e-300]}, 1, NoAnswerReason.TOO_LARGE),
        ({"%": [10**15, A]}, 1e-300, NoAnswerReason.TOO_LARGE),
        ({"max": [A, 1]}, 2**53, NoAnswerReason.TOO_LARGE),
    ],
)
def test_arithmetic_without_a_bounded_result_says_why(logic: Any, a: Any, reason: NoAnswerReason) -> None:
    with pytest.raises(MissingFact) as caught:
        value(logic, a)
    assert caught.value.reason is reason


def test_squaring_again_and_again_stops_at_the_bound() -> None:
    logic: Any = A
    for _ in range(14):
        logic = {"*": [logic, 7]}
    assert value(logic, 2) == 2 * 7**14
    with pytest.raises(MissingFact, match="too_large"):
        value(logic, 10**6)


def test_a_formula_that_is_no_number_names_the_fact() -> None:
    with pytest.raises(MissingFact) as caught:
        compile_logic(A).number({})
    assert caught.value.path == "event.properties.a"


def test_a_missing_or_null_fact_takes_its_default() -> None:
    assert value({"+": [{"var": ["event.properties.a", 7]}, 1]}) == 8
    assert compile_logic({"var": ["event.properties.x", "none"]}).evaluate({}) == "none"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], [False, False, True]),
        (None, [False, False, False]),
        ("text", [False, False, False]),
        ([9], [True, True, False]),
        ([1, 9], [True, False, False]),
        ([9] * 1001, [False, False, False]),
    ],
)
def test_iterators_walk_bounded_lists_only(items: Any, expected: list[bool]) -> None:
    assert [value({name: [A, {">": [{"var": ""}, 5]}]}, items) for name in ("some", "all", "none")] == expected


def test_filter_gives_the_items_themselves_and_leaves_the_fact_alone() -> None:
    items = [{"price": 1}, {"price": 9}, 0, None]
    assert value({"filter": [A, {">": [{"var": "price"}, 5]}]}, items) == [{"price": 9}]
    assert len(items) == 4


def test_falsy_items_count_as_items() -> None:
    assert value({"all": [A, {">=": [{"var": ""}, 0]}]}, [0, 1, 2]) is True


def test_missing_returns_facts_that_are_missing_null_or_empty() -> None:
    logic = {"missing": ["event.properties.a", "event.properties.b", "player.xp"]}
    assert value(logic, "", 0) == ["event.properties.a", "player.xp"]


def test_compiled_rules_see_no_builtins() -> None:
    assert compile_logic({">": [A, 5]}).rule.__globals__["__builtins__"] == {}


def test_a_compiled_rule_names_the_facts_it_reads() -> None:
    logic = {"and": [{">": [A, 5]}, {"missing": ["player.xp"]}, {"some": [B, {">": [{"var": "price"}, 1]}]}]}
    assert compile_logic(logic).paths == {"event.properties.a", "event.properties.b", "player.xp"}
