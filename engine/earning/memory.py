"""What stands beside a player's state: asked for by `needs`, changed by the fold, kept by the shell."""

from dataclasses import dataclass, field
from typing import Any

State = dict[str, Any]


@dataclass(slots=True)
class Memory:
    """Members of sets and buckets of series, as far as they were loaded, and what the fold changed of them.

    `keys` are members of sets (set, hash); `past` holds buckets of series, a value of None meaning that the
    bucket is gone. `added_keys` and `changed_past` are what the shell has to write.
    """

    keys: set[tuple[str, bytes]] = field(default_factory=set)
    past: dict[tuple[str, int], Any] = field(default_factory=dict)
    added_keys: list[tuple[str, bytes]] = field(default_factory=list)
    changed_past: dict[tuple[str, int], Any] = field(default_factory=dict)

    def add(self, group: str, digest: bytes) -> bool:
        """Add a member to a set; False where it was one already."""
        member = (group, digest)
        if member in self.keys:
            return False
        self.keys.add(member)
        self.added_keys.append(member)
        return True

    def put(self, series: str, bucket: int, value: Any) -> None:
        """Write one bucket beside the document."""
        self.past[series, bucket] = value
        self.changed_past[series, bucket] = value


@dataclass(slots=True)
class Player:
    """One player while entries are folded; the state of a new one is empty."""

    number: int
    state: State = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
