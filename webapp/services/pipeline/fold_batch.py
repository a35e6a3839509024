"""Folding a batch: load what the fold may look at, apply each entry, collect what follows from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from engine.scoring.fold import fold
from engine.scoring.rulebook.preload import preload_for
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state import player_state
from engine.scoring.state.memory import Memory, Player
from engine.scoring.views.due import due_at
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from webapp.services.pipeline import shadow_check
from webapp.services.pipeline.rule_matches import matched
from webapp.store.events.history import MICROS_PER_DAY, Written
from webapp.store.players import player_states
from webapp.store.players.player_states import Stored
from webapp.store.rules.rulebooks import rulebook
from webapp.store.system.connection import Connection

encode_json = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Standing:
    """A shard under its lock: its newest n, the live rulebook, and the rows of the players that are touched.

    `rulebook_at` is the moment at which that rulebook was made, where it is known already.
    """

    shard: int
    n: int
    rulebook: int
    rows: dict[int, Stored]
    rulebook_at: datetime | None = None


@dataclass(slots=True)
class Folded:
    """What a batch came to: history, players as they now are, and their outcomes in the order of the entries."""

    written: Written = field(default_factory=Written)
    players: dict[int, Player] = field(default_factory=dict)
    applied: dict[int, int] = field(default_factory=dict)
    flags: dict[int, str] = field(default_factory=dict)
    outcomes: list[tuple[Entry, Outcome]] = field(default_factory=list)
    faults: list[tuple[str, int, int, str]] = field(default_factory=list)
    due: dict[int, int | None] = field(default_factory=dict)
    matches: Counter[str] = field(default_factory=Counter)

    @property
    def last_outcome(self) -> Outcome:
        """What the last entry came to; empty where it changed nothing."""
        return self.outcomes[-1][1] if self.outcomes else Outcome()


def fold_entries(conn: Connection, batches: Sequence[tuple[Standing, Sequence[Entry]]]) -> list[Folded]:
    """Fold entries of shards under one rulebook in their order, each at its n; reads from the database, writes nothing.

    What stands beside the players of all the shards is loaded at once.
    """
    first = batches[0][0]
    book = rulebook(conn, first.rulebook, first.rulebook_at)
    rows = {number: row for standing, _ in batches for number, row in standing.rows.items()}
    known = gather(conn, rows, [entry for _, entries in batches for entry in entries], book)
    return [_folded(conn, standing, entries, known, book) for standing, entries in batches]


def _folded(
    conn: Connection, standing: Standing, entries: Sequence[Entry], known: dict[int, Player], book: Rulebook
) -> Folded:
    folded = Folded(players={entry.player: known[entry.player] for entry in entries})
    for entry in entries:
        outcome = fold(folded.players[entry.player], entry, book)
        collect(folded, entry, outcome)
        folded.matches.update(matched(outcome, book))
    folded.faults += shadow_check.look(conn, standing.rulebook, folded.players, entries)
    folded.due = {number: due_at(player.state, book) for number, player in folded.players.items()}
    return folded


def gather(conn: Connection, rows: dict[int, Stored], entries: Sequence[Entry], book: Rulebook) -> dict[int, Player]:
    """Decode the players' states and load what stands beside them, as far as these entries may look at it."""
    by_player: dict[int, list[Entry]] = {}
    for entry in entries:
        by_player.setdefault(entry.player, []).append(entry)
    found = {number: Player(number, player_state.decode(rows[number].state), Memory()) for number in by_player}
    wanted = {number: preload_for(found[number].state, mine, book) for number, mine in by_player.items()}
    remember(conn, found, wanted)
    return found


def remember(conn: Connection, found: dict[int, Player], wanted: dict[int, Any]) -> None:
    """Fill the players' memories with what is wanted; in the common case nothing is, and nothing is asked."""
    keys = [(number, *key) for number, want in wanted.items() for key in want.keys]
    sets = [(number, name) for number, want in wanted.items() for name in want.sets]
    past = [(number, *span) for number, want in wanted.items() for span in want.past]
    for number, name, value in (*player_states.keys_among(conn, keys), *player_states.keys_of_sets(conn, sets)):
        found[number].memory.keys.add((name, value))
    for number, series, bucket, value in player_states.past_of(conn, past):
        found[number].memory.past[series, bucket] = value


def collect(folded: Folded, entry: Entry, outcome: Outcome) -> None:
    """Turn one outcome into rows of history."""
    told = outcome.to_json()
    day = entry.received_at // MICROS_PER_DAY
    folded.written.applied.append((entry.n, entry.seq, day, entry.player, encode_json(told) if told else None))
    folded.applied[entry.player] = folded.applied.get(entry.player, 0) + 1
    if outcome.flag:
        folded.flags[entry.player] = outcome.flag
    if told or outcome.boards:
        folded.outcomes.append((entry, outcome))
        _collect_awards(folded.written, entry, outcome)
    folded.faults += [(fault.rule, fault.rule_version, entry.seq, fault.message) for fault in outcome.faults]


def _collect_awards(written: Written, entry: Entry, outcome: Outcome) -> None:
    n, seq, player, at = entry.n, entry.seq, entry.player, entry.occurred_at
    written.ledger += [
        (n, line, player, str(x.currency), x.amount, x.balance, x.rule, x.rule_version, x.reason, at)
        for line, x in enumerate(outcome.ledger)
    ]
    written.badges += [(player, b.badge, b.period, n, seq, b.tier, b.rule_version, at) for b in outcome.badges]
    written.revoked += [(n, player, r.badge, r.period) for r in outcome.revoked]
    written.completions += [(player, c.mission, c.period, n, seq, c.rule_version, at) for c in outcome.completions]
