"""A tree, its JSON and its JsonLogic say the same."""

import json

import pytest
from hypothesis import assume, given

from engine.authoring.jsonlogic.lift import lift
from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, from_json, numbers, to_json, walk
from engine.language.facts import MissingFact
from engine.language.reference_interpreter import evaluate
from tests.engine.authoring import trees
from tests.engine.authoring.trees import is_admitted, verdict_of
from tests.engine.language import rules


@given(trees.trees)
def test_a_tree_survives_its_json(tree):
    assert from_json(json.loads(json.dumps(to_json(tree)))) == tree


@given(trees.trees, rules.any_facts)
def test_a_lifted_tree_means_the_same(tree, facts):
    logic = lower(tree).logic
    assume(is_admitted(logic))
    assert verdict_of(lower(lift(logic, rules.CATALOGUE)).logic, facts) == verdict_of(logic, facts)


@given(trees.trees, rules.typed_facts)
def test_the_reference_and_the_compiled_rule_agree_about_a_tree(tree, facts):
    logic = lower(tree).logic
    assume(logic is not None and is_admitted(logic))
    try:
        expected = bool(evaluate(logic, facts))
    except MissingFact:
        expected = False
    assert verdict_of(logic, facts) == expected


@given(rules.condition, rules.any_facts)
def test_any_admitted_condition_means_the_same_as_a_tree(logic, facts):
    assume(is_admitted(logic))
    lowered = lower(lift(logic, rules.CATALOGUE))
    assert lowered.problems == ()
    assert is_admitted(lowered.logic)
    assert verdict_of(lowered.logic, facts) == verdict_of(logic, facts)


@given(rules.condition)
def test_lifting_what_was_lowered_changes_nothing_more(logic):
    assume(is_admitted(logic))
    once = lower(lift(logic, rules.CATALOGUE)).logic
    assert lower(lift(once, rules.CATALOGUE)).logic == once


@given(trees.trees)
def test_every_node_has_its_own_number(tree):
    numbers_by_node = numbers(tree)
    assert len(set(numbers_by_node.values())) == len(list(walk(tree)))


def test_numbers_read_as_paths_from_the_root():
    tree = ConditionGroup(
        rows=(ConditionRow("c1"), ConditionGroup("c2", rows=(ConditionRow("c3"), ConditionRow("c4"))))
    )
    assert numbers(tree) == {"root": "", "c1": "1", "c2": "2", "c3": "2.1", "c4": "2.2"}


def test_muted_and_empty_parts_are_left_out():
    tree = ConditionGroup(
        rows=(
            ConditionRow("c1", "player.xp", "at_least", 5),
            ConditionRow("c2", "player.xp", "below", 9, is_muted=True),
        )
    )
    assert lower(tree).logic == {">=": [{"var": "player.xp"}, 5]}


def test_a_row_without_a_value_is_reported_at_its_node():
    lowered = lower(ConditionGroup(rows=(ConditionRow("c7", "player.xp", "at_least"),)))
    assert [(problem.path, problem.message) for problem in lowered.problems] == [("c7", "give a value")]


@pytest.mark.parametrize(
    "raw",
    [{}, {"id": "c1", "rows": []}, {"id": "root", "rows": [{"id": "root"}]}, {"id": "root", "rows": [{"id": 3}]}],
)
def test_json_that_is_not_a_tree_is_refused(raw):
    with pytest.raises(ValueError, match="no condition tree"):
        from_json(raw)
