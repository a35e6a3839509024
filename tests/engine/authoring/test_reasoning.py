"""What the checks claim about rows is true of every judgement."""

import json
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.authoring.checks.dnf import OPAQUE, TooManyAlternatives, alternatives
from engine.authoring.checks.ranges import Range, both, has_values, kind_of
from engine.authoring.checks.reasoning import reason
from engine.authoring.jsonlogic.lower import lower
from engine.authoring.trace import trace_tree
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, replaced
from engine.authoring.tree.operations import apply
from engine.language.check import Scope, check
from engine.language.semantics import inside
from tests.engine.authoring import trees
from tests.engine.authoring.trees import verdict_of
from tests.engine.language import rules
from tests.lengths import brief_or_long

AMOUNT, COUNTRY, GIFT, STREAK = (
    "event.properties.amount",
    "event.properties.country",
    "event.properties.gift",
    "streak.daily.current",
)
some_facts = st.fixed_dictionaries({}, optional=rules.fitting)
few_rows = trees.trees_of(trees.number_rows | trees.text_rows | trees.badge_rows | trees.yes_no_rows)


def verdict(tree, facts):
    return verdict_of(lower(tree).logic, facts)


def is_admitted(tree):
    logic = lower(tree).logic
    return logic is not None and not check(logic, rules.CATALOGUE, allowed=Scope.CONDITION)


def row(fact, operator, value=None, node_id="c1"):
    return ConditionRow(node_id, fact, operator, value)


def findings_of(*rows, mode="all", count=None):
    findings, _ = reason(ConditionGroup(mode=mode, count=count, rows=rows), rules.CATALOGUE)
    return [(finding.code, finding.node) for finding in findings]


def value_behind(key, facts):
    """What stands behind the key of a range."""
    if key.startswith(OPAQUE):
        return verdict_of(json.loads(key.removeprefix(OPAQUE)), facts)
    path, _, sought = key.partition(" ∋ ")
    return inside(json.loads(sought), facts.get(path)) if sought else facts.get(path)


def admits(range_, value):
    is_other = value is None or bool(range_.kind and kind_of(value) != range_.kind)
    only = Range(kind_of(value), allowed=frozenset([value])) if not is_other else None
    return range_.absent if only is None else has_values(both(range_, only))


@settings(max_examples=brief_or_long(60, 600))
@given(few_rows, some_facts)
def test_a_tree_holds_exactly_where_one_of_its_alternatives_does(tree, facts):
    assume(is_admitted(tree))
    try:
        boxes = alternatives(tree)
    except TooManyAlternatives:
        return
    box_verdicts = [all(admits(range_, value_behind(key, facts)) for key, range_ in box.items()) for box in boxes]
    assert any(box_verdicts) == verdict(tree, facts)


@settings(max_examples=brief_or_long(60, 600))
@given(few_rows, some_facts)
def test_removing_a_redundant_row_changes_nothing(tree, facts):
    assume(is_admitted(tree))
    for finding in reason(tree, rules.CATALOGUE)[0]:
        if finding.code == "redundant":
            without = apply(tree, finding.fix, rules.CATALOGUE).tree
            assert verdict(without, facts) == verdict(tree, facts)


@settings(max_examples=brief_or_long(60, 600))
@given(few_rows, some_facts)
def test_muting_an_unreachable_row_changes_nothing(tree, facts):
    assume(is_admitted(tree))
    for finding in reason(tree, rules.CATALOGUE)[0]:
        if finding.code == "unreachable":
            muted = replaced(tree, finding.node, lambda node: (replace(node, is_muted=True),))
            assert verdict(muted, facts) == verdict(tree, facts)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((row(AMOUNT, "above", 100), row(AMOUNT, "below", 50, "c2")), "contradiction"),
        ((row(COUNTRY, "is", "GB"), row(COUNTRY, "one_of", ["US", "CA"], "c2")), "contradiction"),
        ((row(COUNTRY, "is", "GB"), row(COUNTRY, "none_of", ["GB"], "c2")), "contradiction"),
        ((row(AMOUNT, "at_least", 5), row(AMOUNT, "is_not_set", None, "c2")), "contradiction"),
        ((row("player.badges", "contains", "a"), row("player.badges", "has_none", ["a", "b"], "c2")), "contradiction"),
        ((row(AMOUNT, "at_least", 5), row(AMOUNT, "at_least", 3, "c2")), "redundant"),
        ((row(COUNTRY, "one_of", ["GB", "US"]), row(COUNTRY, "one_of", ["GB", "US", "CA"], "c2")), "redundant"),
        ((row(AMOUNT, "at_least", 5), row(AMOUNT, "is_set", None, "c2")), "redundant"),
        ((row(GIFT, "is", True), row("player.xp", "at_least", 0, "c2")), "always"),
        ((row(GIFT, "is", True), row("time.weekday", "between", [1, 7], "c2")), "always"),
        ((row(GIFT, "is", True), row(AMOUNT, "between", [9, 3], "c2")), "never"),
    ],
)
def test_contradictions_in_an_all_group_are_found(rows, code):
    assert findings_of(*rows) == [(code, "c2")]


