"""A draft in the rulebooks of the past: each as it was recorded, with the draft and every live metric it may need."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.kinds import KINDS
from engine.rehearsal.rehearse import with_drafts
from engine.rules.build_rulebook import build_rulebook
from engine.rules.dependencies import event_types_read, required_keys
from engine.scoring.rulebook.probe import ProbeCallback, attach_probe
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from webapp.runtime.zones import ZONES
from webapp.services.history.history_walk import PatchedRulebooks
from webapp.store.rules import backtests, rule_versions
from webapp.store.system.connection import Connection

Raw = Mapping[str, Any]


@dataclass(slots=True)
class PrunedRulebooks(PatchedRulebooks):
    """The rulebooks of the past with new documents in them, reduced to the documents with `needed_keys`.

    `watcher`, if set, is called with every judgement of the rule `key`. `event_types` are those that any of these
    documents looks at, None for all.
    """

    key: str = ""
    needed_keys: frozenset[str] = frozenset()
    event_types: frozenset[str] | None = None
    watcher: ProbeCallback | None = None
    compiled: dict[tuple[tuple[str, int], ...], Rulebook] = field(default_factory=dict)

    def book(self, conn: Connection, number: int) -> Rulebook:
        """The recorded rulebook of that number with the new documents, pruned.

        After pruning, many recorded rulebooks hold the same versions; each such set is compiled once.
        """
        if number not in self.built:
            versions = self.pruned(with_drafts(rule_versions.rulebook_versions(conn, number), self.new))
            members = tuple((version.key, version.version) for version in versions)
            if members not in self.compiled:
                book = build_rulebook(number, versions, ZONES)
                self.compiled[members] = attach_probe(book, self.key, self.watcher) if self.watcher else book
            self.built[number] = replace(self.compiled[members], number=number)
        return self.built[number]

    def pruned(self, versions: list[RuleVersion]) -> list[RuleVersion]:
        """The versions whose keys are needed."""
        return [version for version in versions if version.key in self.needed_keys]


def with_draft(conn: Connection, document: Raw, number: int | None = None) -> list[RuleVersion]:
    """The versions of a rulebook (default: the live one) with this document as the version it would be published as."""
    versions = rule_versions.rulebook_versions(conn, rule_versions.live_number(conn) if number is None else number)
    earlier = [older for _, older, _, _ in reversed(rule_versions.versions_of(conn, document["key"]))]
    draft = RuleVersion(0, document["key"], 1 + len(earlier), dict(document), earlier=tuple(earlier))
    return with_drafts(versions, [draft])


def pruned_for(conn: Connection, versions: list[RuleVersion], key: str) -> PrunedRulebooks:
    """The rulebooks of the past with one rule of `versions`, and with all of `versions` that measure players."""
    new = [version for version in versions if version.key == key or KINDS[version.document["kind"]].measures_players]
    new_keys = {version.key for version in new}
    recorded = [document for document in backtests.documents_ever_live(conn) if document["key"] not in new_keys]
    documents = [*recorded, *(version.document for version in new)]
    needed_keys = required_keys(documents, {key})
    event_types = event_types_read(document for document in documents if document["key"] in needed_keys)
    return PrunedRulebooks(new, with_recorded=True, key=key, needed_keys=needed_keys, event_types=event_types)
