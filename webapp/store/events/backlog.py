"""The backlog: how much waits to be applied, and how fast it is being applied."""

from dataclasses import dataclass
from time import monotonic

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class BacklogMeasure:
    """One look: entries that wait (counted up to a bound), entries ever applied, and when this was."""

    waiting: int
    applied: int
    at: float

    def rate_since(self, earlier: "BacklogMeasure") -> float:
        """Entries applied per second between two looks."""
        elapsed = self.at - earlier.at
        return max(0, self.applied - earlier.applied) / elapsed if elapsed > 0 else 0.0


MEASURE = """
SELECT (SELECT count(*) FROM (SELECT FROM inbox LIMIT %b::bigint) AS bounded), (SELECT sum(n)::bigint FROM shard)
"""


def measure(conn: Connection, bound: int) -> BacklogMeasure:
    """Look at the backlog; what it costs grows with what waits, up to the bound."""
    row = conn.execute(MEASURE, (bound,), binary=True).fetchone()
    assert row is not None
    return BacklogMeasure(int(row[0]), int(row[1]), monotonic())
