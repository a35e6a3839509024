"""Facts for publications that run as jobs: which versions are live, since which rulebook, and the progress."""

from collections.abc import Iterable, Mapping
from typing import Any

from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection


def uncounted(conn: Connection, versions: Mapping[str, int]) -> set[str]:
    """Rules whose history these versions have not counted: not in force now, or measuring something else so far."""
    rows = conn.execute("SELECT key, status, live_version FROM rule WHERE key = ANY(%s)", (list(versions),))
    return {
        key
        for key, status, live in rows.fetchall()
        if status != "live"
        or rule_versions.generation(conn, key, live) != rule_versions.generation(conn, key, versions[key])
    }


def ranked_by(conn: Connection, metrics: Iterable[str]) -> list[str]:
    """The live leaderboards that rank by one of these metrics."""
    scores = {f"metric.{key}" for key in metrics}
    return [document["key"] for document in rule_versions.live_documents(conn) if document.get("score") in scores]


def is_not_live_yet(conn: Connection, key: str, version: int) -> bool:
    """Whether that version, or a newer one, is not live yet."""
    row = conn.execute(
        "SELECT status = 'live' AND live_version >= %s FROM rule WHERE key = %s", (version, key)
    ).fetchone()
    return row is None or not row[0]


def documents_of(conn: Connection, versions: Mapping[str, int]) -> list[dict[str, Any]]:
    """The documents of these versions, by key."""
    rows = conn.execute(
        "SELECT v.document FROM rule_version v JOIN unnest(%s::text[], %s::int[]) AS t (key, version)"
        " ON v.key = t.key AND v.version = t.version ORDER BY v.key",
        (list(versions), list(versions.values())),
    )
    return [row[0] for row in rows]


def has_history(conn: Connection) -> bool:
    """Whether any entry was ever applied or is waiting."""
    row = conn.execute("SELECT EXISTS (SELECT FROM shard WHERE n > 0) OR EXISTS (SELECT FROM inbox)").fetchone()
    return bool(row and row[0])


def publication_progress(conn: Connection, job_id: str) -> dict[str, Any] | None:
    """The progress of a publication job, as its author sees it; None for any other job."""
    row = conn.execute(
        "SELECT id::text, status, progress, total, params->'versions', result, detail FROM job"
        " WHERE id = %s AND kind = 'publish'",
        (job_id,),
    ).fetchone()
    names = ("id", "status", "done", "total", "versions", "result", "detail")
    return None if row is None else dict(zip(names, row, strict=True))


def last_publication_of(conn: Connection, key: str) -> dict[str, Any] | None:
    """The progress of a rule's newest publication job; None if it never needed one."""
    row = conn.execute(
        "SELECT id::text FROM job WHERE kind = 'publish' AND params->'versions' ? %s ORDER BY created_at DESC LIMIT 1",
        (key,),
    ).fetchone()
    return None if row is None else publication_progress(conn, row[0])
