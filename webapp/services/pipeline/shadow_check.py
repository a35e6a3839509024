"""The shadow check: a small sample of what compiled rules decided is decided again by the reference interpreter."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.language.compile import CompiledLogic
from engine.language.reference_interpreter import difference_from_reference
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledStreak, FormulaAmount
from engine.scoring.rulebook.rulebook import EventPlan, Rulebook
from engine.scoring.state.memory import Player
from engine.scoring.views.explanation_facts import facts_at
from engine.vocabulary.entry import Entry
from webapp.store.rules.rulebooks import documents, rulebook
from webapp.store.system.connection import Connection

ONE_IN = 101  # a prime, so that no regular pattern in the log is always sampled, or never

Fault = tuple[str, int, int, str]
"""Rule, version, seq of the entry, message."""


def check_sample(
    conn: Connection,
    number: int,
    players: Mapping[int, Player],
    entries: Sequence[Entry],
    made_at: datetime | None = None,
) -> list[Fault]:
    """Check about one entry in a hundred, with its player as it is now; returns a fault for each rule that differs.

    `number` is that of the rulebook; a caller that knows when it was made saves a query. Which entries are checked
    follows from their own numbers alone.
    """
    sample = [entry for entry in entries if entry.seq % ONE_IN == 0 and entry.is_event]
    if not sample:
        return []
    book, sources = rulebook(conn, number, made_at), documents(conn, number, made_at)
    return [fault for entry in sample for fault in _faults(book, sources, players[entry.player], entry)]


def _faults(book: Rulebook, sources: Mapping[str, Any], player: Player, entry: Entry) -> Iterator[Fault]:
    known = facts_at(player.state, entry, book, player.memory)
    for key, version, logic, compiled in _logic_of(book.plan(entry.type), sources):
        mismatch = difference_from_reference(logic, compiled, known)
        if mismatch:
            yield key, version, entry.seq, f"compiled and reference differ: {mismatch}"


def _logic_of(plan: EventPlan, sources: Mapping[str, Any]) -> Iterator[tuple[str, int, Any, CompiledLogic]]:
    """All logic that decides over events of this plan's type: rule, version, as it was written, as it was compiled."""
    measures: list[CompiledMetric | CompiledStreak] = [*plan.metrics, *plan.streaks]
    for measure in measures:
        if measure.condition is not None:
            yield measure.key, measure.version, sources[measure.key]["filter"], measure.condition
    for rule in (*plan.earning, *plan.missions, *plan.badges):
        source = sources[rule.key]
        if rule.condition is not None:
            yield rule.key, rule.version, source["condition"], rule.condition
        for currency, amount in (("xp", rule.grant.xp), ("coins", rule.grant.coins)):
            if isinstance(amount, FormulaAmount):
                yield rule.key, rule.version, source["grant"][currency], amount.compiled
