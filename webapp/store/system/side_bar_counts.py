"""The counts that the side bar shows beside its links."""

from dataclasses import dataclass

from psycopg.rows import class_row

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class SideBarCounts:
    """The numbers of the side bar."""

    live_rules: int
    parked: int
    open_games: int


def side_bar_counts(conn: Connection) -> SideBarCounts:
    """How many rules are live, how many entries are parked, and how many games are open."""
    with conn.cursor(row_factory=class_row(SideBarCounts)) as cursor:
        row = cursor.execute(
            "SELECT (SELECT count(*) FROM rule WHERE status = 'live') AS live_rules,"
            " (SELECT count(*) FROM parked WHERE replayed_at IS NULL) AS parked,"
            " (SELECT count(*) FROM game g JOIN campaign c ON c.key = g.campaign WHERE c.ended_at IS NULL"
            "   AND c.paused_at IS NULL AND clock_timestamp() BETWEEN g.starts_at AND g.ends_at) AS open_games"
        ).fetchone()
    assert row is not None
    return row
