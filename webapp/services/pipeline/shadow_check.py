"""The shadow check: a small sample of what was judged is judged again by the reference interpreter."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.language.compile import Compiled
from engine.language.reference_check import difference
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledStreak, FormulaAmount
from engine.scoring.rulebook.rulebook import EventPlan
from engine.scoring.state.memory import Player
from engine.scoring.views.explanation_facts import facts_at
from engine.vocabulary.entry import Entry
from webapp.store.rules.rulebooks import documents, rulebook
from webapp.store.system.connection import Connection

ONE_IN = 101

Fault = tuple[str, int, int, str]


def look(conn: Connection, number: int, players: Mapping[int, Player], entries: Sequence[Entry]) -> list[Fault]:
    """Judge about one entry in a hundred again, with its player as it now is; gives (rule, version, seq, difference).

    Which entries are looked at follows from their numbers alone.
    """
    return [
        fault
        for entry in entries
        if entry.seq % ONE_IN == 0 and entry.is_event
        for fault in _faults(conn, number, players[entry.player], entry)
    ]


def _faults(conn: Connection, number: int, player: Player, entry: Entry) -> Iterator[Fault]:
    book, written = rulebook(conn, number), documents(conn, number)
    known = facts_at(player.state, entry, book, player.memory)
    for key, version, logic, compiled in _judged(book.plan(entry.type), written):
        wrong = difference(logic, compiled, known)
        if wrong:
            yield key, version, entry.seq, f"compiled and reference differ: {wrong}"


def _judged(plan: EventPlan, written: Mapping[str, Any]) -> Iterator[tuple[str, int, Any, Compiled]]:
    """All logic that an event of this plan's type is judged by, as it was written and as it was compiled."""
    measures: list[CompiledMetric | CompiledStreak] = [*plan.metrics, *plan.streaks]
    for measure in measures:
        if measure.condition is not None:
            yield measure.key, measure.version, written[measure.key]["filter"], measure.condition
    for rule in (*plan.earning, *plan.missions, *plan.badges):
        raw = written[rule.key]
        if rule.condition is not None:
            yield rule.key, rule.version, raw["condition"], rule.condition
        for currency, amount in (("xp", rule.grant.xp), ("coins", rule.grant.coins)):
            if isinstance(amount, FormulaAmount):
                yield rule.key, rule.version, raw["grant"][currency], amount.compiled
