"""A diff names every row and field that changed, and the words of the sentence that did."""

from dataclasses import replace

from hypothesis import given

from engine.authoring.difference import Change, difference, word_difference
from engine.authoring.forms.forms import blank_document
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow
from engine.authoring.tree.operations import apply
from tests.engine.authoring import trees
from tests.engine.language import rules

AMOUNT, COUNTRY = "event.properties.amount", "event.properties.country"
BADGE = {**blank_document("badge", "Big", "big"), "trigger": {"events": ["order_placed"]}}
big, home = ConditionRow("c1", AMOUNT, "at_least", 50), ConditionRow("c2", COUNTRY, "is", "GB")
TREE = ConditionGroup(rows=(big, home), made=2)


def changes(operation, document=BADGE):
    after = apply(TREE, operation, rules.CATALOGUE).tree if operation else TREE
    lines = difference((BADGE, TREE), (document, after), rules.CATALOGUE)
    return [line for line in lines if line.sign != " "]


def test_no_change_gives_no_difference():
    assert changes(None) == []


def test_a_changed_value_shows_both():
    changed = changes({"op": "set_value", "id": "c1", "text": "80"})
    assert changed == [Change("~", "1", "amount is at least 50 EUR", "amount is at least 80 EUR")]


def test_added_removed_and_muted_rows_have_their_signs():
    assert changes({"op": "delete", "id": "c2"}) == [Change("-", "2", "country is GB", "")]
    assert changes({"op": "clone", "id": "c2"}) == [Change("+", "3", "", "country is GB")]
    assert changes({"op": "mute", "id": "c2"}) == [Change("∅", "2", "country is GB", "country is GB (muted)")]


def test_a_row_put_into_a_group_counts_as_moved():
    after = ConditionGroup(rows=(big, ConditionGroup("c3", "any", rows=(home,))))
    signs = [
        (line.sign, line.number, line.after) for line in difference((BADGE, TREE), (BADGE, after), rules.CATALOGUE)
    ]
    assert signs[1:] == [("+", "2", "any of these"), ("~", "2.1", "country is GB (moved)")]


def test_changes_of_fields_are_put_into_words():
    document = {**BADGE, "tier": "gold", "grant": {"xp": 50}, "ends_at": "2026-12-06T22:00:00Z"}
    assert changes(None, document) == [
        Change("+", "Tier", "", "Gold"),
        Change("+", "XP", "", "50"),
        Change("+", "Until", "", "2026-12-06 22:00 UTC"),
    ]


def test_a_first_version_is_all_new():
    assert {line.sign for line in difference(None, (BADGE, TREE), rules.CATALOGUE)} == {"+", "~", " "} - {"~", " "}


@given(trees.trees)
def test_a_version_does_not_differ_from_itself(tree):
    assert {line.sign for line in difference((BADGE, tree), (BADGE, tree), rules.CATALOGUE)} <= {" "}


@given(trees.trees, trees.trees)
def test_every_row_of_both_versions_is_shown(before, after):
    after = replace(after, rows=tuple(after.rows))
    lines = difference((BADGE, before), (BADGE, after), rules.CATALOGUE)
    shown_count = sum(line.sign != "+" for line in lines if line.number)
    removed_count = sum(line.sign == "-" for line in lines)
    assert shown_count >= removed_count


def test_a_sentence_shows_removed_and_added_words():
    runs = [
        (run.kind, run.text) for run in word_difference("score is at least 40, once.", "score is at least 85, once.")
    ]
    assert runs == [("same", "score is at least"), ("del", "40,"), ("ins", "85,"), ("same", "once.")]
