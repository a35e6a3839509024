"""No sentence, check or review of any kind says a key, a member or "None": people read names and labels."""

import re
from itertools import product

import pytest

from engine.authoring.checks.draft_findings import draft_findings
from engine.authoring.difference import difference
from engine.authoring.draft_sentence import draft_sentence, text_of
from engine.authoring.forms.forms import tree_pointer
from engine.authoring.forms.row_options import example_words, facts_offered
from engine.authoring.tree.nodes import ConditionGroup
from engine.documents.fields import all_fields, pointer_steps
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue, humanise
from tests.engine.authoring.form_drafts import CATALOGUE, NAMED, OTHERS, drafts_of, fields_of, tables_of

WORDS = {"once", "count", "odds", "day", "week", "month"}
"""Values that sentences may say: they are English."""


def raw_names(kind):
    """What documents of a kind call their members and values, where people read something else."""
    fields = [inner for field in all_fields(KINDS[kind].form) for inner in (field, *field.columns)]
    members = {step for field in fields for step in pointer_steps(field.pointer)}
    values = {value for field in fields for value, text in field.choices if value not in text.lower()}
    keys = {f"zq_{name}" for name in NAMED} | {f"zq {humanise(name)}" for name in NAMED}
    return {name for name in members if "_" in name} | values - WORDS | keys | {"None", "order_placed"}


def leaks(kind, text):
    return [name for name in raw_names(kind) if re.search(rf"(?<![\w.“]){re.escape(name)}(?![\w.])", text)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_says_a_key_or_none(kind):
    for document in drafts_of(kind):
        text = text_of(draft_sentence(document, ConditionGroup(), CATALOGUE))
        assert (leaks(kind, text), document) == ([], document), text
        assert not re.search(r"  | ,| when\.| of when| \.", text), text


@pytest.mark.parametrize("kind", KINDS)
def test_no_check_says_the_name_of_a_member(kind):
    for document in drafts_of(kind):
        found = draft_findings(document, ConditionGroup(), CATALOGUE, OTHERS, zones=())
        for finding in (finding.text for finding in found.all):
            assert (leaks(kind, finding), "`" in finding, " /" in finding) == ([], False, False), finding


@pytest.mark.parametrize("kind", KINDS)
def test_no_review_says_a_key_or_a_value_as_documents_have_it(kind):
    for document in drafts_of(kind):
        for line in difference(None, (document, ConditionGroup()), CATALOGUE):
            shown = line.after if line.number != "Key" else ""
            assert (leaks(kind, shown), "T18:00" in shown, "-handshake" in shown) == ([], False, False), shown


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_belongs_to_a_field_of_the_form(kind):
    for document in drafts_of(kind):
        on_page = {at for at, _ in fields_of(kind, document)} | {tree_pointer(kind)}
        on_page |= set(tables_of(document, all_fields(KINDS[kind].form)))
        found = draft_findings(document, ConditionGroup(), CATALOGUE, OTHERS, zones=())
        assert {error.field for error in found.errors} <= on_page, document


def test_no_example_of_a_fact_is_a_key_or_a_python_value():
    badge = {"kind": "badge", "key": "zq_badge", "name": "Owl"}
    catalogue = Catalogue.from_documents([badge, *OTHERS])
    examples = [example_words(fact, catalogue) for fact in facts_offered(catalogue)]
    assert not [text for text, mark in product(examples, ("zq", "[", "False", "True", "None")) if mark in text]
    assert "Monday" in examples
