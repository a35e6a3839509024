"""Comparing: what is stored against what the log says it should be, and the hash of it all."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

from engine.scoring.state import player_state
from engine.scoring.state.memory import Player
from webapp.services.history.refold import Recount, keys_of, past_of
from webapp.store.events.history import HistoryRows
from webapp.store.events.history_pages import OUTCOME, N, Row, Snapshot

encode_json = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what the log says; `n` is 0 where no single entry is to blame."""

    shard: int
    player: int
    n: int
    what: str

    def __str__(self) -> str:
        return f"player {self.player} shard {self.shard}{f' n {self.n}' if self.n else ''}: {self.what}"


@dataclass(slots=True)
class Lines:
    """What a shard's history came to, player by player, for the comparison at the end and the hash."""

    hashes: dict[int, Any] = field(default_factory=dict)
    badges: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    completions: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, written: HistoryRows) -> None:
        """Take in one page."""
        for row in written.ledger:
            self.hashes.setdefault(row[2], blake2b(digest_size=16)).update(encode_json(row[3:]))
        for row in written.badges:
            self.badges.setdefault(row[0], []).append((*row, None))
        for n, player, badge, period in written.revoked:
            held = self.badges.get(player, [])
            for place, row in enumerate(held):
                if row[1:3] == (badge, period) and row[8] is None:
                    held[place] = (*row[:8], n)
        for row in written.completions:
            self.completions.setdefault(row[0], []).append(row)


def compare_page(
    shard: int, rows: list[Any], written: HistoryRows, ledger: list[tuple[Any, ...]], given: Recount
) -> list[Difference]:
    """Outcomes and ledger lines of one page of history, entry by entry."""
    stored = {row[N]: bytes(row[OUTCOME]) if row[OUTCOME] is not None else None for row in rows}
    found = [
        Difference(shard, row[3], row[0], f"outcome {_short(stored[row[0]])}, not {_short(row[4])}")
        for row in written.applied
        if stored[row[0]] != row[4]
    ]
    kept = [line for line in ledger if not given.is_given(line[2], line[0])]
    for line in sorted(set(kept) ^ set(written.ledger), key=lambda line: line[:2]):
        word = "a ledger line too many" if line in set(kept) else "a ledger line missing"
        found.append(
            Difference(shard, line[2], line[0], f"{word}: {line[4]} {line[3]} by {line[6]}, balance {line[5]}")
        )
    return found


def _short(outcome: bytes | None) -> str:
    return "nothing" if outcome is None else outcome.decode()[:200]


def compare_players(shard: int, snapshot: Snapshot, recount: Recount) -> list[Difference]:
    """States, versions, keys and older counters of all players of a shard."""
    keys: dict[int, set[tuple[str, bytes]]] = {}
    for number, name, value in snapshot.keys:
        keys.setdefault(number, set()).add((name, bytes(value)))
    past: dict[int, dict[tuple[str, int], Any]] = {}
    for number, series, bucket, text in snapshot.past:
        past.setdefault(number, {})[series, bucket] = msgspec.json.decode(text)
    found = []
    for number, row in snapshot.players.items():
        player = recount.player(number)
        beside = (keys.get(number, set()), past.get(number, {}))
        found += [Difference(shard, number, 0, what) for what in _of_player(row, player, beside, recount)]
    return found


def _of_player(row: Row, player: Player, beside: tuple[set[Any], dict[Any, Any]], recount: Recount) -> list[str]:
    due = recount.versions.get(row.number, 0)
    stored, expected = row.state, player_state.encode(player.state) if due else None
    found = []
    if stored != expected:
        found.append(f"state {_short(stored)}, not {_short(expected)}")
    if row.version != due:
        found.append(f"version {row.version}, not {due}")
    if beside[0] != keys_of(player):
        found.append(
            f"keys {_named(beside[0] - keys_of(player))} too many, {_named(keys_of(player) - beside[0])} missing"
        )
    if _plain(beside[1]) != _plain(past_of(player)):
        found.append(f"older counters {beside[1]}, not {past_of(player)}")
    return found


def _plain(past: dict[tuple[str, int], Any]) -> bytes:
    return encode_json(sorted([series, bucket, value] for (series, bucket), value in past.items()))


def _named(keys: set[tuple[str, bytes]]) -> list[str]:
    return sorted(f"{name}:{value.hex()[:8]}" for name, value in keys)[:5]


def hash_of_player(row: Row, player: Player, lines: Lines) -> bytes:
    """A player's share of the state hash: without numbers of entries, of players and of the order between shards."""
    ledger = lines.hashes.get(row.number)
    badges = [
        (badge[1], badge[2], badge[5], badge[6], badge[7], badge[8] is None)
        for badge in lines.badges.get(row.number, [])
    ]
    completions = [(done[1], done[2], done[5], done[6]) for done in lines.completions.get(row.number, [])]
    past = [
        [series, bucket, player_state.bucket_without_entry_number(series, value)]
        for (series, bucket), value in sorted(past_of(player).items())
    ]
    parts = [
        row.id,
        ledger.hexdigest() if ledger else "",
        badges,
        completions,
        past,
        sorted(k.hex() + n for n, k in keys_of(player)),
    ]
    return blake2b(player_state.without_entry_numbers(player.state) + encode_json(parts), digest_size=16).digest()
