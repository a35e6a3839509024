"""Adopts documents from elsewhere, as drafts or live; open drafts take them over."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.services.drafts import draft_editing
from webapp.services.publishing.publish import PublicationResult, apply_documents
from webapp.store.rules import drafts, rule_versions
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

Raw = Mapping[str, Any]


def adopt_documents(conn: Connection, documents: Sequence[Raw], by: str, *, is_live: bool) -> PublicationResult:
    """Save the documents as drafts, or publish them: all, or with a problem none. Commits what it changed.

    If the result names a job, the caller starts it.
    """
    result = _adopt(conn, documents, by, is_live=is_live)
    if result.problems:
        conn.rollback()
    else:
        conn.commit()
    return result


def begin_from_template(
    conn: Connection, needed: Sequence[Raw], rule: Raw, by: str, *, is_live: bool
) -> tuple[PublicationResult, Draft]:
    """Adopt the rules that another one needs and begin the draft of that one. Commits; raises `EditRefused`."""
    result = _adopt(conn, needed, by, is_live=is_live)
    draft = draft_editing.new_draft(conn, str(rule["kind"]), by, rule)
    conn.commit()
    return result, draft


def _adopt(conn: Connection, documents: Sequence[Raw], by: str, *, is_live: bool) -> PublicationResult:
    locked_drafts = _lock_drafts(conn, sorted(str(document.get("key")) for document in documents))
    result = apply_documents(conn, list(documents), by, publish=is_live)
    if not result.problems and not is_live:
        for draft in locked_drafts:
            _update_draft(conn, draft, by)
    return result


def _lock_drafts(conn: Connection, keys: Sequence[str]) -> list[Draft]:
    """The locked drafts of these keys. Locked before the rulebook: publishing takes the locks in this order, too."""
    begun = [draft for key in keys if (draft := drafts.of_rule(conn, key))]
    return [locked for draft in begun if (locked := drafts.draft(conn, draft.id, locked=True))]


def _update_draft(conn: Connection, draft: Draft, by: str) -> None:
    """Make an open draft say what was adopted, as a step that can be undone."""
    rule = rule_versions.rule(conn, draft.key)
    if rule is not None and rule.kind == draft.kind:
        newest = rule_versions.versions_of(conn, draft.key)[0][1]
        draft_editing.edit(conn, draft.id, draft.revision, {"op": "set_document", "document": newest}, by)
