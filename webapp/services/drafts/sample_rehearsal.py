"""A draft put into past and live rulebooks, to see what it makes of a player's history; nothing is written."""

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
from engine.scoring.profile_changes import apply_profile
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
    """The rulebooks to try a draft in.

    `books` are those of the past. `question_versions` are the versions that the draft's question depends on, with the
    question itself. `draft_book` holds the draft itself, None while it has mistakes.
    """

    conn: Connection
    key: str
    books: draft_rulebooks.PrunedRulebooks
    question_versions: list[RuleVersion]
    draft_book: Rulebook | None

    @property
    def question_book(self) -> Rulebook:
        """The live rules that the draft's question depends on, with the question itself."""
        return build_rulebook(0, self.question_versions, ZONES)

    def fold_history(self, player: Player, history: Iterable[tuple[Entry, int]], zone: str | None = None) -> Player:
        """The player after these entries, each under its rulebook; as if in `zone` from the first of them on."""
        for entry, number in history:
            entry_in_zone = replace(entry, timezone=zone) if zone else entry
            fold(player, entry_in_zone, self.books.book(self.conn, number), is_history=True)
        return player

    def facts_when_asked(self, player: Player, entry: Entry, paths: Sequence[str]) -> dict[str, Any]:
        """The facts that the draft's question reads when this entry triggers it; the player stays unchanged."""
        facts_read: dict[str, Any] = {}

        def record(facts: Raw, _: Any) -> None:
            facts_read.update((path, facts[path]) for path in paths)

        book = attach_probe(self.question_book, self.key, record)
        copy = Player(player.number, deepcopy(player.state), Memory(set(player.memory.keys), dict(player.memory.past)))
        fold(copy, entry, book, is_history=True)
        return facts_read or self.facts_now(copy, entry, paths)

    def facts_now(self, player: Player, entry: Entry, paths: Sequence[str]) -> dict[str, Any]:
        """The player's facts as they are: the entry is not judged, only what it says about the player counts."""
        copy = Player(player.number, deepcopy(player.state), player.memory)
        apply_profile(copy.state, entry)
        facts = EvaluationContext(copy, entry, self.question_book).facts
        return {path: facts[path] for path in paths}


def rehearse_draft(conn: Connection, document: Raw, tree: Tree, catalogue: Catalogue, number: int) -> DraftRehearsal:
    """Put a draft into the rulebook of that number, and into those before it."""
    live_versions = rule_versions.rulebook_versions(conn, rule_versions.live_number(conn))
    live_documents = [version.document for version in live_versions]
    has_mistakes = bool(draft_errors(document, tree, catalogue, live_documents, ZONES))

    whole, key = whole_document(document, tree), str(document["key"])
    rule = rule_versions.rule(conn, key)
    next_version = 1 + (rule.latest_version if rule else 0)
    draft = RuleVersion(0, key, next_version, dict(whole))
    question = RuleVersion(0, key, next_version, _question(whole))

    measuring = [
        version for version in live_versions if KINDS[version.document["kind"]].measures_players and version.key != key
    ]
    books = draft_rulebooks.pruned_for(conn, [*measuring, question if has_mistakes else draft], key)
    recorded = with_drafts(rule_versions.rulebook_versions(conn, number), measuring)
    question_versions = books.pruned(with_drafts(recorded, [question]))
    draft_book = None
    if not has_mistakes:
        draft_book = build_rulebook(0, books.pruned(with_drafts(recorded, [draft])), ZONES)
    return DraftRehearsal(conn, key, books, question_versions, draft_book)


def _question(whole: Raw) -> dict[str, Any]:
    """A complete document with the draft's condition and triggers: unlike the draft, it can always be compiled."""
    draft_condition = whole.get("condition", whole.get("filter"))
    is_valid = draft_condition is not None and parse(draft_condition)[0] is not None
    kind = KINDS[whole["kind"]] if KINDS[whole["kind"]].probe_members is not None else BADGE
    return {
        "kind": kind.key,
        "key": whole["key"],
        "name": whole["key"],
        "condition": draft_condition if is_valid else None,
        "trigger": {"events": list(trigger_events(whole))},
        **(kind.probe_members or {}),
    }
