"""What a backtest looks at history through: the draft in the rulebooks of the past, and the live version beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.authoring.near_misses import Part, missed_by, parts
from engine.authoring.tree.nodes import from_json
from engine.documents.condition_places import trigger_events
from engine.scoring.rulebook.dependencies import paths_read
from engine.scoring.rulebook.rulebook import Rulebook, build_rulebook
from webapp.runtime.zones import ZONES
from webapp.services.backtest import draft_rulebooks
from webapp.services.backtest.draft_rulebooks import PrunedBooks
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as a backtest takes it: the whole document and its tree.

    Counted is what happened from `since` (µs) on; `rulebook` is the number of the one that is live meanwhile.
    """

    document: Mapping[str, Any]
    tree: Mapping[str, Any] | None
    since: int
    rulebook: int

    @property
    def key(self) -> str:
        """The rule that it is a draft of."""
        return str(self.document["key"])


@dataclass(slots=True)
class Sight:
    """What the watched rule was asked about while one entry was folded."""

    paths: list[str]
    parts: list[Part]
    is_asked: bool = False
    missed: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def look(self, facts: Mapping[str, Any], value: Any) -> None:
        """Keep what it was told; of several judgements of one entry the last, which is the one that held if any did."""
        self.is_asked = True
        self.missed = None if value else missed_by(self.parts, facts)
        if value or self.missed:
            self.facts = {path: facts[path] for path in self.paths}


@dataclass(frozen=True, slots=True)
class Lens:
    """The same for every shard: made once in each process.

    `live` are the rulebooks in which the rule was live; `heard` are the types of events that matter, None for all. What
    is payable is paid in `paying`: what is live, with the draft.
    """

    draft: Draft
    sight: Sight
    books: PrunedBooks
    rivals: PrunedBooks | None
    live: frozenset[int]
    events: tuple[str, ...]
    heard: frozenset[str] | None
    paying: Rulebook

    @classmethod
    def of(cls, conn: Connection, draft: Draft) -> "Lens":
        """Read what is live, and prune it."""
        live = rule_versions.rulebook_versions(conn, draft.rulebook)
        versions = draft_rulebooks.with_draft(conn, draft.document, draft.rulebook)
        tree = from_json(draft.tree) if draft.tree is not None else None
        sight = Sight(sorted(set(paths_read(draft.document))), parts(tree) if tree else [])
        books = draft_rulebooks.books_with(conn, versions, draft.key)
        books.watcher = sight.look
        has_rival = any(each.key == draft.key for each in live)
        rivals = draft_rulebooks.books_with(conn, live, draft.key) if has_rival else None
        heard = books.heard if rivals is None else _together(books.heard, rivals.heard)
        was_live = rule_versions.numbers_with(conn, draft.key)
        events = trigger_events(draft.document)
        return cls(draft, sight, books, rivals, was_live, events, heard, build_rulebook(0, versions, ZONES))


def _together(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other
