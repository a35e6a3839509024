"""An award as it was: the player's history folded again up to the entry that earned it, under the rulebooks of then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.documents.condition_places import trigger_events
from engine.language.explain import Explanation, explain
from engine.language.words.formula_parts import FormulaParts, formula_parts
from engine.language.words.wording import OperandWords
from engine.rehearsal.expectation import has_awarded
from engine.scoring.fold import fold
from engine.scoring.rulebook.probe import with_probes
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.memory import Player
from engine.scoring.step_budget import StepBudgetSpent
from engine.vocabulary.entry import HISTORY_AWARD, Entry
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.outcome import Currency, Outcome
from webapp.services.history.history_walk import PatchedRulebooks, patched_rulebooks
from webapp.store.players.rule_awards import RuleAward
from webapp.store.rules import rulebooks, sample_events
from webapp.store.system.connection import Connection

HISTORY_MAX = 3000
"""Entries; folding a longer history takes too long while somebody waits."""

Steps = Sequence[tuple[Entry, int]]
"""Entries with the number of the rulebook that each was applied under."""


@dataclass(frozen=True, slots=True)
class AwardTrace:
    """An award as it was judged: the entry and rule version that decided, and the condition with its values then.

    `explanation` is None for a rule without a condition. `outcome` is everything that the entry came to, `formulas` are
    the rule's amounts by currency, taken apart, where they depended on facts.
    """

    entry: Entry
    version: int
    document: Mapping[str, Any]
    explanation: Explanation | None
    outcome: Outcome
    formulas: Mapping[str, FormulaParts] = field(default_factory=dict)


def award_trace(conn: Connection, player: int, award: RuleAward, key: str, catalogue: Catalogue) -> AwardTrace | None:
    """How an award was decided; None for one by hand, for a history too long to fold, or where it comes out otherwise.

    It comes out otherwise where an older version of the engine decided.
    """
    if award.version is None:
        return None
    history = sample_events.history(conn, player, award.n, HISTORY_MAX)
    if not history:
        return None
    if award.type == HISTORY_AWARD:
        return _of_the_past(conn, history, award, key, catalogue)
    return _TracingFold(conn, key, catalogue).last_of(history)


def _of_the_past(
    conn: Connection, history: Steps, award: RuleAward, key: str, catalogue: Catalogue
) -> AwardTrace | None:
    """An award for an event before the rule was live: judged as the walk through history did, by its later version."""
    n = msgspec.json.decode(award.payload, type=dict[str, Any]).get("n")
    until = next((index for index, (entry, _) in enumerate(history) if entry.n == n), None)
    books = patched_rulebooks(conn, [key], award.rulebook)
    if until is None or all(version.key != key for version in books.new):
        return None
    return _TracingFold(conn, key, catalogue, books).last_of(history[: until + 1])


@dataclass(slots=True)
class _TracingFold:
    """A player's history on its way to one award; `past_books` are those that judged it, if it was for the past."""

    conn: Connection
    key: str
    catalogue: Catalogue
    past_books: PatchedRulebooks | None = None

    def last_of(self, history: Steps) -> AwardTrace | None:
        """The trace of what the last entry of a history awarded; None if it awards nothing."""
        *earlier, (entry, number) = history
        player = Player(entry.player)
        try:
            for past_entry, past_number in earlier:
                fold(player, past_entry, self._book(past_number), is_history=True)
            return self._traced(player, entry, number)
        except StepBudgetSpent:
            return None

    def _traced(self, player: Player, entry: Entry, number: int) -> AwardTrace | None:
        document, version = self._judged_by(number)
        condition = document.get("condition")
        known = self.catalogue.for_events(trigger_events(document))
        explained: list[Explanation] = []
        formulas: dict[str, FormulaParts] = {}

        def note(facts: Mapping[str, Any], value: Any) -> None:
            if value and condition is not None:
                explained.append(explain(condition, facts, known, "/condition"))
            for currency in Currency:
                amount = (document.get("grant") or {}).get(currency)
                parts = None if amount is None else formula_parts(amount, facts, OperandWords(known))
                if parts is not None:
                    formulas[currency] = parts

        book = with_probes(self._book(number), entry.type, {self.key: note})
        outcome = fold(player, entry, book, is_history=True)
        if not has_awarded(outcome, self.key) or (condition is not None and not explained):
            return None
        formulas = {currency: parts for currency, parts in formulas.items() if self._is_base(outcome, currency, parts)}
        return AwardTrace(entry, version, document, explained[-1] if explained else None, outcome, formulas)

    def _is_base(self, outcome: Outcome, currency: str, parts: FormulaParts) -> bool:
        """Whether a formula came to what was granted: badges and missions grant by facts that may be newer."""
        recorded = [grant.base for grant in outcome.grants if grant.rule == self.key and grant.currency == currency]
        paid = [line.amount for line in outcome.ledger if line.rule == self.key and line.currency == currency]
        return parts.value in (recorded or paid)

    def _judged_by(self, number: int) -> tuple[Mapping[str, Any], int]:
        added = self.past_books.new if self.past_books else []
        versions = [*rulebooks.versions(self.conn, number), *added]
        judging = next(version for version in reversed(versions) if version.key == self.key)
        return judging.document, judging.version

    def _book(self, number: int) -> Rulebook:
        if self.past_books is not None:
            return self.past_books.book(self.conn, number)
        return rulebooks.rulebook(self.conn, number)
