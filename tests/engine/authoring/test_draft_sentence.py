"""The sentence follows the tree, and every phrase leads to its row."""

import pytest
from hypothesis import given

from engine.authoring.draft_sentence import draft_sentence, text_of
from engine.authoring.forms.forms import blank_document
from engine.authoring.jsonlogic.lower import what_is_missing
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, walk
from engine.kinds import KINDS
from engine.rules.rule_sentence import rule_sentence
from tests.engine.authoring import trees
from tests.engine.language import rules

AMOUNT, COUNTRY = "event.properties.amount", "event.properties.country"
BADGE = {"kind": "badge", "key": "big", "name": "Big", "trigger": {"events": ["order_placed"]}, "tier": "gold"}
big = ConditionRow("c1", AMOUNT, "at_least", 50)
home = ConditionRow("c2", COUNTRY, "is", "GB")
loyal = ConditionRow("c3", "streak.daily.current", "at_least", 4)


def sentence_text(*rows, mode="all", count=None):
    return text_of(draft_sentence(BADGE, ConditionGroup(mode=mode, count=count, rows=rows), rules.CATALOGUE))


def test_a_rule_reads_as_its_rows():
    assert sentence_text(big, home) == (
        "When order placed and amount is at least 50 EUR and country is GB, award the gold badge Big, once."
    )


def test_a_rule_with_one_condition_reads_as_its_json_logic_does():
    document = {**BADGE, "condition": {">=": [{"var": AMOUNT}, 50]}}
    assert sentence_text(big) == rule_sentence(document, rules.CATALOGUE)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (ConditionGroup("c4", "any", rows=(home, loyal)), "either country is GB or daily streak is at least 4 days"),
        (ConditionGroup("c4", "all", rows=(home, loyal)), "both country is GB and daily streak is at least 4 days"),
        (ConditionGroup("c4", "none", rows=(home, loyal)), "none of country is GB or daily streak is at least 4 days"),
        (
            ConditionGroup("c4", "at_least", 1, (home, loyal)),
            "at least 1 of country is GB and daily streak is at least 4 days",
        ),
    ],
)
def test_groups_are_put_into_words(group, words):
    assert f"amount is at least 50 EUR, and {words}, award" in sentence_text(big, group)


def test_an_unfinished_row_has_a_gap_in_the_sentence():
    assert "amount is at least …" in sentence_text(ConditionRow("c1", AMOUNT, "at_least"))


def test_muted_rows_are_left_out_of_the_sentence():
    assert "country" not in sentence_text(big, ConditionRow("c2", COUNTRY, "is", "GB", is_muted=True))


@given(trees.trees)
def test_every_row_that_takes_part_is_in_the_sentence(tree):
    linked = {piece.node for piece in draft_sentence(BADGE, tree, rules.CATALOGUE)}
    muted = {below.id for node in walk(tree) if node.is_muted for below in walk(node)}
    rows = {node.id for node in walk(tree) if not isinstance(node, ConditionGroup)}
    assert rows - muted <= linked


@pytest.mark.parametrize("kind", KINDS)
def test_a_blank_rule_of_every_kind_has_a_sentence(kind):
    row = ConditionRow("c1", "player.xp", "at_least")
    assert what_is_missing(row)
    assert text_of(draft_sentence(blank_document(kind), ConditionGroup(rows=(row,)), rules.CATALOGUE))


def test_a_budget_is_called_by_the_name_that_a_draft_gives_its_brand_before_it_has_a_key():
    game = {"name": "Reel", "budgets": [{"brand_name": "Acme"}]}
    campaign = {"kind": "campaign", "key": "fair", "name": "Fair", "games": [game]}
    assert "coupons of Acme" in text_of(draft_sentence(campaign, ConditionGroup(), rules.CATALOGUE))
