"""Templates become rules that do what their sentence says; ready-made rules take other numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules_library
from engine.authoring.forms import blanks, starter_templates
from engine.authoring.forms.blanks import SentenceBlank
from engine.authoring.jsonlogic.lift import lift
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import LogicBlock, walk
from engine.documents.fields import member_at
from engine.rules.parse_documents import parse_documents
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue, SeenProperty
from engine.vocabulary.problem import Problem
from rules_library.examples import book_of, outcome
from tests.builders import ZONES

SEEN = {"lesson_completed": {"score": SeenProperty(("number",), (91,))}}
BADGE = {"kind": "badge", "trigger": {"events": ["*"]}, "condition": None, "repeat": "once", "tier": "bronze"}
USED = [{**BADGE, "key": key, "name": key.title()} for key in ("early", "late", "lucky")]
VALUES = {
    "event": "lesson_completed",
    "times": 3,
    "days": 7,
    "measure": "lesson_completed/score",
    "amount": 80,
    "xp": 50,
    "badges": ["early", "late"],
    "count": 1,
}
PACKED = [document for pack in rules_library.packs() for document in pack.documents]


def filled(key, used=USED, **values):
    return starter_templates.fill_template(
        starter_templates.starter_template(key), VALUES | values, "", used, [document["key"] for document in used]
    )


def came(documents, *events):
    """What becomes of a player with these events, by the rule that was made last."""
    return outcome(documents[-1], {"events": list(events)}, book_of([*USED, *documents], ZONES))


def lessons(at: str, **more):
    return {"type": "lesson_completed", "at": at, **more}


@pytest.mark.parametrize("template", starter_templates.STARTER_TEMPLATES, ids=lambda template: template.key)
def test_every_template_becomes_documents_that_are_admitted_and_rows_that_can_be_edited(template):
    documents = filled(template.key)
    assert [
        problem for problem in parse_documents(documents, USED, seen=SEEN, zones=ZONES) if isinstance(problem, Problem)
    ] == []
    tree = lift(documents[-1].get("condition"), Catalogue.from_documents([*USED, *documents], SEEN))
    assert not any(isinstance(node, LogicBlock) for node in walk(tree))


@pytest.mark.parametrize("template", starter_templates.STARTER_TEMPLATES, ids=lambda template: template.key)
def test_every_sentence_has_one_to_three_blanks_and_no_brace(template):
    assert 1 <= sum(not isinstance(part, str) for part in template.parts) <= 3
    assert not any("{" in part or "}" in part for part in template.parts if isinstance(part, str))


def test_the_first_time_is_awarded():
    assert came(filled("first_time"), lessons("2026-03-02T10:00:00+00:00"))["badge"]


@pytest.mark.parametrize(
    ("last", "is_given"), [("2026-03-08T10:00:00+00:00", True), ("2026-03-09T10:00:00+00:00", False)]
)
def test_often_enough_counts_within_the_days_only(last, is_given):
    events = [lessons("2026-03-02T10:00:00+00:00", times=2), lessons(last)]
    assert came(filled("n_in_m_days"), *events)["badge"] is is_given


@pytest.mark.parametrize(("times", "is_given"), [(7, True), (6, False)])
def test_a_streak_template_counts_days_in_a_row(times, is_given):
    assert came(filled("streak"), lessons("2026-03-02T10:00:00+00:00", times=times, every="day"))["badge"] is is_given


@pytest.mark.parametrize(("score", "xp"), [(80, 50), (79, 0)])
def test_reaching_the_threshold_gives_xp(score, xp):
    event = {"type": "lesson_completed", "properties": {"score": score}}
    assert came(filled("threshold"), event)["xp"] == xp


@pytest.mark.parametrize(
    ("events", "is_given"),
    [
        (["2026-03-02T10:00:00+00:00"], False),
        (["2026-03-02T10:00:00+00:00", "2026-03-08T10:00:00+00:00"], False),
        (["2026-03-02T10:00:00+00:00", "2026-03-09T10:00:00+00:00"], True),
    ],
)
def test_a_comeback_needs_days_without_an_event_and_an_event_before_them(events, is_given):
    assert came(filled("comeback"), *map(lessons, events))["badge"] is is_given


@pytest.mark.parametrize(("key", "count", "is_given"), [("collect_a_set", 1, True), ("k_of_n", 2, True)])
def test_a_set_is_complete_with_its_badges(key, count, is_given):
    assert came(filled(key, count=count), {"type": "visit"})["badge"] is is_given


def test_some_badges_of_a_set_are_enough():
    asleep = [
        {**document, "trigger": {"events": ["never"]}} if document["key"] == "late" else document for document in USED
    ]
    book = lambda documents: book_of([*asleep, *documents], ZONES)  # noqa: E731
    for key, is_given in (("k_of_n", True), ("collect_a_set", False)):
        documents = filled(key)
        assert outcome(documents[-1], {"events": [{"type": "visit"}]}, book(documents))["badge"] is is_given


def test_a_weekly_goal_is_completed():
    assert came(filled("weekly_goal"), lessons("2026-03-02T10:00:00+00:00", times=3))["completed"]


def test_a_metric_in_use_is_not_created_again():
    often = filled("n_in_m_days")
    comeback = filled("comeback", used=[*USED, *often])
    assert [document["kind"] for document in often] == ["metric", "badge"]
    assert [document["kind"] for document in comeback] == ["badge"]


@pytest.mark.parametrize("narrower", [{"filter": {">=": [1, 0]}}, {"ends_at": "2026-01-01T00:00:00Z"}])
def test_a_narrower_metric_is_not_reused(narrower):
    metric, *_ = filled("comeback")
    documents = filled("comeback", used=[*USED, {**metric, **narrower}])
    assert [document["kind"] for document in documents] == ["metric", "badge"]


def test_keys_that_are_taken_are_not_used_again():
    (document,) = filled("first_time", used=[*USED, *filled("first_time")])
    assert (document["key"], document["name"]) == ("first_time_2", "First time")


@pytest.mark.parametrize(
    ("key", "values", "message"),
    [
        ("first_time", {"event": ""}, "choose one"),
        ("n_in_m_days", {"days": 91}, "1 to 90"),
        ("streak", {"days": "7"}, "whole number"),
        ("collect_a_set", {"badges": ["early"]}, "at least 2"),
        ("k_of_n", {"count": 3}, "Only 2 badges"),
    ],
)
def test_a_blank_that_is_not_filled_is_named(key, values, message):
    with pytest.raises(EditRefused, match=message):
        filled(key, **values)


@pytest.mark.parametrize("document", PACKED, ids=lambda document: document["key"])
def test_a_sentence_with_filled_blanks_reads_as_one_without(document):
    catalogue = Catalogue.from_documents(PACKED)
    texts = [
        str(part.value) if isinstance(part, SentenceBlank) else part
        for part in blanks.sentence_parts(document, catalogue)
    ]
    assert "".join(texts) == rule_sentence(document, catalogue)


@given(st.sampled_from(PACKED), st.integers(0, 9_999))
def test_a_number_in_a_blank_appears_in_the_document_and_in_the_sentence(document, number):
    catalogue = Catalogue.from_documents(PACKED)
    for blank in blanks.sentence_parts(document, catalogue):
        if isinstance(blank, SentenceBlank):
            changed = blanks.fill_blanks(document, {blank.pointer: number}, catalogue)
            assert member_at(changed, blank.pointer) == number
            assert str(number) in rule_sentence(changed, catalogue) or number in (0, 1)


def test_only_blanks_are_filled():
    catalogue = Catalogue.from_documents(PACKED)
    document = next(document for document in PACKED if document["key"] == "week_on_fire")
    for values in ({"/name": 3}, {"/nothing": 3}, {"/grant/coins": -1}, {"/grant/coins": 10**12}):
        with pytest.raises(EditRefused, match="does not fit"):
            blanks.fill_blanks(document, values, catalogue)


def test_examples_for_other_numbers_are_left_out():
    catalogue = Catalogue.from_documents(PACKED)
    document = next(document for document in PACKED if document["key"] == "week_on_fire")
    assert "examples" in blanks.fill_blanks(document, {"/grant/coins": 25}, catalogue)
    assert "examples" not in blanks.fill_blanks(document, {"/grant/coins": 30}, catalogue)
