"""Conditions in the rows of tables: found, kept in their places, told apart, and the same as JsonLogic."""

from dataclasses import replace

import pytest
from hypothesis import given

from engine.authoring.checks.draft_findings import draft_findings
from engine.authoring.checks.finished_document import finished_document
from engine.authoring.difference import difference
from engine.authoring.draft_sentence import draft_sentence, text_of
from engine.authoring.tree import conditions
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, walk
from engine.authoring.tree.operations import parted
from engine.kinds import KINDS
from tests.engine.authoring import trees
from tests.engine.language import rules

AMOUNT = "event.properties.amount"
BIG = {">=": [{"var": AMOUNT}, 50]}
ORDERED = {"to": "BUYER", "trigger": {"events": ["order_placed"]}}
LIFECYCLE = {
    "kind": "lifecycle", "key": "life", "name": "Life", "states": ["NEW", "BUYER"],
    "transitions": [{"to": "NEW", "after_days_inactive": 30}, {**ORDERED, "condition": BIG}],
}  # fmt: skip
AT = "/transitions/1/condition"
big = ConditionRow("c1", AMOUNT, "at_least", 50)


def of(tree, document=LIFECYCLE):
    """The lifecycle whose second step asks this."""
    return conditions.with_tree(document, AT, tree)


def test_every_place_of_logic_in_the_rows_of_a_document_has_a_tree():
    pointers = [part.at for part in conditions.draft_conditions(LIFECYCLE, ConditionGroup(), rules.CATALOGUE)]
    assert {place.at for place in KINDS[LIFECYCLE["kind"]].places(LIFECYCLE, "")} <= set(pointers)
    assert pointers == ["/transitions/0/condition", AT]


def test_the_nodes_of_two_rows_never_share_an_id():
    document = of(ConditionGroup(rows=(big,)), {**LIFECYCLE, "transitions": [{**ORDERED, "condition": BIG}] * 2})
    ids = [
        node.id
        for part in conditions.draft_conditions(document, ConditionGroup(), rules.CATALOGUE)
        for node in walk(part.tree)
    ]
    assert len(set(ids)) == len(ids)


@given(trees.trees)
def test_a_tree_in_a_row_is_read_back_from_its_place_and_is_logic_in_the_finished_document(tree):
    document = of(tree)
    assert conditions.tree_in(document, AT, rules.CATALOGUE) == tree
    badge = finished_document({"kind": "badge", "key": "b", "name": "B"}, tree)
    assert finished_document(document, ConditionGroup())["transitions"][1].get("condition") == badge["condition"]


@given(trees.trees)
def test_ids_of_a_page_lead_back_to_place_and_node(tree):
    named = conditions.on_page(tree, AT)
    assert [conditions.parse_page_id(node.id) for node in walk(named)] == [(AT, node.id) for node in walk(tree)]


def test_an_operation_names_nodes_of_one_condition_only():
    at, own = parted({"op": "move", "id": "transitions-1-condition-c4", "to_group": "transitions-1-condition-root"})
    assert (at, own["id"], own["to_group"]) == (AT, "c4", "root")
    with pytest.raises(EditRefused):
        parted({"op": "move", "id": "transitions-1-condition-c4", "to_group": "root"})


def test_logic_that_is_not_admitted_becomes_a_block_and_an_error():
    document = {**LIFECYCLE, "transitions": [{**ORDERED, "condition": {"log": [1]}}]}
    errors = draft_findings(document, ConditionGroup(), rules.CATALOGUE).errors
    assert [error.node for error in errors] == ["transitions-0-condition-c1"]
    assert finished_document(document, ConditionGroup()) == document


def test_a_tree_and_its_logic_have_the_same_sentence():
    sentences = [
        text_of(draft_sentence(document, ConditionGroup(), rules.CATALOGUE))
        for document in (LIFECYCLE, of(ConditionGroup(rows=(big,))))
    ]
    assert sentences[0] == sentences[1]
    assert "to BUYER when order placed and amount is at least 50 EUR." in sentences[0]


def test_a_changed_row_is_named_with_its_step():
    changed = of(ConditionGroup(rows=(replace(big, value=60),), made=1))
    lines = [
        line
        for line in difference((LIFECYCLE, ConditionGroup()), (changed, ConditionGroup()), rules.CATALOGUE)
        if line.sign != " "
    ]
    assert [(line.sign, line.number) for line in lines] == [("~", "1 of step 2")]


def test_a_version_remembers_what_logic_cannot_hold():
    noted = of(ConditionGroup(rows=(replace(big, note="As agreed"), replace(big, id="c2", is_muted=True)), made=2))
    published = finished_document(noted, ConditionGroup())
    assert published["transitions"][1]["condition"] == BIG
    assert conditions.with_remembered_trees(published, conditions.trees_of(noted), rules.CATALOGUE) == noted


def test_counters_of_ids_do_not_change_what_a_document_says():
    before, after = of(ConditionGroup(rows=(big,), made=1)), of(ConditionGroup(rows=(big,), made=2))
    assert before != after
    assert conditions.without_id_counters(before) == conditions.without_id_counters(after)
