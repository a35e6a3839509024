"""Saving a batch: states, memory, history, outbox and inbox, in one round trip."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from engine.scoring.state import player_state
from engine.scoring.state.memory import SEEDED_PREFIXES, Player
from engine.vocabulary.entry import Entry
from webapp.services.coupons import fill_claims
from webapp.services.pipeline.fold_batch import Folded, Standing, encode_json
from webapp.store.events import history, parking, rule_activity, shards
from webapp.store.players import player_states
from webapp.store.system.connection import Connection

Batch: TypeAlias = tuple[Standing, Folded, Sequence[Entry]]
"""A shard under its lock, what its entries came to, and the entries."""


def save(conn: Connection, batches: Sequence[Batch], *, forgets: bool = False) -> None:
    """Write all that batches of different shards changed; the caller holds the shards' locks and commits."""
    with conn.pipeline():
        player_states.save(conn, [row for standing, folded, _ in batches for row in encoded(standing, folded)])
        save_memory(conn, [pair for _, folded, _ in batches for pair in folded.players.items()])
        for standing, folded, entries in batches:
            history.write(conn, standing.shard, standing.rulebook, folded.written)
            rule_activity.count(conn, standing.shard, folded.matches)
            word = encode_json(word_for_relay(standing, folded, forgets=forgets))
            shards.close_batch(conn, standing.shard, entries[-1].n, [entry.seq for entry in entries], word)
        fill_claims.file_claims(conn, [each for _, folded, _ in batches for each in folded.outcomes])
        faults = [fault for _, folded, _ in batches for fault in folded.faults]
        if faults:
            parking.note_faults(conn, faults)


def encoded(standing: Standing, folded: Folded) -> list[tuple[int, bytes, int, int | None, str | None]]:
    """The players' rows as they are stored."""
    return [
        (
            number,
            player_state.encode(player.state),
            standing.rows[number].version + folded.applied.get(number, 0),
            folded.due.get(number),
            folded.flags.get(number),
        )
        for number, player in folded.players.items()
    ]


def save_memory(conn: Connection, changed: Iterable[tuple[int, Player]]) -> None:
    """Write what was added beside the states of these players, who come with their numbers."""
    memories = [(number, player.memory) for number, player in changed]
    gone = [(number, key) for number, memory in memories for key in sorted(memory.forgotten)]
    player_states.forget_sets(conn, gone, SEEDED_PREFIXES)
    player_states.add_keys(conn, [(number, *key) for number, memory in memories for key in memory.added_keys])
    player_states.set_past(
        conn, [(number, *place, value) for number, memory in memories for place, value in memory.changed_past.items()]
    )


def word_for_relay(standing: Standing, folded: Folded, *, forgets: bool = False) -> dict[str, Any]:
    """What the relay is told: each board's newest score of each player, lines of the feed, the players' versions."""
    versions = {
        number: row.version + folded.applied.get(number, 0)
        for number, row in standing.rows.items()
        if number in folded.players
    }
    ids = {number: None if forgets else standing.rows[number].id for number in versions}
    return {
        "boards": [] if forgets else _boards(folded, ids, versions),
        "feed": [
            {"player": ids[entry.player], "event": entry.event_id, "at": entry.occurred_at, **outcome.to_json()}
            for entry, outcome in folded.outcomes
            if not (forgets or entry.properties.get("silent"))
            and (outcome.ledger or outcome.badges or outcome.completions)
        ],
        "players": [[number, ids[number], version] for number, version in versions.items()],
    }


def _boards(folded: Folded, ids: dict[int, str | None], versions: dict[int, int]) -> list[list[Any]]:
    newest: dict[tuple[str, str, int], list[Any]] = {}
    for entry, outcome in folded.outcomes:
        who = entry.player
        for change in outcome.boards:
            place = (change.board, change.run, who)
            before = newest[place][3] if place in newest else change.previous_segment
            newest[place] = [
                change.board, change.run, change.segment, before,
                who, ids[who], change.score, change.reached, versions[who],
            ]  # fmt: skip
    return list(newest.values())
