"""A player's state: one JSON document, the same byte for byte wherever it is folded.

Keys of the document (absent where empty): `v` entries applied · `tz`, `attributes` · `xp`, `coins`, `level` ·
`life` [state, since] · `last` newest activity · `day` newest day, `floor` first day whose counters stand here ·
`total` metric → value · `days` series → day → value · `streaks` · `missions` key → period → [progress, done] ·
`badges` key → how often held · `cool` rule → last grant · `boards` key → run → [score, reached] · `seg` board →
segment · `in` segments · `rate`, `usual` event rates. Values of metrics are whole millionths.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

State = dict[str, Any]
KEY_BYTES = 16
DAYS_KEPT = 35
BUCKETS_MAX = 180
BUCKETS_AFTER_SPILL = 120
RUNS_KEPT = 2
BYTES_MAX = 8192

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(dict[str, Any])


@dataclass(slots=True)
class Memory:
    """What stands beside the document: asked for by `needs`, changed by the fold, kept by the shell.

    `keys` are members of sets (set, hash); `past` holds buckets of series, a value of None meaning that the
    bucket is gone. `added_keys` and `changed_past` are what the shell has to write.
    """

    keys: set[tuple[str, bytes]] = field(default_factory=set)
    past: dict[tuple[str, int], Any] = field(default_factory=dict)
    added_keys: list[tuple[str, bytes]] = field(default_factory=list)
    changed_past: dict[tuple[str, int], Any] = field(default_factory=dict)

    def add(self, group: str, digest: bytes) -> bool:
        """Add a member to a set; False where it was one already."""
        if (group, digest) in self.keys:
            return False
        self.keys.add((group, digest))
        self.added_keys.append((group, digest))
        return True

    def put(self, series: str, bucket: int, value: Any) -> None:
        """Write one bucket beside the document."""
        self.past[series, bucket] = value
        self.changed_past[series, bucket] = value


@dataclass(slots=True)
class Player:
    """One player while entries are folded."""

    number: int
    state: State
    memory: Memory


def encode(state: State) -> bytes:
    """The canonical form: sorted keys, no blanks."""
    return _encoder.encode(state)


def decode(stored: bytes | None) -> State:
    """The inverse of `encode`; a player without a state yet has an empty one."""
    return {} if stored is None else _decoder.decode(stored)


def hashed(state: State) -> bytes:
    """The canonical form without the numbers of entries: the same in every installation that saw the same events."""
    boards = {key: {run: pair[0] for run, pair in runs.items()} for key, runs in state.get("boards", {}).items()}
    return encode({**state, "boards": boards} if boards else state)


def digest(*values: Any) -> bytes:
    """The short form of some JSON values, as kept in a player's sets."""
    return blake2b(_encoder.encode(values), digest_size=KEY_BYTES).digest()


def bucket(player: Player, series: str, day: int) -> Any:
    """A series' value on one day, None where there is none."""
    if day >= player.state.get("floor", day):
        return player.state.get("days", {}).get(series, {}).get(str(day))
    return player.memory.past.get((series, day))


def put_bucket(player: Player, series: str, day: int, value: Any) -> None:
    """Write a series' value on one day, in the document or beside it."""
    if day >= player.state.get("floor", day):
        player.state.setdefault("days", {}).setdefault(series, {})[str(day)] = value
    else:
        player.memory.put(series, day, value)


def buckets(player: Player, series: str, first: int, last: int) -> list[Any]:
    """A series' values from one day to another, both included, in no order."""
    floor = player.state.get("floor", first)
    found = [value for day, value in player.state.get("days", {}).get(series, {}).items() if first <= int(day) <= last]
    if first < floor:
        older = (player.memory.past.get((series, day)) for day in range(first, min(last + 1, floor)))
        found.extend(value for value in older if value is not None)
    return found


def advance(player: Player, day: int) -> None:
    """Let a new newest day begin: what is older than 35 days leaves the document."""
    if day <= player.state.get("day", day - 1):
        return
    player.state["day"] = day
    raise_floor(player, day - DAYS_KEPT + 1)


def raise_floor(player: Player, floor: int) -> None:
    """Move all buckets before a day out of the document."""
    state = player.state
    if floor <= state.get("floor", floor - 1):
        return
    state["floor"] = floor
    for series, days in list(state.get("days", {}).items()):
        for day in [day for day in days if int(day) < floor]:
            player.memory.put(series, int(day), days.pop(day))
        if not days:
            del state["days"][series]


def bound(player: Player) -> None:
    """Keep the document small whatever the player did; goes by counts, so that it is the same in every batch."""
    days = player.state.get("days")
    if not days or sum(map(len, days.values())) <= BUCKETS_MAX:
        return
    ordered = sorted(int(day) for series in days.values() for day in series)
    # A day may hold more series than fit: then only the newest day stays.
    raise_floor(player, min(ordered[-BUCKETS_AFTER_SPILL] + 1, ordered[-1]))
