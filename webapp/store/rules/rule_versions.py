"""Rules, their immutable versions, and the rulebooks made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from engine.rules.document_generations import generation_of
from engine.scoring.rulebook.rulebook import RuleVersion
from webapp.store.system.connection import Connection

RULEBOOK_LOCK = 422
canonical = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class StoredRule:
    """One rule: its status, and the document of its live version, or of its newest while it is a draft."""

    key: str
    kind: str
    name: str
    status: str
    live_version: int | None
    latest_version: int
    created_at: datetime
    updated_at: datetime
    updated_by: str
    document: dict[str, Any]


COLUMNS = (
    "r.key, r.kind, r.name, r.status, r.live_version, r.latest_version,"
    " r.created_at, r.updated_at, r.updated_by, v.document"
)
SELECT_RULE = (
    f"SELECT {COLUMNS} FROM rule r"
    " JOIN rule_version v ON v.key = r.key AND v.version ="
    " CASE r.status WHEN 'draft' THEN r.latest_version ELSE coalesce(r.live_version, r.latest_version) END"
)


DOCUMENT_HISTORY = (
    "(SELECT jsonb_agg(o.document ORDER BY o.version) FROM rule_version o WHERE o.key = v.key"
    " AND (o.version = v.version OR o.version < v.version AND v.document->>'kind' IN ('metric', 'streak',"
    " 'leaderboard', 'levels')))"
)
"""The documents of a rule up to a version, for kinds where it matters what older ones measured or contained."""


def lock(conn: Connection) -> None:
    """Take the rulebook lock: one transaction at a time changes what is live; readers do not wait."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (RULEBOOK_LOCK,))


def live_number(conn: Connection) -> int:
    """The number of the live rulebook; 0 is the empty one that exists from the start."""
    row = conn.execute("SELECT max(number) FROM rulebook").fetchone()
    return 0 if row is None else int(row[0])


def live_since(conn: Connection) -> datetime:
    """Since when the live rulebook is live."""
    row = conn.execute("SELECT created_at FROM rulebook ORDER BY number DESC LIMIT 1").fetchone()
    assert row is not None, "the empty rulebook exists from the start"
    since: datetime = row[0]
    return since


def rulebook_versions(conn: Connection, number: int) -> list[RuleVersion]:
    """The rule versions that make up a rulebook, by key."""
    rows = conn.execute(
        f"SELECT v.id, v.key, v.version, v.document, {DOCUMENT_HISTORY} FROM rulebook b"
        " JOIN rule_version v ON v.id = ANY(b.members) WHERE b.number = %s ORDER BY v.key",
        (number,),
    )
    return [RuleVersion(row[0], row[1], row[2], row[3], generation_of(row[4]), tuple(row[4][:-1])) for row in rows]


def generation(conn: Connection, key: str, version: int | None) -> int:
    """The generation of a version of a rule; 0 if there is no such version."""
    statement = f"SELECT {DOCUMENT_HISTORY} FROM rule_version v WHERE v.key = %s AND v.version = %s"
    row = conn.execute(statement, (key, version)).fetchone()
    return 0 if row is None else generation_of(row[0])


def live_documents(conn: Connection) -> list[dict[str, Any]]:
    """The documents of the live rulebook, by key."""
    rows = conn.execute(
        "SELECT v.document FROM rulebook b JOIN rule_version v ON v.id = ANY(b.members)"
        " WHERE b.number = (SELECT max(number) FROM rulebook) ORDER BY v.key"
    )
    return [row[0] for row in rows]


def live_names(conn: Connection, kind: str) -> dict[str, str]:
    """Key → name of the live rules of a kind."""
    rows = conn.execute(
        "SELECT v.key, v.document->>'name' FROM rulebook b JOIN rule_version v ON v.id = ANY(b.members)"
        " WHERE b.number = (SELECT max(number) FROM rulebook) AND v.document->>'kind' = %s",
        (kind,),
    )
    return {row[0]: row[1] for row in rows}


def all_rules(conn: Connection, *, kind: str | None = None, status: str | None = None) -> list[StoredRule]:
    """Every rule, by name; with `kind` or `status`, only those."""
    rows = conn.execute(
        f"{SELECT_RULE} WHERE (%(kind)s::text IS NULL OR r.kind = %(kind)s)"
        " AND (%(status)s::text IS NULL OR r.status = %(status)s) ORDER BY lower(r.name), r.key",
        {"kind": kind, "status": status},
    )
    return [StoredRule(*row) for row in rows]


def rule(conn: Connection, key: str) -> StoredRule | None:
    """One rule by its key."""
    row = conn.execute(f"{SELECT_RULE} WHERE r.key = %s", (key,)).fetchone()
    return None if row is None else StoredRule(*row)


def names(conn: Connection) -> dict[str, str]:
    """The name of every rule by its key, those out of force included."""
    return dict(conn.execute("SELECT key, name FROM rule").fetchall())


