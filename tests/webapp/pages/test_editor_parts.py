"""The part of the Build page that an edit fetches fits the page of every kind; an unfinished draft matches nothing."""

import re

import pytest

from engine.kinds import KINDS

PLACE_OF_LATER = re.compile(r'<\w+[^>]*\bid="([^"]+)"[^>]*\bdata-later')
ERROR_COUNT = re.compile(r"\d+ errors?")


def part_of(builder):
    """The page as an edit by the scripts fetches it."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', builder.look())
    sent = {"csrf_token": token[1], "op": "save", "revision": str(builder.draft.revision)}
    return builder.browser.client.post(builder.address, data=sent, headers={"HX-Request": "true"}).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_leaves_room_only_for_what_the_page_has_and_counts_errors_once(kind, build):
    builder = build(kind)
    part = part_of(builder)
    assert not set(PLACE_OF_LATER.findall(part)) - {"tried-on", "verdict"}
    assert bool(PLACE_OF_LATER.findall(part)) is ("panel-sample" in builder.look(panel="sample"))
    dock = part[part.index('class="lr-dock"') :]
    assert len(ERROR_COUNT.findall(dock)) == 1


def test_a_draft_with_an_unfinished_row_matches_nothing_and_becomes_no_test_case(world, build):
    builder = build("badge")
    builder.press("add_row:root", **{"add:/trigger/events": "assessment_submitted"})
    page = builder.look(panel="sample")
    assert "Not finished" in page
    assert "1: choose what it asks about" in page
    assert not re.search(r">\s*Match\b|would get the badge", page)
    builder.press("mute:c1")
    assert "would get the badge" in builder.look(panel="sample")


def test_a_match_that_pays_nothing_names_what_is_missing_and_is_no_success(world, build):
    builder = build("earning")
    builder.press("save", **{"/name": "Hard", "add:/trigger/events": "assessment_submitted"})
    builder.press("save", **{"factor:/grant/xp:0:+": "event.properties.difficulty"})
    page = builder.look(panel="sample")
    assert "missing: difficulty" in page
    assert "lr-call is-warn" in page
    assert "lr-call is-good" not in page