@pytest.mark.parametrize(
    "rows",
    [
        (row(AMOUNT, "at_least", 5), row(AMOUNT, "at_most", 5, "c2")),
        (row(AMOUNT, "above", 5), row(AMOUNT, "is_not", 7, "c2")),
        (row(AMOUNT, "at_least", 5), row("metric.passed.total", "below", 3, "c2")),
        (row(AMOUNT, "at_least", 5), row(AMOUNT, "below", {"fact": "metric.passed.total"}, "c2")),
        (row("player.badges", "contains", "a"), row("player.badges", "lacks", "b", "c2")),
        (row(STREAK, "at_least", 1),),
    ],
)
def test_compatible_rows_have_no_findings(rows):
    assert findings_of(*rows) == []


def test_an_any_group_that_covers_every_value_is_reported():
    assert findings_of(row(AMOUNT, "at_least", 5), row(AMOUNT, "below", 9, "c2"), mode="any") == [("always", "root")]
    assert findings_of(row(GIFT, "is", True), row(GIFT, "is", False, "c2"), mode="any") == [("always", "root")]


def test_or_is_not_set_is_not_reported():
    assert findings_of(row(AMOUNT, "at_least", 5), row(AMOUNT, "is_not_set", None, "c2"), mode="any") == []


def test_a_branch_excluded_by_the_rows_around_it_is_reported():
    branch = ConditionGroup("c2", "any", rows=(row(AMOUNT, "below", 50, "c3"), row(COUNTRY, "is", "GB", "c4")))
    assert findings_of(row(AMOUNT, "above", 100), branch) == [("unreachable", "c3")]


def test_three_rows_that_exclude_each_other_only_together_are_reported():
    either = ConditionGroup("c1", "any", rows=(row(COUNTRY, "is", "GB", "c2"), row(AMOUNT, "below", 5, "c3")))
    found_all = findings_of(either, row(COUNTRY, "is_not", "GB", "c4"), row(AMOUNT, "above", 9, "c5"))
    assert ("never", "root") in found_all


def test_too_many_alternatives_are_not_analysed():
    groups = [
        ConditionGroup(f"c{n}", "any", rows=tuple(row(f"metric.{key}.total", "is", n, f"c{n}{key}") for key in "abcde"))
        for n in range(1, 5)
    ]
    _, beyond = reason(ConditionGroup(rows=tuple(groups)), rules.CATALOGUE)
    assert beyond[0] == "The conditions: too many alternatives"


def test_a_branch_is_compared_with_what_is_around_it_however_many_pairs_that_makes():
    around = ConditionGroup("c2", "any", rows=any_number("a", 13))
    below = ConditionGroup("c4", "any", rows=any_number("b", 6))
    branch = ConditionGroup("c3", "any", rows=(below, row(AMOUNT, "above", 100)))
    findings, beyond = reason(ConditionGroup(rows=(row(AMOUNT, "below", 50, "c5"), around, branch)), rules.CATALOGUE)
    assert [(finding.code, finding.node) for finding in findings] == [("unreachable", "c1")]
    assert not any("branch" in text for text in beyond)


def any_number(key, count):
    return tuple(row(f"metric.{key}.total", "is", number, f"c1{key}{number}") for number in range(count))


def test_of_two_bounds_the_narrower_applies_whichever_comes_first():
    narrow, wide = Range("number", low=3, high=5), Range("number", low=1, high=9)
    for range_ in (both(narrow, wide), both(wide, narrow)):
        assert (range_.low, range_.high) == (3, 5)


@pytest.mark.parametrize("mode", ["all", "any", "none", "at_least"])
@pytest.mark.parametrize("hour", range(24))
def test_hours_past_midnight_are_mended_by_one_edit(mode, hour):
    night = ConditionRow("c1", "time.hour", "between", [22, 5])
    tree = ConditionGroup(mode=mode, count=1 if mode == "at_least" else None, rows=(night,), made=1)
    (never,) = (warning for warning in reason(tree, rules.CATALOGUE)[0] if warning.node == "c1")
    mended = apply(tree, never.fix, rules.CATALOGUE).tree
    assert not [warning for warning in reason(mended, rules.CATALOGUE)[0] if warning.code == "never"]
    is_night = hour >= 22 or hour <= 5
    assert trace_tree(mended, {"time.hour": hour}, rules.CATALOGUE).verdict is (is_night is not (mode == "none"))


def test_hours_of_one_day_are_left_alone():
    day = ConditionGroup(rows=(ConditionRow("c1", "time.hour", "between", [9, 17]),), made=1)
    with pytest.raises(EditRefused):
        apply(day, {"op": "past_midnight", "id": "c1"}, rules.CATALOGUE)
