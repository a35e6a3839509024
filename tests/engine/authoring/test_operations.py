"""Edits of a tree: whatever is asked, the tree stays a tree; what is done can be told, focused and done backwards."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import (
    DEPTH_MAX,
    ROWS_MAX,
    ConditionGroup,
    ConditionRow,
    depths,
    find,
    from_json,
    to_json,
    walk,
)
from engine.authoring.tree.operations import OPERATIONS, apply
from tests.engine.authoring import trees
from tests.engine.authoring.trees import is_admitted, verdict_of
from tests.engine.language import rules

SHAPING = ("move", "up", "down", "into", "out")
VALUES = {
    "fact": ["player.xp", "player.badges", "event.properties.score", "nothing.at_all", ""],
    "operator": ["at_least", "is", "contains", "between", "is_set", "no_such"],
    "mode": ["all", "any", "none", "at_least", "some"],
    "count": [None, "", 0, 1, "2", "many", 10**9],
    "text": ["", "5", "1 000", "−3", "many", "yes", "2026-11-21", "x" * 3000],
    "texts": [[], ["1", "2"], ["a", ""], ["5"]],
    "index": [None, 0, "1", -1, "x"],
    "days": [1, "90", 91, "", None],
    "source": ["fact", "value", None],
    "logic": [None, {">=": [{"var": "player.xp"}, 5]}, {"method": []}, 5],
    "tree": [None, {}, {"id": "root", "rows": []}],
    "after": [None, "c1", "c99"],
}


@st.composite
def edits(draw):
    """A tree and an operation on some of its nodes, sensible or not."""
    tree = draw(trees.trees)
    ids = st.sampled_from([node.id for node in walk(tree)] + ["c999", "", None])
    given_values = {name: draw(st.sampled_from(values)) for name, values in VALUES.items() if draw(st.booleans())}
    return tree, {"op": draw(st.sampled_from(sorted(OPERATIONS))), "id": draw(ids), "group": draw(ids),
                  "to_group": draw(ids), **given_values}  # fmt: skip


def tried(tree, operation):
    """The edit; None where it is refused."""
    try:
        return apply(tree, operation, rules.CATALOGUE)
    except EditRefused:
        return None


def plain(node):
    """What a node says, without ids."""
    own = replace(node, id="")
    return replace(own, rows=tuple(map(plain, own.rows)), made=0) if isinstance(own, ConditionGroup) else own


@given(edits())
def test_an_edited_tree_can_be_stored(edit):
    edited = tried(*edit)
    if edited is not None:
        assert replace(from_json(to_json(edited.tree)), made=0) == replace(edited.tree, made=0)
        assert max(depths(edited.tree).values()) <= DEPTH_MAX + 1
        assert edited.tree.made >= edit[0].made or edit[1]["op"] == "set_logic"


@given(edits())
def test_an_edit_names_its_step_and_focuses_a_control_that_exists(edit):
    edited = tried(*edit)
    if edited is not None:
        assert edited.label[0].isupper()
        assert find(edited.tree, edited.focus.partition("-")[0]) is not None


@given(edits(), st.sampled_from(SHAPING))
def test_moving_neither_loses_nor_creates_rows(edit, op):
    tree, operation = edit
    edited = tried(tree, {**operation, "op": op, "index": 0})
    if edited is not None:
        leaves = [
            {n.id: plain(n) for n in walk(some_tree) if not isinstance(n, ConditionGroup)}
            for some_tree in (tree, edited.tree)
        ]
        assert leaves[0] == leaves[1]
        assert {node.id for node in walk(tree)} == {node.id for node in walk(edited.tree)}


@given(trees.trees, st.data())
@pytest.mark.parametrize(("there", "back"), [("up", "down"), ("down", "up"), ("mute", "mute")])
def test_moving_there_and_back_changes_nothing(there, back, tree, data):
    node = data.draw(st.sampled_from([node.id for node in walk(tree)]))
    edited = tried(tree, {"op": there, "id": node})
    if edited is not None:
        assert apply(edited.tree, {"op": back, "id": node}, rules.CATALOGUE).tree == tree


@given(trees.trees, rules.any_facts, st.data())
def test_wrapping_a_row_in_a_group_keeps_the_verdict_and_can_be_unwrapped(tree, facts, data):
    node = data.draw(st.sampled_from([node.id for node in walk(tree)]))
    edited = tried(tree, {"op": "wrap", "id": node})
    if edited is not None:
        wrapped, group = edited.tree, edited.focus.partition("-")[0]
        if is_admitted(lower(tree).logic):
            assert verdict_of(lower(wrapped).logic, facts) == verdict_of(lower(tree).logic, facts)
        dissolved = apply(wrapped, {"op": "unwrap", "id": group}, rules.CATALOGUE).tree
        assert replace(dissolved, made=tree.made) == tree


@given(trees.trees, st.data())
def test_a_clone_says_the_same_under_its_own_ids(tree, data):
    node = data.draw(st.sampled_from([node.id for node in walk(tree)]))
    edited = tried(tree, {"op": "clone", "id": node})
    if edited is not None:
        copy = find(edited.tree, edited.focus.partition("-")[0])
        assert plain(copy) == plain(find(tree, node))
        assert not {node.id for node in walk(copy)} & {node.id for node in walk(tree)}


@given(trees.trees, st.data())
def test_deleting_a_node_removes_everything_below_it(tree, data):
    below = data.draw(st.sampled_from([node.id for node in walk(tree)][1:] or ["root"]))
    edited = tried(tree, {"op": "delete", "id": below})
    gone = {node.id for node in walk(find(tree, below))}
    assert (edited is None) == (below == "root")
    if edited is not None:
        assert {node.id for node in walk(edited.tree)} == {node.id for node in walk(tree)} - gone


def test_a_new_row_gets_the_focus_on_its_fact_and_an_id_that_was_never_used():
    tree = ConditionGroup(rows=(ConditionRow("c1"),), made=7)
    edited = apply(tree, {"op": "add_row", "group": "root"}, rules.CATALOGUE)
    assert (edited.focus, edited.label) == ("c8-fact", "Added condition 2")


def test_the_type_of_a_new_fact_decides_whether_comparison_and_value_stay():
    tree = ConditionGroup(rows=(ConditionRow("c1", "player.xp", "at_least", 5),), made=1)
    assert (
        apply(tree, {"op": "set_fact", "id": "c1", "fact": "player.coins"}, rules.CATALOGUE).tree.rows[0].value is None
    )
    row = apply(tree, {"op": "set_fact", "id": "c1", "fact": "player.badges"}, rules.CATALOGUE).tree.rows[0]
    assert (row.operator, row.value) == ("contains", None)


def test_a_value_is_carried_over_to_a_comparison_that_takes_several():
    tree = ConditionGroup(rows=(ConditionRow("c1", "player.xp", "at_least", 5),), made=1)
    row = apply(tree, {"op": "set_operator", "id": "c1", "operator": "between"}, rules.CATALOGUE).tree.rows[0]
    assert row.value == [5, None]


def test_a_rule_does_not_grow_beyond_what_a_page_holds():
    tree = ConditionGroup(rows=tuple(ConditionRow(f"c{index}") for index in range(ROWS_MAX)), made=ROWS_MAX)
    with pytest.raises(EditRefused, match=f"at most {ROWS_MAX}"):
        apply(tree, {"op": "add_row", "group": "root"}, rules.CATALOGUE)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "fly"}, "Unknown edit"),
        ({"op": "delete", "id": "root"}, "outermost group stays"),
        ({"op": "up", "id": "c1"}, "already the first"),
        ({"op": "move", "id": "c2", "to_group": "c3", "index": 0}, "cannot move into itself"),
        ({"op": "unwrap", "id": "c1"}, "Only a group"),
        ({"op": "note", "id": "c1", "text": "x" * 501}, "at most 500"),
        ({"op": "set_value", "id": "c1", "text": "many"}, "not a number"),
        ({"op": "set_operator", "id": "c1", "operator": "contains"}, "not offered"),
    ],
)
def test_an_impossible_edit_is_refused_with_its_reason(operation, message):
    tree = ConditionGroup(
        rows=(ConditionRow("c1", "player.xp", "at_least", 5), ConditionGroup("c2", rows=(ConditionGroup("c3"),))),
        made=3,
    )
    with pytest.raises(EditRefused, match=message):
        apply(tree, operation, rules.CATALOGUE)
