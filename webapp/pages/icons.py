"""Which icon stands for what: kinds of rules, badges, and what an entry brought."""

import re
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from engine.kinds import KINDS
from engine.kinds.badge import BADGE

BADGES = (
    *("award", "users-group", "trending-up", "trophy", "bike", "calendar-event", "flame", "book", "books"),
    *("bulb", "coffee", "gift", "laurel-wreath", "confetti", "send", "rocket", "stairs-up", "target-arrow"),
    *("snowflake", "mountain", "sun", "flag-check", "moon", "hourglass", "shoe", "heart-handshake", "diamond"),
    *("shield-check",),
)
"""In an order in which the badges of the library get what fits them."""


UPLOADED = re.compile(r"upload:[0-9a-f]{32}")
"""A picture of one's own, kept by `webapp.store.rules.badge_pictures`."""


def of_kind(kind: str) -> str:
    """The icon of a kind of rule."""
    return KINDS[kind].icon if kind in KINDS else "list-check"


def of_badge(key: str, own: object) -> str:
    """The icon of a badge: the one that it names, else always the same for one key, so that badges differ."""
    if isinstance(own, str) and (own in BADGES or UPLOADED.fullmatch(own)):
        return own
    return BADGES[crc32(key.encode()) % len(BADGES)]


def of_rule(document: Mapping[str, Any]) -> str:
    """The icon of one rule by its document."""
    kind = str(document["kind"])
    return of_badge(str(document["key"]), document.get("icon")) if kind == BADGE.key else of_kind(kind)
