"""Taking one change back: exactly that change, and nothing that was changed after it."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.authoring.reverted import reverted
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, from_json, to_json, walk
from engine.authoring.tree.operations import apply
from tests.engine.authoring import trees
from tests.engine.authoring.test_operations import tried
from tests.engine.language import rules

UNITS = {
    ConditionRow: ["fact operator value", "is_muted", "note"],
    LogicBlock: ["logic", "is_muted", "note"],
    ConditionGroup: ["mode count", "is_muted", "note"],
}
BADGE = {"kind": "badge", "name": "Night owl", "tier": "silver"}


def said(tree):
    """What a tree says; how many ids were given in it only numbers new ones."""
    return replace(tree, made=0)


def units(tree):
    """`(id, members) → values` for everything of each node that is changed at once, and where each node is."""
    found = {}
    for node in walk(tree):
        for names in UNITS[type(node)]:
            found[node.id, names] = [getattr(node, name) for name in names.split()]
        if isinstance(node, ConditionGroup):
            found.update({(row.id, "parent"): node.id for row in node.rows})
    return found


XP = ConditionRow("", "player.xp", "at_least", 5)
GROUP = ConditionGroup("", "any", rows=(XP, ConditionRow("", "player.level", "is", 2)))
TREES = [
    trees.rooted(ConditionGroup(rows=rows))
    for rows in [(XP,), (XP, XP, XP), (XP, GROUP), (GROUP, XP, replace(GROUP, mode="none", rows=(XP, GROUP)))]
]
SHAPING = ("add_row", "add_group", "up", "down", "into", "out", "clone", "wrap", "unwrap", "delete", "or_not_set")
OPERATIONS = [
    *({"op": op} for op in (*SHAPING, "mute")),
    *({"op": "note", "text": text} for text in ("", "since the pilot")),
    *({"op": "set_mode", "mode": mode} for mode in ("all", "any", "none", "at_least")),
    *({"op": "set_fact", "fact": fact} for fact in ("player.xp", "player.badges", "event.properties.score")),
    *({"op": "set_operator", "operator": operator} for operator in ("at_least", "below", "between")),
    *({"op": "set_value", "text": text} for text in ("5", "7")),
    *({"op": "move", "to_group": group, "index": index} for group in ("root", "c2") for index in (0, 1)),
]


def edited(draw, tree):
    """The tree after one of the edits that are possible in it."""
    nodes = [node.id for node in walk(tree)]
    for operation in draw(st.permutations(OPERATIONS)):
        node = draw(st.sampled_from(nodes))
        edit = tried(tree, {**operation, "id": node, "group": node})
        if edit and said(edit.tree) != said(tree):
            return edit.tree
    raise AssertionError("a tree can always be edited")


@st.composite
def two_edits(draw):
    """A tree, the same after one edit, and that after another."""
    tree = draw(st.sampled_from(TREES))
    once = edited(draw, tree)
    return tree, once, edited(draw, once)


@given(two_edits())
def test_the_last_change_is_taken_back_entirely(made):
    before, after, _ = made
    document, tree = reverted((BADGE, before), (BADGE, after), (BADGE, after))
    assert (document, said(tree)) == (BADGE, said(before))


def touched(old, new):
    """The nodes that an edit changed, added, removed or moved, and the groups whose rows it changed."""
    sides = [{entry[0]: entry for entry in entries_of(tree)} for tree in (old, new)]
    return {at for at in {**sides[0], **sides[1]} if sides[0].get(at) != sides[1].get(at)}


def entries_of(node, group=None):
    """Each node: its id, what it says, the ids of its rows, and its group."""
    rows = node.rows if isinstance(node, ConditionGroup) else ()
    says = replace(node, rows=(), made=0) if isinstance(node, ConditionGroup) else node
    yield node.id, says, tuple(row.id for row in rows), group
    for row in rows:
        yield from entries_of(row, node.id)


@given(two_edits())
def test_what_was_changed_later_stays_and_only_the_change_is_gone(made):
    before, after, present = made
    result = reverted((BADGE, before), (BADGE, after), (BADGE, present))
    if result is None:
        assert touched(before, after) & touched(after, present)
        return
    tree = from_json(to_json(result[1]))
    old, changed, now, rest = (units(each) for each in (before, after, present, tree))
    later = {at for at in {*changed, *now} if changed.get(at) != now.get(at)}
    assert {at: rest.get(at) for at in later} == {at: now.get(at) for at in later}
    earlier = {at for at in {*old, *changed} if old.get(at) != changed.get(at)} - later
    gone = {node_id for node_id, _ in later if (node_id, "note") not in now}
    assert {at: rest.get(at) for at in earlier if at[0] not in gone} == {
        at: old.get(at) for at in earlier if at[0] not in gone
    }


@given(st.sampled_from(TREES), st.data())
def test_edits_of_different_rows_never_hinder_each_other(tree, data):
    rows = [node.id for node in walk(tree) if isinstance(node, ConditionRow)]
    assume(len(rows) > 1)
    mine, theirs = data.draw(st.permutations(rows))[:2]
    set_mine, set_theirs = (
        {"op": "set_fact", "id": row, "fact": data.draw(st.sampled_from(rules.NUMBERS))} for row in (mine, theirs)
    )
    after = apply(tree, set_mine, rules.CATALOGUE).tree
    present = apply(after, set_theirs, rules.CATALOGUE).tree
    result = reverted((BADGE, tree), (BADGE, after), (BADGE, present))
    assert result is not None
    assert said(result[1]) == said(apply(tree, set_theirs, rules.CATALOGUE).tree)


def test_members_of_the_document_are_taken_back_one_by_one():
    after = {**BADGE, "tier": "gold", "grant": {"xp": 5}, "rows": [{"to": "A", "days": 3}, {"to": "B"}]}
    present = {**after, "name": "Owl", "grant": {"xp": 5, "coins": 2}, "rows": [{"to": "A", "days": 3}, {"to": "C"}]}
    before = {**BADGE, "rows": [{"to": "A"}, {"to": "B"}]}
    tree = ConditionGroup()
    document, _ = reverted((before, tree), (after, tree), (present, tree))
    assert document == {**BADGE, "name": "Owl", "grant": {"coins": 2}, "rows": [{"to": "A"}, {"to": "C"}]}


def test_what_somebody_has_changed_since_is_not_taken_back():
    tree = ConditionGroup()
    after, present = {**BADGE, "tier": "gold"}, {**BADGE, "tier": "bronze"}
    assert reverted((BADGE, tree), (after, tree), (present, tree)) is None
