"""Test cases: what a rule says to them, asked after each edit; saved from events, written by hand, as files."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.tree.edit_result import EditRefused
from tests.webapp.drafts.conftest import ADA, set_field, set_value
from tests.webapp.services.drains import drain, lesson, post
from webapp.services.drafts import draft_editing, run_test_cases, test_case_files
from webapp.store.rules import rule_versions, test_cases

CASES = "/rules/ten_lessons/cases"
TWELVE = {"event": "lesson_completed", "facts": {"metric.lessons.total": 12}}


@pytest.fixture
def ada(enter):
    return enter("ada", "author")


@pytest.fixture
def add(conn, draft):
    """Keep a test case of the draft: `add("Twelve", {…}, expected=True)`."""
    return lambda name, given, *, expected: test_cases.add(conn, draft.key, name, given, expected=expected, by=ADA)


def verdicts(conn, draft):
    return {
        result.case.name: (result.verdict, result.passes)
        for result in run_test_cases.run_cases(conn, draft.key, draft.content)
    }


def test_a_test_case_is_judged_by_event_and_condition(conn, draft, add):
    add("Twelve", TWELVE, expected=True)
    add("Nine", TWELVE | {"facts": {"metric.lessons.total": 9}}, expected=True)
    add("Another event", TWELVE | {"event": "signed_in"}, expected=False)
    add("Nothing known", {"facts": {}}, expected=False)
    assert verdicts(conn, draft) == {
        "Twelve": (True, True),
        "Nine": (False, False),
        "Another event": (False, True),
        "Nothing known": (False, True),
    }


def test_a_case_that_does_not_match_says_why_in_the_words_of_its_row(conn, draft, add):
    add("Nine", TWELVE | {"facts": {"metric.lessons.total": 9}}, expected=False)
    (ran,) = run_test_cases.run_cases(conn, draft.key, draft.content)
    assert ran.why.startswith("1: ")
    assert "9" in ran.why


def test_each_edit_and_undo_runs_the_cases_again(conn, draft, add):
    add("Twelve", TWELVE, expected=True)
    stored = []
    for step in (
        lambda: draft_editing.edit(conn, draft.id, draft.revision, set_value("c1", "13"), ADA),
        lambda: draft_editing.undo(conn, draft.id, ADA),
        lambda: draft_editing.redo(conn, draft.id, ADA),
    ):
        after = step().draft
        (case,) = test_cases.cases_of(conn, draft.key)
        assert case.judged_hash == after.hash
        stored.append(case.verdict)
    assert stored == [False, True, False]


def test_a_verdict_of_other_content_does_not_count_as_passing_on_the_tab(conn, draft, add):
    add("Twelve", TWELVE, expected=True)
    (case,) = test_cases.cases_of(conn, draft.key)
    assert (case.passes, case.judged_hash) == (False, None)


def test_an_event_is_saved_in_one_click_without_whose_it_was(live, settings, ada, conn):
    post(settings, [lesson(1, "grace"), lesson(2, "grace")])
    drain(settings)
    seq = conn.execute("SELECT max(seq) FROM applied").fetchone()[0]
    answer = ada.send(f"{CASES}/from-event/{seq}", CASES)
    (case,) = test_cases.cases_of(conn, "ten_lessons")
    assert (answer.status_code, case.expected, case.passes) == (303, False, True)
    assert (case.given["event"], case.given["facts"]["metric.lessons.total"]) == ("lesson_completed", 2)
    assert "grace" not in json.dumps(case.given)


def test_a_case_is_entered_by_hand_changed_and_removed(live, ada, conn):
    fields = {"name": "Twelve", "event": "lesson_completed", "expected": "yes", "fact:metric.lessons.total": "12"}
    ada.send(CASES, f"{CASES}/new", **fields)
    (case,) = test_cases.cases_of(conn, "ten_lessons")
    assert (case.given, case.expected, case.passes) == (TWELVE, True, True)
    ada.send(f"{CASES}/{case.id}", f"{CASES}/{case.id}", **fields | {"expected": "no"})
    (changed,) = test_cases.cases_of(conn, "ten_lessons")
    assert (changed.expected, changed.passes) == (False, False)
    ada.send(f"{CASES}/{case.id}/removal", CASES)
    assert test_cases.cases_of(conn, "ten_lessons") == []


def test_a_fact_can_be_given_beside_those_that_the_rule_reads(live, ada, conn):
    ada.send(CASES, f"{CASES}/new", name="Pro", other="player.attributes.plan", other_value="pro")
    (case,) = test_cases.cases_of(conn, "ten_lessons")
    assert case.given["facts"] == {"player.attributes.plan": "pro"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "Twelve", "fact:metric.lessons.total": "many"}, "many is not a number"),
        ({"name": "n" * 121}, "at most 120 characters"),
        ({"name": "Twelve", "event": "e" * 501}, "an invalid event type"),
        ({"name": "Twelve", **{f"fact:player.attributes.a{n}": "1" for n in range(201)}}, "at most 200"),
    ],
)
def test_an_unreadable_value_is_reported_beside_its_field_and_stays_as_typed(live, ada, fields, message):
    answer = ada.send(CASES, f"{CASES}/new", **fields)
    assert (answer.status_code, message in answer.text) == (422, True)
    assert all(f'value="{text}"' in answer.text for text in fields.values() if text)


def test_a_name_is_used_once(live, ada):
    for status in (303, 422):
        assert ada.send(CASES, f"{CASES}/new", name="Twelve").status_code == status


def test_an_export_can_be_imported_again(live, ada, conn):
    test_cases.add(conn, "ten_lessons", "Twelve", TWELVE, expected=True, by=ADA)
    conn.commit()
    body = ada.open("/rules/ten_lessons/cases.json").data
    for key in ("ten_lessons", "lesson_xp"):
        file = (BytesIO(body), "cases.json")
        assert ada.send(f"/rules/{key}/cases/import", f"/rules/{key}/cases", file=file).status_code == 303
    assert test_case_files.to_json(test_cases.cases_of(conn, "lesson_xp")) == json.loads(body)
    assert len(test_cases.cases_of(conn, "ten_lessons")) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[1]",
        b'[{"name": "x", "expected": "yes", "facts": {}}]',
        b'[{"name": "", "expected": true, "facts": {}}]',
        b'[{"name": "x", "expected": true}]',
        b'[{"name": "x", "expected": true, "facts": {"a": {"b": 1}}}]',
        b'[{"name": "x", "expected": true, "facts": {"a": 1e999}}]',
        b'[{"name": "x", "expected": true, "facts": {"a": NaN}}]',
        b'[{"name": "x\\u0000", "expected": true, "facts": {}}]',
        b'[{"name": "x", "expected": true, "facts": {"a": "\\ud800"}}]',
        b'[{"name": "x", "expected": true, "facts": {}}, {"name": "x", "expected": true, "facts": {}}]',
        b"[" * 100_000,
        b"\xff",
        b" " * (test_case_files.BYTES_MAX + 1),
    ],
)
def test_an_invalid_file_is_refused_as_a_whole(body):
    with pytest.raises(EditRefused):
        test_case_files.parse_file(body)


FACTS = st.dictionaries(st.from_regex(r"[a-z]+(\.[a-z]+){0,3}", fullmatch=True), st.integers(-99, 99) | st.booleans())


@given(facts=FACTS, expected=st.booleans())
def test_a_file_contains_the_cases_as_written(facts, expected):
    raw = [{"name": "One", "event": "seen", "facts": facts, "expected": expected}]
    assert test_case_files.parse_file(json.dumps(raw).encode()) == raw


def test_a_case_blocks_its_publication_wherever_it_comes_from(live, ada, enter, conn):
    test_cases.add(conn, "ten_lessons", "Twelve", TWELVE, expected=False, by=ADA)
    draft = draft_editing.open_draft(conn, "ten_lessons", ADA)
    draft_editing.edit(conn, draft.id, draft.revision, set_field("/tier", "gold"), ADA)
    conn.commit()
    page = enter("grace", "publisher").open("/rules/ten_lessons/review").text
    assert ("1 of 1 test case fails" in page, "Approve and publish" in page) == (True, False)
    assert rule_versions.rule(conn, "ten_lessons").live_version == 1
