"""Every pack is sound, alone and beside the others, and every rule does what its examples say."""

import re

import pytest

import rules_library
from engine.documents.document import Document
from engine.rules.parse_documents import parse_documents
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue
from rules_library import examples
from webapp.runtime.zones import ZONES

PACKS = rules_library.packs()
RULES = [(pack, document) for pack in PACKS for document in pack.documents]
JUDGING = {"earning", "badge", "mission"}
WORDS_OF_CODE = re.compile(r"[a-z]_[a-z]|[{}]|None|(event|metric|streak|player)\.[a-z]|unreadable")


def documents_with(pack):
    return [document for needed_pack in rules_library.with_needs(pack) for document in needed_pack.documents]


def named(value):
    return value["key"] if isinstance(value, dict) else value.name


@pytest.mark.parametrize("pack", PACKS, ids=named)
def test_a_pack_is_admitted_with_those_that_it_needs(pack):
    parsed = parse_documents(documents_with(pack), zones=ZONES)
    assert [parsed_document for parsed_document in parsed if not isinstance(parsed_document, Document)] == []


def test_all_packs_are_admitted_together_and_share_no_key():
    parsed = parse_documents([document for _, document in RULES], zones=ZONES)
    assert [parsed_document for parsed_document in parsed if not isinstance(parsed_document, Document)] == []


@pytest.mark.parametrize(("pack", "document"), RULES, ids=named)
def test_a_rule_says_why_and_does_what_its_examples_say(pack, document):
    assert document["why"].endswith(".")
    assert document["examples"]
    assert examples.differences(document, examples.book_of(documents_with(pack), ZONES)) == []


@pytest.mark.parametrize(("pack", "document"), RULES, ids=named)
def test_a_rule_with_a_condition_has_an_example_that_it_does_not_answer(pack, document):
    if document["kind"] in JUDGING and document["condition"] and document["key"] != "first_step":
        refused = [example for example in document["examples"] if not any(example["outcome"].values())]
        assert refused


@pytest.mark.parametrize(("pack", "document"), RULES, ids=named)
def test_a_rule_reads_as_one_plain_sentence(pack, document):
    text = rule_sentence(document, Catalogue.from_documents(documents_with(pack), {}))
    assert text.endswith(".")
    assert "\n" not in text
    assert WORDS_OF_CODE.findall(text) == []


def test_a_wrong_example_would_be_found():
    pack = rules_library.pack("starter")
    rule = next(document for document in pack.documents if document["key"] == "activity_xp")
    wrong = {**rule, "examples": [{"events": [{"type": "visit"}], "outcome": {"xp": 11}}]}
    book = examples.book_of(pack.documents, ZONES)
    assert examples.differences(wrong, book) == ["/examples/0/outcome/xp: came to 10"]


def test_a_pack_is_installed_after_those_that_it_needs():
    assessments = rules_library.pack("assessments")
    assert [pack.name for pack in rules_library.with_needs(assessments)] == ["starter", "assessments"]


def test_an_unknown_pack_does_not_exist():
    assert rules_library.pack("nothing") is None
