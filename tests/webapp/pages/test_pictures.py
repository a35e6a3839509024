"""Badges can be told apart by their icons."""

import re
from pathlib import Path

import pytest

import rules_library
from engine.kinds import KINDS
from webapp.pages import icons
from webapp.services.publishing.publish import apply_documents
from webapp.store.system.connection import connect

SPRITE = next(Path("static/vendor").glob("tabler-icons-*/sprite.svg"))


def test_no_two_badges_of_the_library_share_an_icon() -> None:
    keys = {doc["key"] for pack in rules_library.packs() for doc in pack.documents if doc["kind"] == "badge"}
    assert len({icons.of_badge(key, None) for key in keys}) == len(keys)


def test_every_icon_is_in_the_sprite() -> None:
    known = set(re.findall(r'id="i-([a-z-]+)"', SPRITE.read_text()))
    assert {*icons.BADGES, *(kind.icon for kind in KINDS.values())} <= known


OWL = {"kind": "badge", "key": "first_step", "name": "First Step", "trigger": {"events": ["*"]}, "condition": None,
       "icon": "moon"}  # fmt: skip


@pytest.mark.parametrize("address", ["/", "/events/first", "/jump?q=step"])
def test_a_badge_that_was_earned_is_shown_with_the_icon_that_it_names(settings, packs, post, drain, sign_in, address):
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, [OWL], "test", publish=True).problems == []
        conn.commit()
    post("ev-1", "ada", "assessment_submitted", score=10)
    drain()
    browser = sign_in("viewer")
    event_address = re.search(r"/events/\d{4}-\d\d-\d\d/\d+", browser.open("/events").text)
    assert "#i-moon" in browser.open(address.replace("/events/first", event_address[0])).text
