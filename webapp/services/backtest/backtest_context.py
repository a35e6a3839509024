"""What every shard of a backtest needs: past rulebooks with the draft in them, the live rule beside it, and a probe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.authoring.near_misses import RequiredPart, missed_by, required_parts
from engine.authoring.tree.nodes import from_json
from engine.documents.condition_places import trigger_events
from engine.rules.build_rulebook import build_rulebook
from engine.rules.dependencies import paths_read
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.runtime.zones import ZONES
from webapp.services.backtest import draft_rulebooks
from webapp.services.backtest.draft_rulebooks import PrunedRulebooks
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class BacktestDraft:
    """The draft under test: its whole document and its condition tree.

    Only what happened from `since` (µs) on is counted. `rulebook` is the number of the rulebook that is live while the
    backtest runs.
    """

    document: Mapping[str, Any]
    tree: Mapping[str, Any] | None
    since: int
    rulebook: int

    @property
    def key(self) -> str:
        """The key of the rule that this is a draft of."""
        return str(self.document["key"])


@dataclass(slots=True)
class RuleProbe:
    """Records how the draft's condition was judged while one entry was folded."""

    paths: list[str]
    parts: list[RequiredPart]
    was_judged: bool = False
    missed_node: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def reset(self) -> None:
        """Forget the entry before: called once for each entry, before it is folded."""
        self.was_judged = False

    def record(self, facts: Mapping[str, Any], value: Any) -> None:
        """Keep the facts of a match or a near miss.

        A rule can be judged several times within one entry (badges, until nothing changes). The last judgement stays:
        if any of them held, it is that one.
        """
        self.was_judged = True
        self.missed_node = None if value else missed_by(self.parts, facts)
        if value or self.missed_node:
            self.facts = {path: facts[path] for path in self.paths}


@dataclass(frozen=True, slots=True)
class BacktestContext:
    """What is the same for every shard; built once in each process.

    - `draft_books` are the rulebooks of the past with the draft in them; `live_books` the same with the live version of
      the rule, None if it has none.
    - `trigger_types` are the event types that trigger the draft; `event_types` are those that either rulebook looks at,
      None for all.
    - `payout_book` is the rulebook that would pay: what is live now, with the draft.
    """

    draft: BacktestDraft
    probe: RuleProbe
    draft_books: PrunedRulebooks
    live_books: PrunedRulebooks | None
    trigger_types: tuple[str, ...]
    event_types: frozenset[str] | None
    payout_book: Rulebook

    @classmethod
    def build(cls, conn: Connection, draft: BacktestDraft) -> "BacktestContext":
        """Read the live rulebook and prune it down to what the draft, and the live version, depend on."""
        live_versions = rule_versions.rulebook_versions(conn, draft.rulebook)
        draft_versions = draft_rulebooks.with_draft(conn, draft.document, draft.rulebook)
        tree = from_json(draft.tree) if draft.tree is not None else None
        probe = RuleProbe(sorted(set(paths_read(draft.document))), required_parts(tree) if tree else [])

        draft_books = draft_rulebooks.pruned_for(conn, draft_versions, draft.key)
        draft_books.watcher = probe.record
        live_books = None
        event_types = draft_books.event_types
        if any(version.key == draft.key for version in live_versions):
            live_books = draft_rulebooks.pruned_for(conn, live_versions, draft.key)
            event_types = _union(event_types, live_books.event_types)

        return cls(
            draft=draft,
            probe=probe,
            draft_books=draft_books,
            live_books=live_books,
            trigger_types=trigger_events(draft.document),
            event_types=event_types,
            payout_book=build_rulebook(0, draft_versions, ZONES),
        )


def _union(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """Event types that either looks at; None, every type, absorbs all others."""
    return None if one is None or other is None else one | other
