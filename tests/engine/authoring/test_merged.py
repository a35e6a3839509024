"""Logic that is written anew changes the rows that it changes, and keeps of all others what logic cannot hold."""

from hypothesis import assume, given

from engine.authoring.jsonlogic.lift import lift
from engine.authoring.jsonlogic.lower import lower, takes_part
from engine.authoring.tree.merged import merged
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, depths, from_json, to_json, walk
from engine.authoring.tree.operations import apply
from tests.engine.authoring import trees
from tests.engine.authoring.trees import is_admitted
from tests.engine.language import rules

XP = ConditionRow("c1", "player.xp", "at_least", 5, note="since the pilot")
COINS = ConditionRow("c2", "player.coins", "at_least", 7, is_muted=True)
LEVEL = ConditionRow("c4", "player.level", "at_least", 3)
COUNTRY = ConditionRow("c5", "event.properties.country", "is", "GB", note="where it began")
TREE = ConditionGroup(rows=(XP, COINS, ConditionGroup("c3", "any", rows=(LEVEL, COUNTRY))), made=9)


def applied(tree, logic):
    return apply(tree, {"op": "set_logic", "logic": logic}, rules.CATALOGUE).tree


def with_number(logic, old: int, new: int):
    """The logic with another number in it."""
    if isinstance(logic, dict):
        return {name: with_number(operands, old, new) for name, operands in logic.items()}
    return (
        [with_number(operand, old, new) for operand in logic]
        if isinstance(logic, list)
        else new
        if logic == old
        else logic
    )


def test_changing_a_number_changes_one_row_and_nothing_else():
    tree = applied(TREE, with_number(lower(TREE).logic, 3, 4))
    changed = ConditionGroup(
        rows=(
            XP,
            COINS,
            ConditionGroup("c3", "any", rows=(ConditionRow("c4", "player.level", "at_least", 4), COUNTRY)),
        ),
        made=9,
    )
    assert tree == changed


def test_a_new_row_gets_an_id_that_was_never_used_and_the_others_keep_theirs():
    logic = lower(TREE).logic
    tree = applied(TREE, {"and": [*logic["and"], {"<": [{"var": "player.xp"}, 100]}]})
    assert [row.id for row in tree.rows] == ["c1", "c2", "c3", "c10"]
    assert tree.made == 10


def test_rows_gone_from_the_logic_are_removed_and_idle_rows_of_their_group_move_up():
    muted = ConditionRow("c6", "player.coins", "at_least", 1, is_muted=True)
    tree = ConditionGroup(rows=(XP, ConditionGroup("c3", "any", rows=(LEVEL, muted))), made=9)
    assert applied(tree, lower(ConditionGroup(rows=(XP,))).logic) == ConditionGroup(rows=(XP, muted), made=9)


def test_empty_logic_leaves_only_the_idle_rows():
    assert applied(TREE, None) == ConditionGroup(rows=(COINS,), made=9)


def test_a_block_is_recognised_by_its_logic():
    block = LogicBlock("c2", {"<": [{"%": [{"var": "player.xp"}, 7]}, 3]}, note="every seventh")
    tree = applied(ConditionGroup(rows=(XP, block), made=2), {"and": [block.logic, {">=": [{"var": "player.xp"}, 6]}]})
    assert tree.rows == (block, ConditionRow("c1", "player.xp", "at_least", 6, note="since the pilot"))


@given(trees.trees, rules.condition)
def test_the_merged_tree_has_the_logic_that_was_written(tree, logic):
    assume(is_admitted(logic))
    lifted = lift(logic, rules.CATALOGUE)
    assert lower(merged(tree, lifted)).logic == lower(lifted).logic


@given(trees.trees, trees.trees)
def test_the_merged_tree_keeps_all_idle_nodes(old, new):
    assume(is_admitted(lower(new).logic))
    tree = merged(old, lift(lower(new).logic, rules.CATALOGUE))
    assert from_json(to_json(tree)) == tree
    assert max(depths(tree).values()) <= 4
    idle = {node.id for node in walk(old) if node.id != "root" and not takes_part(node)}
    assert idle <= {node.id for node in walk(tree)}
    assert tree.made >= old.made
