"""A draft put into the rulebooks of the past: every version as it was then, with the draft and what measures for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.rehearsal.rehearse import combined
from engine.scoring.rulebook.dependencies import event_types_read, required_keys
from engine.scoring.rulebook.probe import ProbeCallback, attach_probe
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion, build_rulebook
from webapp.runtime.zones import ZONES
from webapp.services.history.history_walk import NewBooks
from webapp.services.publishing.finish_publication import MEASURING_KINDS
from webapp.store.rules import backtests, rule_versions
from webapp.store.system.connection import Connection

Raw = Mapping[str, Any]


@dataclass(slots=True)
class PrunedBooks(NewBooks):
    """The rulebooks of the past with new documents in them, and of all documents only those with the `kept` keys.

    The rule with `key` may be watched. `heard` are the types of events that these look at, None for all.
    """

    key: str = ""
    kept: frozenset[str] = frozenset()
    heard: frozenset[str] | None = None
    watcher: ProbeCallback | None = None
    alike: dict[tuple[tuple[str, int], ...], Rulebook] = field(default_factory=dict)

    def book(self, conn: Connection, number: int) -> Rulebook:
        """The recorded rulebook of that number and the new documents, pruned; what is left is often the same."""
        if number not in self.built:
            versions = self.pruned(combined(rule_versions.rulebook_versions(conn, number), self.new))
            left = tuple((each.key, each.version) for each in versions)
            if left not in self.alike:
                book = build_rulebook(number, versions, ZONES)
                self.alike[left] = attach_probe(book, self.key, self.watcher) if self.watcher else book
            self.built[number] = replace(self.alike[left], number=number)
        return self.built[number]

    def pruned(self, versions: list[RuleVersion]) -> list[RuleVersion]:
        """Those of the versions that are kept."""
        return [each for each in versions if each.key in self.kept]


def with_draft(conn: Connection, document: Raw, number: int | None = None) -> list[RuleVersion]:
    """A rulebook, the live one, as it would be with this document under the version that it would be published as."""
    versions = rule_versions.rulebook_versions(conn, rule_versions.live_number(conn) if number is None else number)
    known = rule_versions.rule(conn, document["key"])
    version = 1 + (known.latest_version if known else 0)
    return combined(versions, [RuleVersion(0, document["key"], version, dict(document))])


def books_with(conn: Connection, versions: list[RuleVersion], key: str) -> PrunedBooks:
    """Rulebooks of the past with one document of `versions`, and with all of these that measure players."""
    new = [each for each in versions if each.key == key or each.document["kind"] in MEASURING_KINDS]
    changed = {each.key for each in new}
    ever = [each for each in backtests.documents_ever_live(conn) if each["key"] not in changed]
    documents = [*ever, *(each.document for each in new)]
    kept = required_keys(documents, {key})
    types = event_types_read(each for each in documents if each["key"] in kept)
    return PrunedBooks(new, with_recorded=True, key=key, kept=kept, heard=types)
