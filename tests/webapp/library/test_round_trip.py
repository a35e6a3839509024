"""Whatever goes through the JSON tab comes back: as text, as rows, and with the same verdicts."""

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.nodes import ConditionGroup
from engine.documents.fields import member_at
from engine.language.check import Scope, check
from tests.engine.authoring import trees
from tests.engine.authoring.trees import is_admitted, verdict_of
from tests.engine.language import rules
from webapp.pages.document_text import in_order, written
from webapp.pages.library.json_text import parse_json
from webapp.services.drafts.edit_steps import apply_edit, content_of, split_condition, whole_document

BADGE = {"kind": "badge", "key": "owl", "name": "Owl", "trigger": {"events": ["*"]}, "tier": "gold", "repeat": "once"}
METRIC = {"kind": "metric", "key": "many", "name": "Many", "events": ["*"], "aggregate": "count"}
EMPTY = content_of(split_condition(BADGE)[0], ConditionGroup())


def json_text(content) -> str:
    """The text of the tab."""
    return written(in_order(whole_document(content.document, content.tree)))


def applied(content, text: str):
    """What the builder says after the text was applied."""
    looked = parse_json(text)
    assert looked.flaws == ()
    return apply_edit(content, {"op": "set_document", "document": looked.value}, rules.CATALOGUE).content


@given(rules.condition, rules.any_facts)
def test_any_admitted_condition_comes_back_with_the_same_verdicts(logic, facts):
    assume(is_admitted(logic))
    content = applied(EMPTY, written({**BADGE, "condition": logic}))
    applied_again = applied(content, json_text(content))
    assert verdict_of(parse_json(json_text(applied_again)).value["condition"], facts) == verdict_of(logic, facts)


@given(rules.condition)
def test_applying_the_same_text_again_changes_nothing(logic):
    assume(is_admitted(logic))
    content = applied(EMPTY, written({**BADGE, "condition": logic}))
    assert applied(content, json_text(content)) == content


@given(trees.trees)
def test_notes_mutes_and_unfinished_rows_stay_if_the_text_is_applied_unchanged(tree):
    assume(is_admitted(lower(tree).logic))
    content = content_of(split_condition(BADGE)[0], tree)
    assert applied(content, json_text(content)) == content


@given(rules.condition)
def test_the_logic_of_a_filter_is_at_its_own_member(logic):
    assume(not check(logic, rules.CATALOGUE, allowed=Scope.METRIC_FILTER))
    content = applied(content_of(split_condition(METRIC)[0], ConditionGroup()), written({**METRIC, "filter": logic}))
    text = parse_json(json_text(content))
    start, end = text.places["/filter"]
    assert parse_json(text.source[start:end]).value == member_at(text.value, "/filter") == lower(content.tree).logic


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_in_the_document_is_kept_or_refused(name, why):
    text = written({**BADGE, "name": name, "why": why, "condition": None})
    if parse_json(text).flaws:
        assert any(ord(sign) == 0 or 0xD800 <= ord(sign) < 0xE000 for sign in name + why)
    else:
        assert applied(EMPTY, text).document["why"] == why
