"""Players as lists and pages show them: found by the start of their id, with the days they were active."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from webapp.store.system.connection import Connection


def ids_starting_with(conn: Connection, start: str, limit: int) -> list[str]:
    """Ids of players that begin so, in their order."""
    pattern = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = conn.execute("SELECT id FROM player WHERE id LIKE %s ORDER BY id LIMIT %s", (pattern, limit))
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class ListedPlayer:
    """A player as a row of the list."""

    id: str
    xp: int
    coins: int
    version: int
    created_at: datetime
    flag: str | None


def list_players(conn: Connection, start: str, after: str | None, limit: int) -> list[ListedPlayer]:
    """Players whose ids begin so, in their order, from behind `after` on."""
    pattern = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    with conn.cursor(row_factory=class_row(ListedPlayer)) as cursor:
        return cursor.execute(
            "SELECT id, coalesce((s ->> 'xp')::bigint, 0) AS xp, coalesce((s ->> 'coins')::bigint, 0) AS coins,"
            " version, created_at, flag FROM (SELECT *, convert_from(state, 'UTF8')::jsonb AS s FROM player"
            " WHERE id LIKE %(pattern)s AND (%(after)s::text IS NULL OR id > %(after)s)"
            " ORDER BY id LIMIT %(limit)s) AS p ORDER BY id",
            {"pattern": pattern, "after": after, "limit": limit},
        ).fetchall()


def active_days(conn: Connection, player: int, zone: str, days: int) -> dict[date, int]:
    """How many events a player had on each of the last days that had any, in the player's zone."""
    rows = conn.execute(
        "SELECT (occurred_at AT TIME ZONE %s)::date AS day, count(*) FROM entry WHERE player = %s"
        " AND occurred_at > clock_timestamp() - make_interval(days => %s) AND type NOT LIKE 'laurel.%%' GROUP BY 1",
        (zone, player, days),
    )
    return {row[0]: int(row[1]) for row in rows}
