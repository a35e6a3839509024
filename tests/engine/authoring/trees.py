"""Random condition trees, with muted parts, notes, empty groups and rows that are not filled in."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from engine.authoring.tree.comparisons import COMPARISONS, Takes
from engine.authoring.tree.edit_result import with_fresh_ids
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock
from engine.language.check import Scope, check
from engine.language.compile import compile_logic
from engine.language.facts import MissingFact
from tests.engine.language import rules

TEXTS = ["player.badges", "event.properties.tags"]
badge = st.just("week_on_fire")


def several(value):
    return st.lists(value, min_size=1, max_size=3)


def pair(value):
    return st.lists(value, min_size=2, max_size=2)


def rows_over(paths: list[str], value: st.SearchStrategy[Any], keys: str) -> st.SearchStrategy[ConditionRow]:
    """Filled rows over one of `paths`."""

    def valued(key: str) -> st.SearchStrategy[ConditionRow]:
        takes = COMPARISONS[key].takes
        values = {Takes.ONE: value, Takes.TWO: pair(value), Takes.SEVERAL: several(value), Takes.NOTHING: st.none()}
        return st.builds(ConditionRow, st.just(""), st.sampled_from(paths), st.just(key), values[takes])

    return st.sampled_from(keys.split()).flatmap(valued)


number_rows = rows_over(
    rules.NUMBERS, rules.number, "at_least at_most above below is is_not between one_of none_of is_set is_not_set"
)
other_rows = st.builds(
    ConditionRow,
    st.just(""),
    st.sampled_from(rules.NUMBERS),
    st.sampled_from(["at_least", "below", "is"]),
    st.sampled_from(rules.NUMBERS).map(lambda path: {"fact": path}),
)
text_rows = rows_over(rules.TEXTS, rules.country, "is is_not one_of none_of contains lacks is_set is_not_set")
yes_no_rows = rows_over(rules.BOOLEANS, st.booleans(), "is is_set is_not_set")
date_rows = rows_over(rules.DATES, rules.dated, "at_least at_most above below is is_not between is_set")
badge_rows = rows_over(["player.badges"], badge, "contains lacks has_any has_all has_none holds holds_not")
unknown_rows = rows_over(rules.UNKNOWN, rules.number, "at_least below is is_not one_of none_of contains is_set")
filled = number_rows | other_rows | text_rows | yes_no_rows | date_rows | badge_rows | unknown_rows
half_filled = st.sampled_from(
    [
        ConditionRow(""),
        ConditionRow("", "player.xp"),
        ConditionRow("", "player.xp", "at_least"),
        ConditionRow("", None, "is", 3),
    ]
)
plain_blocks = st.builds(LogicBlock, st.just(""), rules.comparison)
notes = st.sampled_from(["", "since the pilot"])


def marked(nodes):
    """Some of them muted, some with a note."""
    muting = st.sampled_from([False, False, False, True])
    return st.builds(lambda node, off, note: replace(node, is_muted=off, note=note), nodes, muting, notes)


def groups_of(inner):
    """Groups over `inner` in every mode."""
    modes = st.sampled_from([("all", None), ("any", None), ("none", None), ("at_least", 1), ("at_least", 2)])
    return st.builds(
        lambda mode, rows: ConditionGroup("", mode[0], mode[1], tuple(rows)), modes, st.lists(inner, max_size=4)
    )


def trees_of(leaf):
    """Whole trees, three groups deep at most, with ids."""
    inner = marked(leaf) | marked(groups_of(marked(leaf)))
    outer = marked(leaf) | marked(groups_of(inner))
    return groups_of(outer).map(rooted)


def rooted(group):
    """The group as a root, with ids made one after another."""
    root = ConditionGroup("root", group.mode, group.count)
    rows = []
    for row in group.rows:
        root, new = with_fresh_ids(root, row)
        rows.append(new)
    return replace(root, rows=tuple(rows))


trees = trees_of(filled | filled | half_filled | plain_blocks)


def is_admitted(logic):
    return logic is None or not check(logic, rules.CATALOGUE, allowed=Scope.CONDITION)


def verdict_of(logic, facts):
    """Whether admitted logic holds; a calculation without an answer does not."""
    try:
        return logic is None or compile_logic(logic).holds(facts)
    except MissingFact:
        return False
