"""Compiled rulebooks, cached in each process by number: a rulebook never changes."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.rules.build_rulebook import build_rulebook
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from webapp.runtime.zones import ZONES
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

COMPILED_MAX = 200
_compiled: "OrderedDict[tuple[int, datetime], tuple[Rulebook, list[RuleVersion]]]" = OrderedDict()


def rulebook(conn: Connection, number: int, made_at: datetime | None = None) -> Rulebook:
    """The compiled rulebook of that number; the 200 used last stay compiled.

    A caller that knows `made_at` saves a query.
    """
    return _compile_once(conn, number, made_at)[0]


def compile_first(conn: Connection) -> None:
    """Compile the live rulebook if this process has compiled none: before a lock is taken under which it is needed.

    Later ones take milliseconds, for they have most of their logic in common.
    """
    if not _compiled:
        live(conn)


def is_compiled(number: int, made_at: datetime | None) -> bool:
    """Whether `rulebook` has nothing left to compile."""
    return made_at is not None and (number, made_at) in _compiled


def documents(conn: Connection, number: int, made_at: datetime | None = None) -> Mapping[str, dict[str, Any]]:
    """The documents of a rulebook, by key."""
    return {version.key: version.document for version in _compile_once(conn, number, made_at)[1]}


def versions(conn: Connection, number: int, made_at: datetime | None = None) -> list[RuleVersion]:
    """The rule versions that make up a rulebook, by key."""
    return _compile_once(conn, number, made_at)[1]


def live(conn: Connection) -> Rulebook:
    """The compiled live rulebook."""
    return rulebook(conn, rule_versions.live_number(conn))


def _compile_once(conn: Connection, number: int, made_at: datetime | None = None) -> tuple[Rulebook, list[RuleVersion]]:
    # The moment distinguishes rulebooks of two databases that had the same address one after the other.
    place = (number, made_at or _made_at(conn, number))
    if place not in _compiled:
        versions = rule_versions.rulebook_versions(conn, number)
        _compiled[place] = build_rulebook(number, versions, ZONES), versions
        while len(_compiled) > COMPILED_MAX:
            _compiled.popitem(last=False)
    _compiled.move_to_end(place)
    return _compiled[place]


def _made_at(conn: Connection, number: int) -> datetime:
    row = conn.execute("SELECT created_at FROM rulebook WHERE number = %s", (number,)).fetchone()
    assert row is not None, "a rulebook is never deleted"
    made_at: datetime = row[0]
    return made_at
