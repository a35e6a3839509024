"""What the editor needs to know beside a draft, read once for each request; and the preview of an unbegun draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.documents.condition_places import trigger_events
from engine.vocabulary.fact import Catalogue, SeenProperties
from webapp.runtime import clock
from webapp.services.drafts import draft_editing
from webapp.store.events import seen_properties
from webapp.store.rules import drafts, rule_versions
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class EditorContext:
    """The documents in use, what events carried, and the catalogue of all facts from both."""

    documents: list[dict[str, Any]]
    seen: SeenProperties
    catalogue: Catalogue

    @classmethod
    def of(cls, conn: Connection) -> "EditorContext":
        """Read it from the database."""
        documents, seen = rule_versions.documents_beside(conn, with_drafts=True), seen_properties.seen(conn)
        return cls(documents, seen, Catalogue.from_documents(documents, seen))

    def catalogue_of(self, document: Mapping[str, Any]) -> Catalogue:
        """The facts that a rule with this document may use: those of its own events only."""
        return self.catalogue.for_events(trigger_events(document))

    @property
    def examples(self) -> dict[str, list[Any]]:
        """Property → the values that events of any type were seen to carry."""
        examples: dict[str, list[Any]] = {}
        for properties in self.seen.values():
            for name, seen_property in properties.items():
                known_values = examples.setdefault(name, [])
                known_values.extend([value for value in seen_property.examples if value not in known_values])
        return examples


def draft_or_preview(conn: Connection, key: str, by: str) -> Draft | None:
    """The draft of a rule, or an unsaved one as it would begin; None for an unknown rule. Nothing is written."""
    draft = drafts.of_rule(conn, key)
    rule = None if draft else rule_versions.rule(conn, key)
    if rule is None:
        return draft
    content, now = draft_editing.content_of_version(conn, rule, rule.latest_version), clock.now()
    base = draft_editing.base_of(rule)
    return Draft(0, key, rule.kind, *content, base, 0, 0, rule.updated_by, now, by, now)
