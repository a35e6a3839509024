"""Two people at one draft: each is told what the other changed, by name and in words, and can have it either way."""

import re

import pytest

from tests.webapp.drafts.conftest import ADA, GRACE, set_field, set_value
from tests.webapp.pages.building import Builder
from webapp.services.drafts import draft_editing, reverting
from webapp.store.rules import drafts

TEN, SEVENTY, NINETY = (f"lessons is at least {value}" for value in (10, 70, 90))
EDITS = [
    (set_value("c1", "70"), set_value("c1", "90"), "1", (TEN, SEVENTY, NINETY)),
    (set_field("/tier", "gold"), set_field("/tier", "bronze"), "Tier", ("Silver", "Gold", "Bronze")),
    (set_field("/name", "Seventy"), set_field("/name", "Ninety"), "Name", ("Ten Lessons", "Seventy", "Ninety")),
]


def edited(conn, draft, operation, by, expected):
    """The draft after an edit by somebody whose page showed another revision; it is a step of its own."""
    conn.execute("UPDATE draft_step SET created_at = created_at - interval '1 second'")
    return draft_editing.edit(conn, draft.id, expected, operation, by).draft


def told(conn, draft, by, since):
    catalogue = draft_editing.catalogue_for(conn, draft.document)
    return reverting.changes_by_others(conn, draft, by, since, catalogue)


@pytest.mark.parametrize(("by_ada", "by_grace", "place", "words"), EDITS)
def test_who_overwrites_something_is_told_what_it_was_and_can_take_it(conn, draft, by_ada, by_grace, place, words):
    theirs = edited(conn, draft, by_grace, GRACE, draft.revision)
    both = edited(conn, draft, by_ada, ADA, draft.revision)
    (change,) = told(conn, both, ADA, draft.revision)
    assert (change.by, change.place, change.before, change.after, change.own) == (
        GRACE, place, words[0], words[2], words[1],
    )  # fmt: skip
    assert draft_editing.take_back(conn, draft.id, change.steps, ADA).draft.hash == theirs.hash


@pytest.mark.parametrize(("by_ada", "by_grace", "place", "words"), EDITS)
def test_whose_change_was_overwritten_is_told_by_whom_and_can_put_it_back(conn, draft, by_ada, by_grace, place, words):
    own = edited(conn, draft, by_grace, GRACE, draft.revision)
    both = edited(conn, draft, by_ada, ADA, draft.revision)
    (change,) = told(conn, both, GRACE, own.revision)
    assert (change.by, change.place, change.before, change.after, change.own) == (ADA, place, words[2], words[1], "")
    assert draft_editing.take_back(conn, draft.id, change.steps, GRACE).draft.hash == own.hash


def test_one_is_told_nothing_of_ones_own_changes(conn, draft):
    after = edited(conn, draft, set_value("c1", "12"), ADA, draft.revision)
    assert told(conn, after, ADA, draft.revision) == []


def test_every_step_of_others_is_told_even_one_that_changes_no_words(conn, draft):
    two_rows = edited(conn, draft, {"op": "clone", "id": "c1"}, ADA, draft.revision)
    moved = edited(conn, two_rows, {"op": "down", "id": "c1"}, GRACE, two_rows.revision)
    assert [change.by for change in told(conn, moved, ADA, two_rows.revision)] == [GRACE]


def test_several_steps_at_one_place_are_told_once_and_put_back_at_once(conn, draft):
    after = draft
    for value in ("12", "13", "14"):
        after = edited(conn, after, set_value("c1", value), GRACE, after.revision)
    (change,) = told(conn, after, ADA, draft.revision)
    assert (change.before, change.after) == (TEN, "lessons is at least 14")
    assert draft_editing.take_back(conn, draft.id, change.steps, ADA).draft.hash == draft.hash


def test_undo_leaves_what_somebody_else_did_since(conn, draft):
    edited(conn, draft, set_value("c1", "70"), ADA, draft.revision)
    edited(conn, draft, set_field("/tier", "gold"), GRACE, draft.revision)
    undone = draft_editing.undo(conn, draft.id, ADA).draft
    assert (undone.tree.rows[0].value, undone.document["tier"]) == (10, "gold")


def test_undo_passes_over_what_somebody_else_has_overwritten(conn, draft):
    edited(conn, draft, set_field("/tier", "gold"), ADA, draft.revision)
    edited(conn, draft, set_value("c1", "70"), ADA, draft.revision)
    edited(conn, draft, set_value("c1", "90"), GRACE, draft.revision)
    undone = draft_editing.undo(conn, draft.id, ADA).draft
    assert (undone.tree.rows[0].value, undone.document["tier"]) == (90, "silver")


@pytest.fixture
def two(kept_draft, ada, grace, settings):
    """Ada and Grace with the same rule on their pages."""
    pages = [Builder(browser, settings, kept_draft.key) for browser in (ada, grace)]
    for page in pages:
        page.look()
    return pages


def shown(page):
    """The text of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_the_page_says_who_changed_what_until_it_is_closed(two):
    ada, grace = two
    grace.press("save", looks=False, **{"c1.value": "90"})
    ada.press("save", looks=False, **{"c1.value": "70"})
    page = shown(ada.browser.open(ada.address, query_string={"noticed": "0"}).text)
    assert f"grace changed condition 1 from {TEN} to {NINETY}. You have set it to {SEVENTY}." in page
    assert "Take theirs" in page
    ada.look(noticed="0")
    ada.press("save", looks=False, **{"/tier": "gold"})
    assert "Take theirs" in ada.look(noticed="0")
    answer = ada.press("got_it", looks=False)
    assert "noticed=" not in answer.location
    assert "Take theirs" not in ada.look()


def test_the_undo_button_names_ones_own_step(two):
    ada, grace = two
    ada.press("save", looks=False, **{"c1.value": "70"})
    grace.press("save", **{"/tier": "gold"})
    assert "Undo: Changed the value of condition 1" in ada.look()
    assert "Undo: Changed “Tier”" in grace.look()


def test_who_looks_at_a_rule_is_seen_before_it_has_a_draft(live, conn, ada, grace):
    address = "/rules/ten_lessons/edit"
    grace.send(f"{address}/presence", address, node="c1", revision="0")
    assert "condition 1" in ada.send(f"{address}/presence", address, node="", revision="0").text
    assert drafts.of_rule(conn, "ten_lessons") is None
