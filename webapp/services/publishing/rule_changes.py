"""Changes to rules as the API and the command line make them: each function is one transaction, committed here."""

from typing import Any

from webapp.config import Settings
from webapp.services.publishing import publish
from webapp.services.publishing.publish import PublicationResult
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection, connect


class UnknownRule(LookupError):  # noqa: N818  (it names the rule)
    """There is no rule with this key."""


class RuleNeeded(Exception):  # noqa: N818  (it names the rule)
    """Other live rules need this one; `dependents` are their keys."""

    def __init__(self, key: str, dependents: list[str]) -> None:
        super().__init__(f"{key} is needed by {', '.join(dependents)}")
        self.key, self.dependents = key, dependents


def save_rules(settings: Settings, documents: Any, by: str, *, is_published: bool, past: str) -> PublicationResult:
    """Save documents as drafts or publish them, all or none; with problems nothing is changed.

    If the answer names a job, history has to be gone through next: by `finish_publication` or as a slow job.
    """
    with connect(settings.database_url) as conn:
        applied = publish.apply_documents(conn, documents, by, publish=is_published, past=past)
        if not applied.problems:
            conn.commit()
    return applied


def pause_rule(settings: Settings, key: str, by: str) -> int:
    """Pause a rule; return the number of the live rulebook. Raises UnknownRule and RuleNeeded."""
    with connect(settings.database_url) as conn:
        _lock_removable(conn, key)
        number = publish.pause(conn, key, by)
        conn.commit()
    return number


def archive_rule(settings: Settings, key: str, by: str) -> int:
    """Archive a rule; return the number of the live rulebook. Raises UnknownRule and RuleNeeded."""
    with connect(settings.database_url) as conn:
        _lock_removable(conn, key)
        number = publish.archive(conn, key, by)
        conn.commit()
    return number


def resume_rule(settings: Settings, key: str, by: str) -> PublicationResult:
    """Put a paused rule back into force; with problems nothing is changed. Raises UnknownRule."""
    with connect(settings.database_url) as conn:
        _require_rule(conn, key)
        applied = publish.resume(conn, key, by)
        if not applied.problems:
            conn.commit()
    return applied


def _lock_removable(conn: Connection, key: str) -> None:
    """Lock what is live, and make sure that no other live rule needs this one."""
    _require_rule(conn, key)
    rule_versions.lock(conn)
    if dependents := publish.dependent_rules(conn, key):
        raise RuleNeeded(key, dependents)


def _require_rule(conn: Connection, key: str) -> None:
    if rule_versions.rule(conn, key) is None:
        raise UnknownRule(key)
