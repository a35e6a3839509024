"""Who may play: the campaign's condition, judged by each player's committed state, with the facts that it read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from engine.language.compile import CompiledLogic, compile_logic
from engine.language.facts import MissingFact
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state import player_state
from engine.scoring.state.memory import Memory
from engine.scoring.views.explanation_facts import facts_at
from engine.vocabulary.entry import Entry
from webapp.store.campaigns.campaign_rows import Campaign, LockedGame
from webapp.store.players import player_states
from webapp.store.players.player_states import PlayerRow
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, clock

PLAY = "laurel.play"


@dataclass(frozen=True, slots=True)
class EligibilityVerdict:
    """Whether a condition holds for a player at a moment (µs), and the facts it was judged by."""

    holds: bool
    now: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=200)
def _compiled(logic: bytes) -> CompiledLogic:
    return compile_logic(msgspec.json.decode(logic))


def judge_players(conn: Connection, locked: LockedGame, players: Collection[int]) -> dict[int, EligibilityVerdict]:
    """Whether each of these players may play a game."""
    condition = locked.campaign.document.get("condition")
    if condition is None:
        return dict.fromkeys(players, EligibilityVerdict(holds=True, now=locked.now))
    return judge_condition(conn, condition, players)


def may_play(conn: Connection, campaign: Campaign, player: int) -> bool:
    """Whether a player meets a campaign's condition now; somebody without a row is judged as a newcomer."""
    condition = campaign.document.get("condition")
    if condition is None:
        return True
    rows = player_states.load(conn, [player]) or {player: PlayerRow(player, None, None, 0)}
    return judge_loaded(conn, rows, {player: [condition]}, rulebooks.live(conn), clock(conn))[player][0].holds


def judge_condition(
    conn: Connection, condition: Any, players: Collection[int], extra_facts: Sequence[str] = ()
) -> dict[int, EligibilityVerdict]:
    """The verdict on each of these players; a condition of None holds. `extra_facts` are reported with the others."""
    judged = judge_conditions(conn, [condition], players, extra_facts)
    return {player: verdicts[0] for player, verdicts in judged.items()}


def judge_conditions(
    conn: Connection, conditions: Sequence[Any], players: Collection[int], extra_facts: Sequence[str] = ()
) -> dict[int, list[EligibilityVerdict]]:
    """The same for several conditions, in their order; each player is loaded once."""
    rows = player_states.load(conn, players)
    return judge_loaded(conn, rows, dict.fromkeys(rows, conditions), rulebooks.live(conn), clock(conn), extra_facts)


def judge_loaded(
    conn: Connection,
    rows: Mapping[int, PlayerRow],
    conditions: Mapping[int, Sequence[Any]],
    book: Rulebook,
    now: int,
    extra_facts: Sequence[str] = (),
) -> dict[int, list[EligibilityVerdict]]:
    """The verdicts on players whose rows were read, each on conditions of its own, at a moment under a rulebook."""
    rules = {
        player: [_compiled(msgspec.json.encode(logic if logic is not None else True)) for logic in conditions[player]]
        for player in rows
    }
    memories = _memories(conn, rules)
    judged = {}
    for player, row in rows.items():
        entry = Entry(0, 0, player, PLAY, "", "laurel", now, now, {})
        facts = facts_at(player_state.decode(row.state), entry, book, memories.get(player))
        judged[player] = [_verdict(rule, facts, now, extra_facts) for rule in rules[player]]
    return judged


def _memories(conn: Connection, rules: Mapping[int, Sequence[CompiledLogic]]) -> dict[int, Memory]:
    """The past days of those players over whose days a condition looks back."""
    memories = {
        player: Memory()
        for player, of_player in rules.items()
        if any(".last_" in path for rule in of_player for path in rule.paths)
    }
    if memories:
        for player, series, bucket, value in player_states.all_past(conn, memories):
            memories[player].past[series, bucket] = value
    return memories


def _verdict(rule: CompiledLogic, facts: Mapping[str, Any], now: int, extra_facts: Sequence[str]) -> EligibilityVerdict:
    reported = {path: _as_json(facts[path]) for path in sorted({*rule.paths, *extra_facts})}
    return EligibilityVerdict(_holds(rule, facts), now, reported)


def _holds(rule: CompiledLogic, facts: Mapping[str, Any]) -> bool:
    try:
        return rule.holds(facts)
    except MissingFact:
        return False


def _as_json(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool | type(None)) else str(value)
