"""Taking over documents from elsewhere: as drafts, or live where one person may decide that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash

from webapp.http.access import Role, actor, settings
from webapp.pages.document_text import in_order
from webapp.pages.formats import minute_name
from webapp.pages.layout import may
from webapp.queue import slow_jobs
from webapp.services.drafts import draft_editing
from webapp.services.publishing.publish import PublicationResult, apply_documents
from webapp.store.people import four_eyes
from webapp.store.rules import drafts, rule_versions
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

Raw = Mapping[str, Any]
NEW, SAME, OTHER, ARCHIVED = "new", "same", "other", "archived"


@dataclass(frozen=True, slots=True)
class ComparedDocument:
    """A document beside what is there: `new`, the `same`, `other` than the rule of that key, or it is `archived`."""

    document: Raw
    state: str


def compare_documents(conn: Connection, documents: Sequence[Raw]) -> list[ComparedDocument]:
    """How each document stands to the rule of its key."""
    known = {rule.key: rule for rule in rule_versions.all_rules(conn)}
    return [ComparedDocument(each, _state(conn, known.get(str(each.get("key"))), each)) for each in documents]


def _state(conn: Connection, rule: rule_versions.StoredRule | None, document: Raw) -> str:
    if rule is None:
        return NEW
    if rule.status == "archived":
        return ARCHIVED
    newest = rule_versions.versions_of(conn, rule.key)[0][1]
    return SAME if in_order(newest) == in_order(document) else OTHER


def may_publish(conn: Connection, *, is_own: bool) -> bool:
    """Whether this operator may let documents go live at once.

    A publisher may for ready-made ones as they are, which give what they were tested for; for any others only where
    no second person has to approve.
    """
    return may(Role.PUBLISHER) and (is_own or not four_eyes.is_on(conn))


def adopt(conn: Connection, documents: Sequence[Raw], *, is_live: bool) -> PublicationResult:
    """Keep the documents as drafts, or publish them; all or, with a problem, none. A draft of the key follows."""
    begun = _lock_drafts(conn, sorted(str(each.get("key")) for each in documents))
    applied = apply_documents(conn, list(documents), actor(), publish=is_live)
    if not applied.problems and not is_live:
        for draft in begun:
            _update_draft(conn, draft)
    return applied


def _lock_drafts(conn: Connection, keys: Sequence[str]) -> list[Draft]:
    """The drafts of these keys, locked before the rulebook is: publishing takes both in this order, too."""
    found = [drafts.of_rule(conn, key) for key in keys]
    return [held for each in found if each and (held := drafts.draft(conn, each.id, locked=True))]


def _update_draft(conn: Connection, draft: Draft) -> None:
    """Let a draft that somebody has begun say what was taken over, as a step that undo takes back."""
    rule = rule_versions.rule(conn, draft.key)
    if rule is not None and rule.kind == draft.kind:
        newest = rule_versions.versions_of(conn, draft.key)[0][1]
        draft_editing.edit(conn, draft.id, draft.revision, {"op": "set_document", "document": newest}, actor())


def start_pending(applied: PublicationResult) -> None:
    """After the commit: let a worker count history where that comes first, and say what waits for its date."""
    for key, starts_at in applied.scheduled.items():
        flash(f"{key}: v{applied.versions[key]} takes over on {minute_name(starts_at)}.", "message")
    if applied.job is not None:
        slow_jobs.call(settings(), applied.job)
        flash("Counting history… What reads it goes live as soon as that is done.", "message")


def announce(applied: PublicationResult, *, is_live: bool) -> None:
    """Say how many rules are live now, or kept as drafts; those that wait for their date are told apart."""
    if count := len(applied.versions) - len(applied.scheduled):
        flash(f"{count} {'rule is' if count == 1 else 'rules are'} {'live' if is_live else 'kept as drafts'}.", "good")
