"""What is kept beside a player's state: listed by `preload`, loaded by the caller, changed by the fold."""

from dataclasses import dataclass, field
from typing import Any

State = dict[str, Any]
SEEDED_PREFIXES = ("m:", "s:", "b:", "t:", "d:", "w:", "n:")
"""How the names of sets and series begin that belong to a metric, streak or board; its key follows."""


@dataclass(slots=True)
class Memory:
    """Members of sets and buckets of series, as far as they were loaded, and what the fold changed of them.

    `keys` are members of sets (set, hash); `past` holds buckets of series, a value of None meaning that the bucket is
    gone. `added_keys` and `changed_past` are what the caller has to write, after it has removed `removed_keys` and all
    sets and series of the `forgotten` metrics, streaks and boards.
    """

    keys: set[tuple[str, bytes]] = field(default_factory=set)
    past: dict[tuple[str, int], Any] = field(default_factory=dict)
    added_keys: list[tuple[str, bytes]] = field(default_factory=list)
    removed_keys: list[tuple[str, bytes]] = field(default_factory=list)
    changed_past: dict[tuple[str, int], Any] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)

    def add(self, name: str, digest: bytes) -> bool:
        """Add a member to the set of this name; False if it was one already."""
        member = (name, digest)
        if member in self.keys:
            return False
        self.keys.add(member)
        if member in self.removed_keys:
            self.removed_keys.remove(member)
        else:
            self.added_keys.append(member)
        return True

    def remove(self, name: str, digest: bytes) -> None:
        """Remove a member from the set of this name, if it is one."""
        member = (name, digest)
        if member not in self.keys:
            return
        self.keys.discard(member)
        if member in self.added_keys:
            self.added_keys.remove(member)
        else:
            self.removed_keys.append(member)

    def put(self, series: str, bucket: int, value: Any) -> None:
        """Write one bucket beside the document."""
        self.past[series, bucket] = value
        self.changed_past[series, bucket] = value

    def forget(self, key: str) -> None:
        """Remove all sets and series that belong to one metric, streak or board, loaded or not."""
        self.forgotten.add(key)
        self.keys = {member for member in self.keys if not belongs_to_key(member[0], key)}
        self.added_keys[:] = [member for member in self.added_keys if not belongs_to_key(member[0], key)]
        self.past = _without_series_of(self.past, key)
        self.changed_past = _without_series_of(self.changed_past, key)


def _without_series_of(buckets: dict[tuple[str, int], Any], key: str) -> dict[tuple[str, int], Any]:
    return {address: value for address, value in buckets.items() if not belongs_to_key(address[0], key)}


def belongs_to_key(name: str, key: str) -> bool:
    """Whether a set or series belongs to the metric, streak or board with this key."""
    return name.startswith(SEEDED_PREFIXES) and name.split(":", 2)[1] == key


@dataclass(slots=True)
class Player:
    """One player while entries are folded; the state of a new one is empty."""

    number: int
    state: State = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
