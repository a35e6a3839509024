"""Who may play: the campaign's condition over each player's committed state, with the facts that it read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from engine.earning import state
from engine.earning.facts_for import facts
from engine.earning.memory import Memory
from engine.logic.compile import Compiled, compile_logic
from engine.logic.missing import MissingFact
from engine.vocabulary.entry import Entry
from webapp.store import players, rulebooks
from webapp.store.campaigns import Held
from webapp.store.connection import Connection

PLAY = "laurel.play"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a player may play, and the facts by which that was judged."""

    holds: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


EVERYBODY = Verdict(holds=True)


@lru_cache(maxsize=200)
def _compiled(logic: bytes) -> Compiled:
    return compile_logic(msgspec.json.decode(logic))


def judge(conn: Connection, held: Held, numbers: Collection[int]) -> dict[int, Verdict]:
    """The verdict on each of these players."""
    condition = held.campaign.document.get("condition")
    if condition is None:
        return dict.fromkeys(numbers, EVERYBODY)
    rule = _compiled(msgspec.json.encode(condition))
    book = rulebooks.live(conn)
    memories = _memories(conn, numbers, rule)
    found = {}
    for number, row in players.load(conn, numbers).items():
        entry = Entry(0, 0, number, PLAY, "", "laurel", held.now, held.now, {})
        known = facts(state.decode(row.state), entry, book, memories.get(number))
        found[number] = Verdict(_holds(rule, known), {path: _plain(known[path]) for path in sorted(rule.paths)})
    return found


def _memories(conn: Connection, numbers: Collection[int], rule: Compiled) -> dict[int, Memory]:
    """What stands beside the states, where the condition looks back over days."""
    if not any(".last_" in path for path in rule.paths):
        return {}
    memories = {number: Memory() for number in numbers}
    for number, series, bucket, value in players.all_past(conn, numbers):
        memories[number].past[series, bucket] = value
    return memories


def _holds(rule: Compiled, known: Mapping[str, Any]) -> bool:
    try:
        return rule.holds(known)
    except MissingFact:
        return False


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool | type(None)) else str(value)