def documents_beside(conn: Connection, *, with_drafts: bool) -> list[dict[str, Any]]:
    """The documents to check a new one against: the live ones, or the newest of every rule in use."""
    if not with_drafts:
        return live_documents(conn)
    rows = conn.execute(
        "SELECT v.document FROM rule r JOIN rule_version v ON v.key = r.key AND v.version = r.latest_version"
        " WHERE r.status <> 'archived' ORDER BY r.key"
    )
    return [row[0] for row in rows]


def store_version(conn: Connection, document: Mapping[str, Any], by: str) -> int:
    """Store a document as its rule's newest version and return its number; an unchanged one gets no new version."""
    digest = sha256(canonical(dict(document))).digest()
    key, kind, name = document["key"], document["kind"], document["name"]
    row = conn.execute(
        "SELECT version, hash FROM rule_version WHERE key = %s ORDER BY version DESC LIMIT 1", (key,)
    ).fetchone()
    if row is not None and bytes(row[1]) == digest:
        return int(row[0])
    version = 1 if row is None else int(row[0]) + 1
    conn.execute(
        "INSERT INTO rule (key, kind, name, status, latest_version, updated_by) VALUES (%s, %s, %s, 'draft', %s, %s)"
        " ON CONFLICT (key) DO UPDATE SET latest_version = excluded.latest_version,"
        " name = CASE WHEN rule.live_version IS NULL THEN excluded.name ELSE rule.name END,"
        " updated_at = clock_timestamp(), updated_by = excluded.updated_by",
        (key, kind, name, version, by),
    )
    conn.execute(
        "INSERT INTO rule_version (key, version, document, hash, created_by) VALUES (%s, %s, %s, %s, %s)",
        (key, version, Jsonb(dict(document)), digest, by),
    )
    return version


def make_live(conn: Connection, versions: Mapping[str, int], by: str, *, status: str = "live") -> None:
    """Make these versions the live ones of their rules; they take effect with the next rulebook.

    With the status `counting` they are in the rulebook, too: they count new events while their history is counted.
    A rule whose live version is newer by now keeps it.
    """
    conn.execute(
        "UPDATE rule r SET status = %s, live_version = t.version, name = v.document->>'name',"
        " updated_at = clock_timestamp(), updated_by = %s"
        " FROM unnest(%s::text[], %s::int[]) AS t (key, version)"
        " JOIN rule_version v ON v.key = t.key AND v.version = t.version"
        " WHERE r.key = t.key AND coalesce(r.live_version, 0) <= t.version",
        (status, by, list(versions), list(versions.values())),
    )


def keep_as_drafts(conn: Connection, keys: Sequence[str]) -> None:
    """Turn archived rules back into drafts; the status of all others stays."""
    conn.execute("UPDATE rule SET status = 'draft' WHERE status = 'archived' AND key = ANY(%s)", (list(keys),))


def set_status(conn: Connection, key: str, status: str, by: str) -> None:
    """Change the status of a rule; it takes effect with the next rulebook."""
    conn.execute(
        "UPDATE rule SET status = %s, updated_at = clock_timestamp(), updated_by = %s WHERE key = %s", (status, by, key)
    )


def write_rulebook(conn: Connection) -> int:
    """Write a rulebook of all live rules and return its number; an unchanged one is not written. Takes the lock."""
    lock(conn)
    row = conn.execute(
        "SELECT coalesce(array_agg(v.id ORDER BY v.id), '{}') FROM rule r"
        " JOIN rule_version v ON v.key = r.key AND v.version = r.live_version WHERE r.status IN ('live', 'counting')"
    ).fetchone()
    members: Sequence[int] = row[0] if row else []
    number = live_number(conn)
    current = conn.execute("SELECT members FROM rulebook WHERE number = %s", (number,)).fetchone()
    if current is not None and list(current[0]) == list(members):
        return number
    conn.execute("INSERT INTO rulebook (number, members) VALUES (%s, %s)", (number + 1, list(members)))
    return number + 1


def document(conn: Connection, key: str, version: int) -> dict[str, Any]:
    """The document of one version of a rule, which must exist."""
    row = conn.execute("SELECT document FROM rule_version WHERE key = %s AND version = %s", (key, version)).fetchone()
    assert row is not None, "versions are never deleted"
    document: dict[str, Any] = row[0]
    return document


def versions_of(conn: Connection, key: str) -> list[tuple[int, dict[str, Any], str, datetime]]:
    """All versions of a rule, newest first: number, document, author, moment."""
    rows = conn.execute(
        "SELECT version, document, created_by, created_at FROM rule_version WHERE key = %s ORDER BY version DESC",
        (key,),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def export(conn: Connection, keys: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """The documents of all rules that are not archived, or of some, by kind and key."""
    chosen = None if keys is None else set(keys)
    rules = [rule for rule in all_rules(conn) if rule.status != "archived" and (chosen is None or rule.key in chosen)]
    return [rule.document for rule in sorted(rules, key=lambda rule: (rule.kind, rule.key))]
