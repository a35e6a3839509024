"""What an explanation shows of each row, and what it says is missing."""

from typing import Any

import pytest

from engine.language.explain import Explanation, ExplanationRow, RowState, explain
from engine.language.facts import Facts
from engine.language.words.formula_parts import formula_parts
from engine.language.words.wording import OperandWords
from tests.engine.language.rules import CATALOGUE

PASSED = {">=": [{"var": "metric.passed.total"}, 5]}
BRITISH = {"===": [{"var": "event.properties.country"}, "GB"]}
AMOUNT = {"var": "event.properties.amount"}


def explained(logic: Any, **facts: Any) -> Explanation:
    return explain(logic, {name.replace("__", "."): value for name, value in facts.items()}, CATALOGUE)


def states(row: ExplanationRow) -> list[str]:
    return [child.state.value for child in row.rows]


def test_a_row_shows_its_actual_value_and_how_far_it_is() -> None:
    row = explained(PASSED, metric__passed__total=2).root
    assert (row.state, row.actual, row.progress) == (RowState.FAIL, 2, "2 of 5")
    assert row.text == "assessments passed is at least 5"


def test_the_rest_of_a_count_is_put_into_its_own_words() -> None:
    assert explained(PASSED, metric__passed__total=1).missing == "4 more assessments passed"
    assert explained(PASSED, metric__passed__total=4).missing == "1 more assessment passed"


def test_a_rule_that_holds_has_nothing_unmet() -> None:
    trace = explained({"and": [PASSED, BRITISH]}, metric__passed__total=5, event__properties__country="GB")
    assert (trace.verdict, trace.missing, trace.root.progress) == (True, "", "2 of 2")


def test_every_row_of_an_all_group_is_shown_even_after_one_failed() -> None:
    trace = explained({"and": [PASSED, BRITISH]}, metric__passed__total=2, event__properties__country="GB")
    assert states(trace.root) == ["fail", "pass"]
    assert trace.root.progress == "1 of 2"


def test_an_all_group_lists_everything_unmet_once() -> None:
    logic = {"and": [PASSED, BRITISH, PASSED]}
    trace = explained(logic, metric__passed__total=3, event__properties__country="US")
    assert trace.missing == "2 more assessments passed and country is GB (now US)"


def test_an_any_group_names_what_takes_the_fewest_words() -> None:
    trace = explained({"or": [PASSED, BRITISH]}, metric__passed__total=3, event__properties__country="US")
    assert trace.missing == "country is GB (now US)"


def test_rows_after_the_one_that_decided_an_any_group_are_not_needed() -> None:
    logic = {"or": [BRITISH, PASSED, {"and": [PASSED]}]}
    trace = explained(logic, metric__passed__total=3, event__properties__country="GB")
    assert states(trace.root) == ["pass", "not_needed", "not_needed"]
    assert states(trace.root.rows[2]) == ["not_needed"]
    assert trace.root.rows[1].actual == 3


def test_a_missing_fact_is_unknown_and_does_not_match() -> None:
    trace = explained(BRITISH)
    assert (trace.verdict, trace.root.state, trace.missing) == (False, RowState.UNKNOWN, "country is not known")


def test_a_fact_of_another_type_is_unknown_and_does_not_match() -> None:
    trace = explained({">": [AMOUNT, 5]}, event__properties__amount="90")
    assert (trace.verdict, trace.root.state, trace.root.actual) == (False, RowState.UNKNOWN, "90")
    assert trace.missing == "amount has another type"


def test_a_calculation_without_an_answer_decides_the_whole_rule() -> None:
    calculated = {"!": {">": [{"+": [AMOUNT, 1]}, 5]}}
    trace = explained({"or": [{"and": [calculated]}, True]})
    assert (trace.verdict, trace.root.state) == (False, RowState.UNKNOWN)
    assert "amount is not known" in trace.missing


def test_a_group_is_unknown_only_if_nothing_is_known_to_fail() -> None:
    logic = {"and": [PASSED, BRITISH]}
    assert explained(logic, metric__passed__total=9).root.state is RowState.UNKNOWN
    assert explained(logic, metric__passed__total=1).root.state is RowState.FAIL


