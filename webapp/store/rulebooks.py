"""Compiled rulebooks, one of each number in a process: they never change, so they may stay for ever."""

from collections import OrderedDict
from datetime import datetime

from engine.earning.rulebook import Rulebook, build
from webapp.store import rules
from webapp.store.connection import Connection
from webapp.zones import ZONES

KEPT = 200
_compiled: "OrderedDict[tuple[int, datetime], Rulebook]" = OrderedDict()


def rulebook(conn: Connection, number: int) -> Rulebook:
    """The compiled rulebook of that number; the newest 200 asked for stay compiled."""
    row = conn.execute("SELECT created_at FROM rulebook WHERE number = %s", (number,)).fetchone()
    assert row is not None, "a rulebook is never deleted"
    # The moment tells apart the rulebooks of two databases that had the same address one after the other.
    place = (number, row[0])
    if place not in _compiled:
        _compiled[place] = build(number, rules.rulebook_versions(conn, number), ZONES)
        while len(_compiled) > KEPT:
            _compiled.popitem(last=False)
    _compiled.move_to_end(place)
    return _compiled[place]


def live(conn: Connection) -> Rulebook:
    """The compiled live rulebook."""
    return rulebook(conn, rules.live_number(conn))
