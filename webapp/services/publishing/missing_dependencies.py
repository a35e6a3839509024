"""The rules that a document needs and that are not live yet."""

from typing import Any

from webapp.store.rules import drafts, rule_versions
from webapp.store.system.connection import Connection


def missing_dependencies(conn: Connection, document: dict[str, Any]) -> list[str]:
    """The keys of rules that a document names and that exist only as drafts: they have to go live first."""
    live = {live_document["key"] for live_document in rule_versions.live_documents(conn)}
    in_editing = {draft.key for draft in drafts.all_drafts(conn)}
    unpublished = {rule.key for rule in rule_versions.all_rules(conn, status="draft")}
    return sorted(names_in(document) & ((in_editing | unpublished) - live - {document["key"]}))


def names_in(value: Any) -> set[str]:
    """Every name in the texts of a document: each text as a whole, and the parts of a fact's path."""
    if isinstance(value, str):
        return {value, *value.split(".")}
    if isinstance(value, dict):
        return set().union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()
