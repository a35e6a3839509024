"""Publishing with a date: what waits, and how its date comes."""

from datetime import timedelta
from typing import Any

from tests.webapp.rules.documents import LESSON_XP
from webapp.runtime import clock
from webapp.services.publishing.publish import PublicationResult, apply_documents
from webapp.store.people import audit
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

DOUBLE = LESSON_XP | {"grant": {"xp": 20}}
BEGUN = {"starts_at": "2026-01-01T00:00:00Z"}


def in_hours(hours: int) -> str:
    """A moment to come."""
    return f"{clock.now() + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def apply(conn: Connection, *documents: dict[str, Any], **more: str) -> PublicationResult:
    """Grace publishes documents."""
    applied = apply_documents(conn, list(documents), "grace@campus.example", publish=True, **more)
    assert applied.problems == []
    conn.commit()
    return applied


def let_dates_come(owner: Connection) -> None:
    """Everything that waits is due; the start in its document lies in the past then, as it will."""
    owner.execute("UPDATE scheduled_publication SET starts_at = clock_timestamp() - interval '1 s', tried_at = NULL")
    owner.execute(
        "UPDATE rule_version SET document = document || %s::jsonb WHERE document ? 'starts_at'",
        ('{"starts_at": "2026-01-01T00:00:00Z"}',),
    )
    owner.commit()


def live_version(conn: Connection, key: str = "lesson_xp") -> int | None:
    """The version in force now."""
    conn.rollback()
    rule = rule_versions.rule(conn, key)
    assert rule
    return rule.live_version


def actions(conn: Connection) -> list[str]:
    """What was done to the rule, in order."""
    return [entry.action for entry in reversed(audit.entries(conn, subject="lesson_xp"))]
