"""A group of the Build page folded into a sentence: what is shown then, and what unfolds it."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.webapp.pages.building import hidden_value


@pytest.fixture
def grouped(world, build):
    """A badge with a group of two conditions, the second not filled in."""
    builder = build("badge")
    builder.press("add_group:root", **{"add:/trigger/events": "assessment_submitted"})
    builder.press("add_row:c1", **{"c2.fact": "event.properties.score"})
    builder.press("save", **{"c2.value": "40"})
    return builder


def folded_by(builder, button="fold:c1", **fields):
    """The page to which a button leads, with what stands folded there."""
    query = parse_qs(urlsplit(builder.press(button, **fields).location).query)
    return builder.look(folded=query.get("folded", [""])[0])


def test_a_folded_group_shows_its_own_sentence_and_hides_its_rows(grouped):
    page = folded_by(grouped)
    match = re.search(r'id="c1-fold" aria-expanded="false".*?</span>(.*?) <svg', page)
    assert match[1] == "either score is at least 40 points or …"
    assert '<ol class="lr-rows" id="c1-rows" data-rows="c1" hidden>' in page


def test_folding_does_not_change_the_draft(grouped):
    before = grouped.draft
    folded_by(grouped)
    assert grouped.draft == before


def test_a_folded_group_stays_folded_over_an_edit_elsewhere_and_keeps_its_rows(grouped):
    before = grouped.draft.tree
    page = folded_by(grouped, "save", folded="c1", **{"/name": "Sharp"})
    assert hidden_value("folded", page) == "c1"
    assert grouped.draft.tree == before


def test_the_button_of_a_folded_group_unfolds_it(grouped):
    assert hidden_value("folded", folded_by(grouped, folded="c1")) == ""


def test_a_group_opens_for_a_row_that_is_added_to_it(grouped):
    assert hidden_value("folded", folded_by(grouped, "add_row:c1", folded="c1")) == ""


def test_a_group_opens_for_a_refused_text_in_it(grouped):
    page = grouped.press("save", folded="c1", **{"c2.value": "many"}).text
    assert hidden_value("folded", page) == ""


def test_mistakes_and_links_of_hidden_rows_lead_to_the_group_that_hides_them(grouped):
    page = folded_by(grouped)
    assert "1.2: Choose what it asks about" in page
    assert re.findall(r'<a\s+class="bad"\s+id="errors"\s+href="#(\w+)"', page) == ["c1"]
    assert set(re.findall(r'href="#(c\d)" data-link="c\d">', page)) == {"c1"}


def test_the_outermost_group_does_not_fold(grouped):
    page = folded_by(grouped, "fold:root")
    assert hidden_value("folded", page) == ""
    assert 'id="root-fold"' not in page


def test_a_folded_group_inside_another_stays_folded_when_that_opens(grouped):
    grouped.press("add_group:c1")
    page = grouped.look(folded="c1 c4")
    assert hidden_value("folded", page) == "c1 c4"
    assert re.findall(r'id="(\w+)-fold" aria-expanded="false"', page) == ["c1", "c4"]
