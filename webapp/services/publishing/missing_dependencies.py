"""What a document needs and does not find among what is live."""

from typing import Any

from webapp.store.rules import drafts, rule_versions
from webapp.store.system.connection import Connection


def missing_dependencies(conn: Connection, document: dict[str, Any]) -> list[str]:
    """The rules that a document names and that are only worked at so far: they have to go live first."""
    live = {each["key"] for each in rule_versions.live_documents(conn)}
    begun = {each.key for each in drafts.all_drafts(conn)} | {
        each.key for each in rule_versions.all_rules(conn, status="draft")
    }
    return sorted(names_in(document) & (begun - live - {document["key"]}))


def names_in(value: Any) -> set[str]:
    """Every name that stands in the texts of a document: whole, and between the dots of a fact's path."""
    if isinstance(value, str):
        return {value, *value.split(".")}
    if isinstance(value, dict):
        return set().union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()
