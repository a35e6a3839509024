"""What the pages that adopt documents from elsewhere share: the comparison, who may publish, what is said then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash

from webapp.http.access import Role, settings
from webapp.pages.document_text import in_order
from webapp.pages.formats import minute_name
from webapp.pages.layout import may
from webapp.queue import slow_jobs
from webapp.services.publishing.publish import PublicationResult
from webapp.store.people import four_eyes
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

Raw = Mapping[str, Any]
NEW, SAME, OTHER, ARCHIVED = "new", "same", "other", "archived"


@dataclass(frozen=True, slots=True)
class ComparedDocument:
    """A document compared with the rule of its key: `new`, the `same`, an `other` content, or `archived`."""

    document: Raw
    state: str


def compare_documents(conn: Connection, documents: Sequence[Raw]) -> list[ComparedDocument]:
    """Each document compared with the rule of its key."""
    rules = {rule.key: rule for rule in rule_versions.all_rules(conn)}
    return [
        ComparedDocument(document, _state(conn, rules.get(str(document.get("key"))), document))
        for document in documents
    ]


def _state(conn: Connection, rule: rule_versions.StoredRule | None, document: Raw) -> str:
    if rule is None:
        return NEW
    if rule.status == "archived":
        return ARCHIVED
    newest = rule_versions.versions_of(conn, rule.key)[0][1]
    return SAME if in_order(newest) == in_order(document) else OTHER


def may_publish(conn: Connection, *, is_own: bool) -> bool:
    """Whether this operator may publish documents at once.

    A publisher may publish unchanged ready-made ones, which were tested; any others only if no second person has to
    approve.
    """
    return may(Role.PUBLISHER) and (is_own or not four_eyes.is_on(conn))


def start_pending(result: PublicationResult) -> None:
    """After the commit: start counting history if necessary, and announce which rules wait for their date."""
    for key, starts_at in result.scheduled.items():
        flash(f"{key}: v{result.versions[key]} takes over on {minute_name(starts_at)}.", "message")
    if result.job is not None:
        slow_jobs.enqueue_job(settings(), result.job)
        flash("Counting history… Rules that depend on it go live once that is done.", "message")


def announce(result: PublicationResult, *, is_live: bool) -> None:
    """Say how many rules are live now, or saved as drafts; those that wait for their date have their own message."""
    if count := len(result.versions) - len(result.scheduled):
        flash(f"{count} {'rule is' if count == 1 else 'rules are'} {'live' if is_live else 'saved as drafts'}.", "good")
