"""No sentence, check or review of any kind says a key, a member or "None": people read names and labels."""

import re
from itertools import product

import pytest

from engine.authoring.checks.draft_findings import draft_findings
from engine.authoring.difference import difference
from engine.authoring.draft_sentence import draft_sentence, text_of
from engine.authoring.forms.choices import choices_of
from engine.authoring.forms.forms import add_to_table, blank_document, is_shown, read_field, tree_pointer
from engine.authoring.forms.row_options import example_words, facts_offered
from engine.authoring.tree.nodes import ConditionGroup
from engine.documents.fields import TABLE_WIDGETS, all_fields, member_at, pointer_steps, with_member
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue, humanise
from tests.engine.language import rules

NAMED = {
    "coupon_pool": "Fern Books vouchers",
    "segment": "Night people",
    "metric": "Books read",
    "earning": "Reading pays",
    "badge": "Owl",
    "brand": "Fern and Sons",
}
OTHERS = [
    *rules.CONTRACT,
    rules.EVENT_TYPE,
    *({"kind": kind, "key": f"zq_{kind}", "name": name} for kind, name in NAMED.items()),
]
CATALOGUE = Catalogue.from_documents(OTHERS)
WORDS = {"once", "count", "odds", "day", "week", "month"}
"""Values that sentences may say: they are English."""
TYPED = {
    "text": "Some text",
    "lines": "Some text",
    "key": "some_key",
    "url": "https://shop.example/x",
    "whole": "3",
    "number": "1",
    "yes_no": "yes",
    "texts": "One, Two",
    "moment": "2026-12-04 18:00",
    "zone": "player",
    "amount": "5",
    "icon": "heart-handshake",
}


def drafts_of(kind):
    """A new draft of a kind, and all that one edit of its form makes of it, in a row of each table, too."""
    fresh = blank_document(kind, key="some_key")
    yield fresh
    tables = [field.pointer for field in all_fields(KINDS[kind].form) if field.widget in TABLE_WIDGETS]
    grown = fresh
    for at in tables:
        grown = add_to_table(grown, at, "new_one")
        yield grown
    for at, field in fields_of(kind, grown):
        for text in texts_of(field, grown):
            yield read_field(grown, at, text)
        yield with_member(grown, at, None)


def fields_of(kind, document, fields=None, row=""):
    """Every field of a form that is shown, with its pointer; those of tables in each row."""
    for field in all_fields(KINDS[kind].form) if fields is None else fields:
        at, rows = row + field.pointer, member_at(document, row + field.pointer)
        if field.widget in TABLE_WIDGETS:
            for name in rows if isinstance(rows, dict) else range(len(rows or ())):
                yield from fields_of(kind, document, field.columns, f"{at}/{name}")
        elif field.widget != "logic" and is_shown(field, document, row):
            yield at, field


def texts_of(field, document):
    if field.widget in ("choice", "choices"):
        return [value for value, _ in choices_of(field, document, OTHERS, CATALOGUE)]
    return [TYPED[field.widget]]


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
            assert (leaks(kind, finding), "`" in finding, "/" in finding) == ([], False, False), finding


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


def tables_of(document, fields, row=""):
    for table in (field for field in fields if field.widget in TABLE_WIDGETS):
        at, rows = row + table.pointer, member_at(document, row + table.pointer)
        yield at
        for name in rows if isinstance(rows, dict) else range(len(rows or ())):
            yield from tables_of(document, table.columns, f"{at}/{name}")


def test_no_example_of_a_fact_is_a_key_or_a_python_value():
    badge = {"kind": "badge", "key": "zq_badge", "name": "Owl"}
    catalogue = Catalogue.from_documents([badge, *OTHERS])
    examples = [example_words(fact, catalogue) for fact in facts_offered(catalogue)]
    assert not [text for text, mark in product(examples, ("zq", "[", "False", "True", "None")) if mark in text]
    assert "Monday" in examples
