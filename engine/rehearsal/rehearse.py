"""Rehearsals: the same fold as in production, on history or on a draft. Nothing here judges by itself.

A step is an entry with the rulebook under which it was applied. Histories start from nothing or from a checkpoint, and
take the entries of one player in the order of `n`. A rehearsed player's memory is complete at every step, so nothing
has to be preloaded.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from engine.language.explain import Explanation, explain
from engine.scoring import seeding
from engine.scoring.fold import fold
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.memory import Memory, Player
from engine.scoring.views.explanation_facts import facts_at
from engine.vocabulary.entry import HISTORY_AWARD, Entry
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.moment import rfc3339
from engine.vocabulary.outcome import Outcome


class HistoryStep(NamedTuple):
    """An entry of history and the rulebook under which it is folded."""

    entry: Entry
    book: Rulebook


@dataclass(frozen=True, slots=True)
class HistoricalAward:
    """What a rule gives, or would have given, for one past event.

    `period` and `keys` say what must not be given again.
    """

    rule: str
    version: int
    entry: Entry
    grant: Mapping[str, Any]
    badge: str | None
    period: str
    keys: tuple[tuple[str, bytes], ...]

    def content(self) -> dict[str, Any]:
        """The properties of the `laurel.history_award` that pays it."""
        content: dict[str, Any] = {
            "rule": self.rule,
            "version": self.version,
            "at": rfc3339(self.entry.occurred_at),
            "event": self.entry.event_id,
            "n": self.entry.n,
        }
        if self.grant:
            content["grant"] = dict(self.grant)
        if self.badge is not None:
            content |= {"badge": self.badge, "period": self.period}
        if self.keys:
            content["keys"] = [[name, member.hex()] for name, member in self.keys]
        return content

    def payment(self) -> Entry:
        """The entry that would pay it, dated like the event that earned it."""
        return replace(
            self.entry,
            seq=0,
            type=HISTORY_AWARD,
            event_id="",
            app="laurel",
            properties=self.content(),
            timezone=None,
            attributes=None,
        )


def with_drafts(versions: Sequence[RuleVersion], drafts: Sequence[RuleVersion]) -> list[RuleVersion]:
    """A rulebook's versions, with drafts replacing those of the same keys."""
    drafted = {draft.key for draft in drafts}
    return [*(version for version in versions if version.key not in drafted), *drafts]


def rebuild(player: Player, steps: Iterable[HistoryStep]) -> Iterator[tuple[Entry, Outcome]]:
    """Fold history into `player` and yield every outcome as it comes."""
    for step in steps:
        yield step.entry, fold(player, step.entry, step.book, is_history=True)


def backtest(player: Player, steps: Iterable[HistoryStep], keys: Container[str]) -> Iterator[HistoricalAward]:
    """Everything that the rules with these keys give in a history folded under rulebooks that contain them.

    Only direct grants are reported; what results from them, levels and other badges, results when they are paid.
    """
    for step in steps:
        before = len(player.memory.added_keys)
        outcome = fold(player, step.entry, step.book, is_history=True)
        added = player.memory.added_keys[before:]
        yield from (award for award in awards(step.entry, outcome, added) if award.rule in keys)


def awards(entry: Entry, outcome: Outcome, added: Sequence[tuple[str, bytes]] = ()) -> Iterator[HistoricalAward]:
    """What each rule gave in one outcome; `added` are the members of sets that the fold added."""
    badges = {award.badge: award for award in outcome.badges if award.rule_version is not None}
    for (rule, version), grant in _grants_by_rule(outcome).items():
        badge = badges.get(rule)
        once_per_keys = tuple(member for member in added if member[0] == f"o:{rule}")
        yield HistoricalAward(
            rule=rule,
            version=version,
            entry=entry,
            grant=grant,
            badge=rule if badge else None,
            period=badge.period if badge else "",
            keys=once_per_keys,
        )


def _grants_by_rule(outcome: Outcome) -> dict[tuple[str, int], dict[str, Any]]:
    """(rule, version) → what it gave; empty for a badge without a grant. Manual changes have no version."""
    grants: dict[tuple[str, int], dict[str, Any]] = {}
    for ledger_entry in outcome.ledger:
        if ledger_entry.rule_version is not None:
            grant = grants.setdefault((ledger_entry.rule, ledger_entry.rule_version), {})
            grant[ledger_entry.currency] = grant.get(ledger_entry.currency, 0) + ledger_entry.amount
    for claim in outcome.claims:
        grants.setdefault((claim.rule, claim.rule_version), {})["coupon_pool"] = claim.pool
    for award in outcome.badges:
        if award.rule_version is not None:
            grants.setdefault((award.badge, award.rule_version), {})
    return grants


def seed_content(player: Player, steps: Iterable[HistoryStep], versions: dict[str, int]) -> dict[str, Any]:
    """The content of the `laurel.seeded` entry for metrics, streaks and boards in these versions.

    The rulebooks of the steps must contain the documents; `player` stays as folded, so that a long history can be
    passed in several calls.
    """
    for _ in rebuild(player, steps):
        pass
    return seeding.seeded_content(player, versions)


def dry_run(player: Player, entries: Sequence[Entry], book: Rulebook) -> list[Outcome]:
    """What these entries would do to the player; the player stays as it is."""
    memory = Memory(set(player.memory.keys), dict(player.memory.past))
    copy = Player(player.number, deepcopy(player.state), memory)
    return [fold(copy, entry, book) for entry in entries]


def explain_at(player: Player, entry: Entry, book: Rulebook, condition: Any, catalogue: Catalogue) -> Explanation:
    """Why a condition holds or not for a player at an entry, from the facts that the fold would read."""
    known = facts_at(player.state, entry, book, player.memory)
    return explain(condition, known, catalogue)
