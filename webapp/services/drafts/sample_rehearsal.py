"""A draft put beside what is live, to see what a player's history makes of it; nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from engine.authoring.checks.finished_document import draft_errors
from engine.authoring.tree.nodes import Tree
from engine.documents.condition_places import trigger_events
from engine.kinds import KINDS
from engine.kinds.badge import BADGE
from engine.language.parse import parse
from engine.rehearsal.rehearse import with_drafts
from engine.rules.build_rulebook import build_rulebook
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.fold import fold
from engine.scoring.profile import apply_profile
from engine.scoring.rulebook.probe import attach_probe
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.memory import Memory, Player
from engine.vocabulary.entry import Entry
from engine.vocabulary.fact import Catalogue
from webapp.runtime.zones import ZONES
from webapp.services.backtest import draft_rulebooks
from webapp.services.drafts.edit_steps import whole_document
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DraftRehearsal:
    """The rulebooks of a draft: those of the past, and the versions that what it asks depends on.

    `own` holds the draft itself, None while it has mistakes.
    """

    conn: Connection
    key: str
    books: draft_rulebooks.PrunedRulebooks
    versions: list[RuleVersion]
    own: Rulebook | None

    @property
    def book(self) -> Rulebook:
        """What is live and the draft's question, with nothing that it does not depend on."""
        return build_rulebook(0, self.versions, ZONES)

    def folded(self, player: Player, past: Iterable[tuple[Entry, int]], zone: str | None = None) -> Player:
        """The player after these entries, each under its rulebook; in another zone from the first of them."""
        for entry, number in past:
            fold(player, replace(entry, timezone=zone) if zone else entry, self.books.book(self.conn, number))
        return player

    def seen(self, player: Player, entry: Entry, paths: Sequence[str]) -> dict[str, Any]:
        """The facts that the draft's question meets when it is asked with this entry; the player stays as it is."""
        found: dict[str, Any] = {}

        def look(facts: Raw, _: Any) -> None:
            found.update((path, facts[path]) for path in paths)

        book = attach_probe(self.book, self.key, look)
        copy = Player(player.number, deepcopy(player.state), Memory(set(player.memory.keys), dict(player.memory.past)))
        fold(copy, entry, book)
        return found or self.now(copy, entry, paths)

    def now(self, player: Player, entry: Entry, paths: Sequence[str]) -> dict[str, Any]:
        """The facts of a player as it is, read with an entry that is not judged; what it says of the player counts."""
        copy = Player(player.number, deepcopy(player.state), player.memory)
        apply_profile(copy.state, entry)
        seen = EvaluationContext(copy, entry, self.book).facts
        return {path: seen[path] for path in paths}


def rehearse_draft(conn: Connection, document: Raw, tree: Tree, catalogue: Catalogue, number: int) -> DraftRehearsal:
    """Put a draft into the rulebook of that number, and into those before it."""
    live, whole = rule_versions.rulebook_versions(conn, rule_versions.live_number(conn)), whole_document(document, tree)
    known = rule_versions.rule(conn, str(document["key"]))
    key, version = str(document["key"]), 1 + (known.latest_version if known else 0)
    is_sound = not draft_errors(document, tree, catalogue, [each.document for each in live], ZONES)
    own, question = (RuleVersion(0, key, version, dict(raw)) for raw in (whole, _question(whole)))
    measuring = [each for each in live if KINDS[each.document["kind"]].measures_players and each.key != key]
    books = draft_rulebooks.pruned_for(conn, [*measuring, own if is_sound else question], key)
    there = with_drafts(rule_versions.rulebook_versions(conn, number), measuring)
    asking = books.pruned(with_drafts(there, [question]))
    giving = build_rulebook(0, books.pruned(with_drafts(there, [own])), ZONES) if is_sound else None
    return DraftRehearsal(conn, key, books, asking, giving)


def _question(whole: Raw) -> dict[str, Any]:
    """A document that asks what the draft asks, of the events that it listens to."""
    asked = whole.get("condition", whole.get("filter"))
    condition = asked if asked is not None and parse(asked)[0] is not None else None
    kind = KINDS[whole["kind"]] if KINDS[whole["kind"]].probe_members is not None else BADGE
    common = {"key": whole["key"], "name": whole["key"], "condition": condition}
    trigger = {"events": list(trigger_events(whole))}
    return {"kind": kind.key, **common, "trigger": trigger, **(kind.probe_members or {})}
