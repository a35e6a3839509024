"""Who may play: the campaign's condition over each player's committed state, with the facts that it read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from engine.language.compile import Compiled, compile_logic
from engine.language.missing_facts import MissingFact
from engine.scoring.state import player_state
from engine.scoring.state.memory import Memory
from engine.scoring.views.explanation_facts import facts_at
from engine.vocabulary.entry import Entry
from webapp.store.campaigns.campaign_rows import LockedGame
from webapp.store.players import player_states
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, clock

PLAY = "laurel.play"


@dataclass(frozen=True, slots=True)
class EligibilityVerdict:
    """Whether a condition holds for a player at a moment (µs), and the facts by which that was judged."""

    holds: bool
    now: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=200)
def _compiled(logic: bytes) -> Compiled:
    return compile_logic(msgspec.json.decode(logic))


def judge_players(conn: Connection, held: LockedGame, numbers: Collection[int]) -> dict[int, EligibilityVerdict]:
    """Whether each of these players may play."""
    condition = held.campaign.document.get("condition")
    if condition is None:
        return dict.fromkeys(numbers, EligibilityVerdict(holds=True, now=held.now))
    return judge_condition(conn, condition, numbers)


def judge_condition(
    conn: Connection, condition: Any, numbers: Collection[int], beside: Sequence[str] = ()
) -> dict[int, EligibilityVerdict]:
    """The verdict of a condition (None holds) on each of these players, with its facts and those asked for beside."""
    return {number: each[0] for number, each in judge_conditions(conn, [condition], numbers, beside).items()}


def judge_conditions(
    conn: Connection, conditions: Sequence[Any], numbers: Collection[int], beside: Sequence[str] = ()
) -> dict[int, list[EligibilityVerdict]]:
    """The same of several conditions, in their order; each player is loaded once."""
    rules = [_compiled(msgspec.json.encode(each if each is not None else True)) for each in conditions]
    book, now = rulebooks.live(conn), clock(conn)
    memories = _memories(conn, numbers, rules)
    found = {}
    for number, row in player_states.load(conn, numbers).items():
        entry = Entry(0, 0, number, PLAY, "", "laurel", now, now, {})
        known = facts_at(player_state.decode(row.state), entry, book, memories.get(number))
        found[number] = [_verdict(rule, known, now, beside) for rule in rules]
    return found


def _memories(conn: Connection, numbers: Collection[int], rules: Sequence[Compiled]) -> dict[int, Memory]:
    """What stands beside the states, where a condition looks back over days."""
    if not any(".last_" in path for rule in rules for path in rule.paths):
        return {}
    memories = {number: Memory() for number in numbers}
    for number, series, bucket, value in player_states.all_past(conn, numbers):
        memories[number].past[series, bucket] = value
    return memories


def _verdict(rule: Compiled, known: Mapping[str, Any], now: int, beside: Sequence[str]) -> EligibilityVerdict:
    return EligibilityVerdict(
        _holds(rule, known), now, {path: _plain(known[path]) for path in sorted({*rule.paths, *beside})}
    )


def _holds(rule: Compiled, known: Mapping[str, Any]) -> bool:
    try:
        return rule.holds(known)
    except MissingFact:
        return False


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool | type(None)) else str(value)
