"""Badges can be told apart by their icons."""

import re
from pathlib import Path

import rules_library
from webapp.pages import pictures

SPRITE = next(Path("static/vendor").glob("tabler-icons-*/sprite.svg"))


def test_no_two_badges_of_the_library_share_an_icon() -> None:
    keys = {doc["key"] for pack in rules_library.packs() for doc in pack.documents if doc["kind"] == "badge"}
    assert len({pictures.of_badge(key) for key in keys}) == len(keys)


def test_every_icon_is_in_the_sprite() -> None:
    known = set(re.findall(r'id="i-([a-z-]+)"', SPRITE.read_text()))
    assert {*pictures.BADGES, *pictures.KINDS.values()} <= known
