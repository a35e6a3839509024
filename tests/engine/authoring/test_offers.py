"""What a form offers for a row: comparisons that fit its fact, fields that fit both, values as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.forms.row_options import DAYS_MAX, days_of, facts_offered, operators_for, widget, with_days
from engine.authoring.forms.typed_values import parse_number, parse_value
from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.comparisons import COMPARISONS, is_complete
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow
from engine.language.check import Scope, check
from tests.engine.language import rules

FACTS = facts_offered(rules.CATALOGUE)
TYPED = {
    "number": "5",
    "numbers": "1, 2",
    "numbers2": ["1", "9"],
    "text": "sale",
    "texts": "sale, new",
    "choice": "GB",
    "choices": ["GB", "US"],
    "date": "2026-11-21",
    "dates2": ["2026-11-21", "2026-11-30"],
    "yes_no": "yes",
    "weekday": "1",
    "weekdays": ["1", "7"],
    "none": "",
}
offered = st.sampled_from(FACTS).flatmap(
    lambda fact: st.tuples(st.just(fact), st.sampled_from([offer.key for offer in operators_for(fact)]))
)


@given(offered)
def test_whatever_is_offered_and_filled_in_is_admitted(pair):
    fact, operator = pair
    texts = ["week_on_fire"] if fact.path == "player.badges" else TYPED[widget(fact, operator)]
    row = ConditionRow("c1", fact.path, operator, parse_value(fact, operator, texts))
    assert is_complete(COMPARISONS[operator], row.value)
    assert check(lower(ConditionGroup(rows=(row,))).logic, rules.CATALOGUE, allowed=Scope.CONDITION) == []


@given(offered, st.lists(st.text(max_size=8), max_size=3))
def test_typed_text_becomes_a_value_or_is_refused_in_words(pair, texts):
    fact, operator = pair
    try:
        value = parse_value(fact, operator, texts)
    except EditRefused as refused:
        value = str(refused)
    assert value is None or value == value  # noqa: PLR0124 — no NaN ever becomes a value


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.path)
def test_every_fact_has_comparisons_of_its_own_words(fact):
    offers = operators_for(fact)
    assert offers
    assert len({offer.words for offer in offers}) == len(offers)


def test_a_comparison_chosen_earlier_stays_in_the_list():
    fact = rules.CATALOGUE.fact("player.xp")
    assert "contains" not in [offer.key for offer in operators_for(fact)]
    assert "contains" in [offer.key for offer in operators_for(fact, "contains")]


@given(st.integers(1, DAYS_MAX))
def test_the_days_of_a_metric_fact_are_read_and_written(days):
    path = with_days("metric.passed.last_7_days", days)
    assert (days_of(path), rules.CATALOGUE.fact(path) is not None) == (days, True)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("5", 5), ("5.0", 5), ("12.5", 12.5), ("1 000", 1000), ("1\u202f000", 1000), ("−3", -3), ("+2", 2), ("1e3", 1000)],
)
def test_numbers_are_read_as_people_type_them(typed, value):
    assert parse_number(typed) == value
    assert type(parse_number(typed)) is type(value)


@pytest.mark.parametrize("typed", ["", "many", "nan", "inf", "1e999", "9" * 5000, "٣", "0x10", "1_000", "--3"])
def test_text_that_is_not_a_number_is_refused(typed):
    with pytest.raises(EditRefused):
        parse_number(typed)
