"""Compiled rulebooks, one of each number in a process: they never change, so they may stay for ever."""

from collections import OrderedDict

from engine.earning.rulebook import Rulebook, build
from webapp.store import rules
from webapp.store.connection import Connection
from webapp.zones import ZONES

KEPT = 200
_compiled: "OrderedDict[tuple[str, int], Rulebook]" = OrderedDict()


def rulebook(conn: Connection, number: int) -> Rulebook:
    """The compiled rulebook of that number; the newest 200 asked for stay compiled."""
    place = (f"{conn.info.host}:{conn.info.port}/{conn.info.dbname}", number)
    if place not in _compiled:
        _compiled[place] = build(number, rules.rulebook_versions(conn, number), ZONES)
        while len(_compiled) > KEPT:
            _compiled.popitem(last=False)
    _compiled.move_to_end(place)
    return _compiled[place]


def live(conn: Connection) -> Rulebook:
    """The compiled live rulebook."""
    return rulebook(conn, rules.live_number(conn))


def forget() -> None:
    """Drop everything, as tests that make databases anew must."""
    _compiled.clear()
