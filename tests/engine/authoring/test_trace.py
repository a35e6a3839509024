"""The marks beside the rows come to the verdict of the compiled rule and say what was found."""

import pytest
from hypothesis import assume, given

from engine.authoring.jsonlogic.lower import lower
from engine.authoring.trace import NodeState, trace_tree
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, walk
from engine.language.check import Scope, check
from tests.engine.authoring import trees
from tests.engine.authoring.trees import verdict_of
from tests.engine.language import rules

SCORE, PASSED, STREAK = "event.properties.amount", "metric.passed.this_month", "streak.daily.current"


def row(fact, operator, value=None, node_id="c1", *, is_muted=False):
    return ConditionRow(node_id, fact, operator, value, is_muted)


def mark(node, facts, mode="all", *others):
    return trace_tree(ConditionGroup(mode=mode, rows=(node, *others)), facts, rules.CATALOGUE).of[node.id]


@given(trees.trees, rules.any_facts)
def test_the_verdict_is_that_of_the_compiled_rule(tree, facts):
    logic = lower(tree).logic
    assume(logic is None or not check(logic, rules.CATALOGUE, allowed=Scope.CONDITION))
    assert trace_tree(tree, facts, rules.CATALOGUE).verdict == verdict_of(logic, facts)


@given(trees.trees, rules.any_facts)
def test_every_node_has_a_mark(tree, facts):
    assert set(trace_tree(tree, facts, rules.CATALOGUE).of) == {node.id for node in walk(tree)}


@given(trees.trees, rules.any_facts)
def test_nothing_fails_in_an_all_group_that_holds(tree, facts):
    trace = trace_tree(tree, facts, rules.CATALOGUE)
    if trace.verdict and tree.mode == "all":
        failing = [row_node for row_node in tree.rows if trace.of[row_node.id].state is NodeState.FAIL]
        assert failing == []


@pytest.mark.parametrize(
    ("node", "facts", "state", "text", "why"),
    [
        (row(SCORE, "at_least", 40), {SCORE: 38}, "fail", "38 EUR", "amount 38 EUR is not at least 40 EUR"),
        (row(SCORE, "at_least", 40), {SCORE: 91}, "pass", "91 EUR", "amount 91 EUR is at least 40 EUR"),
        (row(PASSED, "at_least", 3), {PASSED: 2}, "fail", "2 of 3", None),
        (row(STREAK, "at_least", 4), {STREAK: 5}, "pass", "5 days", None),
        (row(SCORE, "at_least", 40), {}, "unknown", "no value", "amount is not known"),
        (row(SCORE, "at_least", 40), {SCORE: "40"}, "unknown", "another type", None),
        (row(SCORE, "at_least"), {SCORE: 40}, "unknown", "not tried", "give a value"),
        (row(SCORE, "at_least", 40, is_muted=True), {SCORE: 40}, "muted", "muted", None),
        (row("event.properties.gift", "is", True), {"event.properties.gift": False}, "fail", "no", None),
        (row("player.badges", "contains", "week_on_fire"), {"player.badges": []}, "fail", "none", None),
    ],
)
def test_a_row_shows_what_was_found(node, facts, state, text, why):
    node_trace = mark(node, facts)
    assert (node_trace.state, node_trace.text) == (state, text)
    assert why is None or node_trace.why == why


def test_rows_after_the_one_that_holds_are_not_needed():
    node = row(SCORE, "at_least", 99, "c2")
    trace = trace_tree(ConditionGroup(mode="any", rows=(row(SCORE, "at_least", 1), node)), {SCORE: 5}, rules.CATALOGUE)
    assert trace.of["c2"].state is NodeState.NOT_NEEDED


def test_a_row_of_a_none_group_passes_when_it_does_not_hold():
    assert mark(row(SCORE, "at_least", 99), {SCORE: 5}, "none").state is NodeState.PASS
    assert mark(row(SCORE, "at_least", 1), {SCORE: 5}, "none").state is NodeState.FAIL


def test_a_group_counts_what_holds():
    group = ConditionGroup(
        "c9", "at_least", 2, (row(SCORE, "at_least", 1), row(SCORE, "at_least", 99, "c2"), row(SCORE, "below", 3, "c3"))
    )
    node_trace = mark(group, {SCORE: 5})
    assert (node_trace.state, node_trace.text, node_trace.why) == (NodeState.FAIL, "1 of 3", "1 of 3 hold; 2 must")


def test_a_calculation_without_an_answer_decides_the_whole_rule():
    broken = LogicBlock("c1", {">": [{"+": [{"var": SCORE}, 1]}, 0]})
    trace = trace_tree(ConditionGroup(mode="none", rows=(broken,)), {}, rules.CATALOGUE)
    assert not trace.verdict
    assert trace.of["c1"].state is NodeState.UNKNOWN


@given(trees.trees)
def test_a_tree_with_an_unfinished_row_has_no_verdict(tree):
    trace = trace_tree(tree, {}, rules.CATALOGUE)
    assert bool(trace.unfinished) is bool(lower(tree).problems)
    assert trace.of[tree.id].text in (("not finished",) if trace.unfinished else ("match", "no match"))
