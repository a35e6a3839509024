"""Comparing what is stored with the result of folding the log again, and the hash of it all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

from engine.scoring.state import player_state
from engine.scoring.state.memory import Player
from webapp.services.history.refold import Refold, keys_of, past_of
from webapp.services.pipeline.apply_batch import encode_json
from webapp.store.events.applied_entries import AppliedRows
from webapp.store.events.recorded_history import OUTCOME, N, ShardSnapshot
from webapp.store.players.player_states import PlayerRow


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
class RefoldedAwards:
    """The results of a shard's history, player by player, for the comparison at the end and the hash.

    Ledger lines are kept as a hash only; badges and completions are rows as `recorded_history` reads them.
    """

    ledger_hashes: dict[int, Any] = field(default_factory=dict)
    badges: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    completions: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, rows: AppliedRows) -> None:
        """Add the results of one page."""
        for row in rows.ledger:
            self.ledger_hashes.setdefault(row[2], blake2b(digest_size=16)).update(encode_json(row[3:]))
        for is_award, row in rows.badge_changes():
            if is_award:
                self.badges.setdefault(row[0], []).append((*row, None))
            else:
                self._revoke(*row)
        for row in rows.completions:
            self.completions.setdefault(row[0], []).append(row)

    def _revoke(self, n: int, player: int, badge: str, period: str) -> None:
        awarded = self.badges.get(player, [])
        for place, row in enumerate(awarded):
            if row[1:3] == (badge, period) and row[8] is None:
                awarded[place] = (*row[:8], n)


def compare_page(
    shard: int, page: list[Any], expected: AppliedRows, ledger: list[tuple[Any, ...]], refold: Refold
) -> list[Difference]:
    """Outcomes and ledger lines of one page of history, entry by entry."""
    stored = {row[N]: bytes(row[OUTCOME]) if row[OUTCOME] is not None else None for row in page}
    differences = [
        Difference(shard, row[3], row[0], f"outcome {_short(stored[row[0]])}, not {_short(row[4])}")
        for row in expected.applied
        if stored[row[0]] != row[4]
    ]
    decided = {line for line in ledger if not refold.is_checkpointed(line[2], line[0])}
    for line in sorted(decided ^ set(expected.ledger), key=lambda line: line[:2]):
        label = "an extra ledger line" if line in decided else "a missing ledger line"
        differences.append(
            Difference(shard, line[2], line[0], f"{label}: {line[4]} {line[3]} by {line[6]}, balance {line[5]}")
        )
    return differences


def _short(outcome: bytes | None) -> str:
    return "nothing" if outcome is None else outcome.decode()[:200]


def compare_players(shard: int, snapshot: ShardSnapshot, refold: Refold) -> list[Difference]:
    """States, versions, keys and older counters of all players of a shard."""
    keys: dict[int, set[tuple[str, bytes]]] = {}
    for number, name, value in snapshot.keys:
        keys.setdefault(number, set()).add((name, bytes(value)))
    past: dict[int, dict[tuple[str, int], Any]] = {}
    for number, series, bucket, text in snapshot.past:
        past.setdefault(number, {})[series, bucket] = msgspec.json.decode(text)
    differences = []
    for number, row in snapshot.players.items():
        stored_keys, stored_past = keys.get(number, set()), past.get(number, {})
        player, version = refold.player(number), refold.versions.get(number, 0)
        texts = [*_compare_row(row, player, version), *_compare_memory(stored_keys, stored_past, player)]
        differences += [Difference(shard, number, 0, text) for text in texts]
    return differences


def _compare_row(row: PlayerRow, player: Player, version: int) -> Iterator[str]:
    expected = player_state.encode(player.state) if version else None
    if row.state != expected:
        yield f"state {_short(row.state)}, not {_short(expected)}"
    if row.version != version:
        yield f"version {row.version}, not {version}"


def _compare_memory(
    stored_keys: set[tuple[str, bytes]], stored_past: dict[tuple[str, int], Any], player: Player
) -> Iterator[str]:
    expected_keys, expected_past = keys_of(player), past_of(player)
    if stored_keys != expected_keys:
        extra, missing = stored_keys - expected_keys, expected_keys - stored_keys
        yield f"keys {_named(extra)} extra, {_named(missing)} missing"
    if _plain(stored_past) != _plain(expected_past):
        yield f"older counters {stored_past}, not {expected_past}"


def _plain(past: dict[tuple[str, int], Any]) -> bytes:
    return encode_json(sorted([series, bucket, value] for (series, bucket), value in past.items()))


def _named(keys: set[tuple[str, bytes]]) -> list[str]:
    return sorted(f"{name}:{value.hex()[:8]}" for name, value in keys)[:5]


def hash_of_player(row: PlayerRow, player: Player, awards: RefoldedAwards) -> bytes:
    """A player's share of the state hash: without numbers of entries, of players and of the order between shards."""
    ledger = awards.ledger_hashes.get(row.number)
    badges = [
        (badge[1], badge[2], badge[5], badge[6], badge[7], badge[8] is None)
        for badge in awards.badges.get(row.number, [])
    ]
    completions = [(done[1], done[2], done[5], done[6]) for done in awards.completions.get(row.number, [])]
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
