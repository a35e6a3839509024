"""Amounts as rows: what they lower to, what they can say, and what they leave to JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.forms.formula import Formula, lift_formula, lower_formula, read_formula
from engine.authoring.tree.edit_result import EditRefused
from engine.language.compile import compile_logic
from engine.language.facts import MissingFact
from tests.engine.language import rules

factor = rules.whole | st.sampled_from(rules.NUMBERS)
terms = st.lists(st.lists(factor, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)
products = rules.many(["*"], rules.numeric_leaf) | rules.numeric_leaf
sums = rules.many(["+"], products) | products | rules.many(["min"], products, 2)


def amount(logic, facts):
    try:
        return compile_logic(logic).number(facts)
    except MissingFact:
        return None


@given(terms, st.none() | rules.whole)
def test_a_formula_reads_back_as_it_was_written(parts, at_most):
    formula = Formula(parts, at_most)
    assert lift_formula(lower_formula(formula)) == formula


@given(sums, rules.any_facts)
def test_a_calculation_shown_as_rows_has_the_same_value(logic, facts):
    formula = lift_formula(logic)
    assert formula is None or amount(lower_formula(formula), facts) == amount(logic, facts)


def test_a_calculation_with_a_choice_can_only_be_edited_as_json():
    assert lift_formula({"if": [{"var": "event.properties.gift"}, 2, 1]}) is None


def test_base_times_multipliers_reads_from_its_fields():
    formula = read_formula([["50"], ["2", "event.properties.amount", ""], [""]], rules.CATALOGUE, "100")
    assert formula == Formula(((50,), (2, "event.properties.amount")), 100)


def test_an_unknown_fact_is_refused():
    with pytest.raises(EditRefused, match="no fact"):
        read_formula([["metric.nowhere.total"]], rules.CATALOGUE)
