"""Generations: when a metric, streak or board begins to measure something else, its values start over.

A document's generation is 1 plus how often what it measures has changed; new names or freezes change nothing. A player
carries the generation of a value (`state.gen`, absent for the first) until its history is counted again. Until then a
value of an older generation is frozen: nobody reads it and nothing is added to it.
"""

from collections.abc import Mapping
from dataclasses import replace

from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledStreak
from engine.scoring.rulebook.leaderboard import CompiledLeaderboard
from engine.scoring.state.memory import State

STATE_SECTIONS = ("total", "days", "weeks", "months", "streaks", "boards", "closed")
"""The sections of the state that hold values of metrics, streaks and boards by key."""


def with_metric_generation(board: CompiledLeaderboard, metrics: Mapping[str, CompiledMetric]) -> CompiledLeaderboard:
    """The board with the generation of its values: they also start over with those of its metric."""
    metric = metrics.get(board.metric or "")
    return board if metric is None else replace(board, generation=board.generation + metric.generation - 1)


def is_stale(state: State, rule: CompiledMetric | CompiledStreak | CompiledLeaderboard) -> bool:
    """Whether the player's values of a metric, streak or board are of another generation than the document."""
    recorded: int = state.get("gen", {}).get(rule.key, 1)
    return recorded != rule.generation and any(rule.key in state.get(section, ()) for section in STATE_SECTIONS)


def begin_counting(state: State, rule: CompiledMetric | CompiledStreak | CompiledLeaderboard) -> bool:
    """Whether a document may count for the player: not while older values await their recount.

    Records the generation if the player has no values yet.
    """
    if rule.generation == state.get("gen", {}).get(rule.key, 1):
        return True
    if is_stale(state, rule):
        return False
    record_generation(state, rule)
    return True


def record_generation(state: State, rule: CompiledMetric | CompiledStreak | CompiledLeaderboard) -> None:
    """Record which generation the player's values are; the first is not recorded, so that documents stay small."""
    recorded: dict[str, int] = state.setdefault("gen", {})
    recorded[rule.key] = rule.generation
    if rule.generation == 1:
        del recorded[rule.key]
    if not recorded:
        del state["gen"]