def test_a_negated_group_keeps_its_rows() -> None:
    trace = explained({"!": {"or": [PASSED, BRITISH]}}, metric__passed__total=9)
    assert (trace.verdict, trace.root.rows[0].state) == (False, RowState.PASS)
    assert states(trace.root.rows[0]) == ["pass", "not_needed"]


def test_rows_point_at_their_nodes() -> None:
    root = explain({"or": [{"and": [PASSED]}, BRITISH]}, {}, CATALOGUE, at="/3/condition").root
    assert root.rows[0].rows[0].path == "/3/condition/or/0/and/0"


@pytest.mark.parametrize(("numbers", "progress"), [([1, 2], "0 of 1"), ([1, 7], "1 of 1")])
def test_an_iterator_counts_the_items_that_match(numbers: list[int], progress: str) -> None:
    logic = {"some": [{"var": "event.properties.anything"}, {">": [{"var": ""}, 5]}]}
    assert explained(logic, event__properties__anything=numbers).root.progress == progress


@pytest.mark.parametrize(
    ("logic", "facts", "missing"),
    [
        ({">": [{"var": "streak.daily.current"}, 6]}, {"streak.daily.current": 4}, "3 more days of Daily streak"),
        ({">=": [{"var": "player.xp"}, 100]}, {"player.xp": 10}, "90 more XP"),
        ({"<=": [100, {"var": "player.coins"}]}, {"player.coins": 99}, "1 more coin"),
        ({">=": [{"var": "player.level"}, 3]}, {"player.level": 1}, "level is at least 3 (now 1)"),
        ({">=": [AMOUNT, 20.5]}, {"event.properties.amount": 20}, "amount is at least 20.5 EUR (now 20)"),
        ({"<": [AMOUNT, 20]}, {"event.properties.amount": 30}, "amount is below 20 EUR (now 30)"),
        ({">=": [{"var": "metric.passed.today"}, 2]}, {"metric.passed.today": 0}, "2 more assessments passed today"),
        (
            {">=": [{"var": "metric.passed.last_7_days"}, 2]},
            {"metric.passed.last_7_days": 0},
            "2 more assessments passed in 7 days",
        ),
        (
            {"in": ["week_on_fire", {"var": "player.badges"}]},
            {"player.badges": []},
            "the badge Week on Fire",
        ),
        (
            {"and": [{"in": [badge, {"var": "player.badges"}]} for badge in ("first_step", "week_on_fire")]},
            {"player.badges": ["first_step", "other"]},
            "the badge Week on Fire",
        ),
    ],
)
def test_unmet_conditions_are_put_briefly(logic: Any, facts: dict[str, Any], missing: str) -> None:
    assert explain(logic, facts, CATALOGUE).missing == missing


@pytest.mark.parametrize(
    ("badges", "actual"), [([], []), (["other"], []), (["other", "week_on_fire"], ["week_on_fire"])]
)
def test_a_row_about_one_item_of_a_list_shows_no_other_items(badges: list[str], actual: list[str]) -> None:
    logic = {"in": ["week_on_fire", {"var": "player.badges"}]}
    assert explain(logic, {"player.badges": badges}, CATALOGUE).root.actual == actual


def test_a_rule_that_was_not_admitted_is_not_explained() -> None:
    with pytest.raises(ValueError, match="unknown operator"):
        explain({"method": []}, {}, CATALOGUE)


def test_a_formula_is_taken_apart_with_the_value_of_each_part() -> None:
    logic = {"*": [50, {"+": [1, {"*": [0.05, {"var": "streak.daily.current"}]}]}]}
    parts = formula_parts(logic, Facts({"streak.daily.current": 5}), OperandWords(CATALOGUE))
    assert parts is not None
    assert (parts.value, [part.value for part in parts.parts]) == (62.5, [50, 1.25])
    assert parts.text.startswith("50 × 1.25 (")
    assert formula_parts(logic, Facts(), OperandWords(CATALOGUE)) is None
