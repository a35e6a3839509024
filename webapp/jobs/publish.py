"""Publishing: documents are checked as a whole, kept as versions, and made live by a new rulebook."""

from dataclasses import dataclass, field
from typing import Any

from engine.documents.document import Document
from engine.documents.parse import parse_documents
from engine.vocabulary.problem import Problem
from webapp.store import audit, facts, rules
from webapp.store.connection import Connection
from webapp.zones import ZONES


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a list of documents came to; with problems nothing was changed."""

    problems: list[Problem] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    rulebook: int | None = None


def apply_documents(conn: Connection, raw: Any, by: str, *, publish: bool) -> Applied:
    """Check all documents together and keep them as drafts, or make them live; all or nothing. The caller commits."""
    rules.lock(conn)
    beside = rules.documents_beside(conn, with_drafts=not publish)
    parsed = parse_documents(raw, beside, seen=facts.seen(conn), zones=ZONES)
    problems = [each for each in parsed if isinstance(each, Problem)] or _taken_keys(conn, raw)
    if problems:
        return Applied(problems)
    documents = [each for each in parsed if isinstance(each, Document)]
    versions = {each.key: rules.store_version(conn, each.raw, by) for each in documents}
    if not publish:
        _note(conn, by, "rule.saved", versions)
        return Applied([], versions)
    rules.make_live(conn, versions, by)
    number = rules.write_rulebook(conn)
    _note(conn, by, "rule.published", versions)
    return Applied([], versions, number)


def _taken_keys(conn: Connection, raw: list[dict[str, Any]]) -> list[Problem]:
    """A key belongs to one kind for ever, also where its rule is paused or archived."""
    kinds = {each.key: each.kind for each in rules.all_rules(conn)}
    return [
        Problem(f"/{index}/key", f"{each['key']!r} is already the key of a {kinds[each['key']]}")
        for index, each in enumerate(raw)
        if kinds.get(each["key"], each["kind"]) != each["kind"]
    ]


def _note(conn: Connection, by: str, action: str, versions: dict[str, int]) -> None:
    for key, version in versions.items():
        audit.note(conn, by, action, key, after={"version": version})


def pause(conn: Connection, key: str, by: str) -> int:
    """Take a rule out of the next rulebook: each shard's next batch goes on without it. The caller commits."""
    return _move(conn, key, "paused", by)


def resume(conn: Connection, key: str, by: str) -> int:
    """Put a paused rule's live version back into force."""
    return _move(conn, key, "live", by)


def archive(conn: Connection, key: str, by: str) -> int:
    """Take a rule out of use; its awards stay."""
    return _move(conn, key, "archived", by)


def _move(conn: Connection, key: str, status: str, by: str) -> int:
    rules.lock(conn)
    before = rules.rule(conn, key)
    rules.set_status(conn, key, status, by)
    audit.note(
        conn, by, f"rule.{status}", key, before={"status": before.status if before else None}, after={"status": status}
    )
    return rules.write_rulebook(conn)
