"""What paying awards for the past would set off: they are applied to players as they are now, and rolled back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.rehearsal.rehearse import HistoricalAward
from engine.scoring.fold import fold
from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from webapp.services.backtest.tally import AwardTally, award_of_rule
from webapp.services.pipeline.apply_batch import load_players
from webapp.store.players import player_states
from webapp.store.system.connection import Connection

AWARDS_PER_PAGE = 500


@dataclass(slots=True)
class PayoutPreview:
    """The awards of `rule` that would be paid, and what follows from them."""

    rule: str
    awards: AwardTally = field(default_factory=AwardTally)
    sums: Counter[str] = field(default_factory=Counter)
    badges: Counter[str] = field(default_factory=Counter)

    def add(self, entry: Entry, outcome: Outcome) -> None:
        """Count the result of one payment: nothing for a player who already has the award."""
        award = award_of_rule(entry, outcome, self.rule)
        if award is not None:
            self.awards.add_award(award)
        if outcome.level:
            self.sums["levels"] += outcome.level.after - outcome.level.before
        for line in outcome.ledger:
            if line.rule != self.rule:
                self.sums[line.currency] += line.amount
        self.badges.update(badge.badge for badge in outcome.badges if badge.badge != self.rule)

    def consequences(self) -> dict[str, Any]:
        """Levels, other badges, XP and coins that the awards bring about beside themselves."""
        sums = {name: self.sums[name] for name in ("levels", "xp", "coins")}
        return {**sums, "badges": dict(self.badges)}


def preview_payout(conn: Connection, rule: str, payable: list[HistoricalAward], book: Rulebook) -> PayoutPreview:
    """Apply awards of one rule under the rulebook that would be live; every page is rolled back."""
    preview = PayoutPreview(rule)
    in_order = sorted(payable, key=lambda award: (award.entry.player, award.entry.n))
    for page in _pages(in_order):
        _apply(conn, page, book, preview)
        conn.rollback()
    return preview


def _pages(in_order: list[HistoricalAward]) -> Iterator[list[HistoricalAward]]:
    """Awards page by page; those of one player are never split, since each changes what the next one meets."""
    page: list[HistoricalAward] = []
    for award in in_order:
        if len(page) >= AWARDS_PER_PAGE and award.entry.player != page[-1].entry.player:
            yield page
            page = []
        page.append(award)
    if page:
        yield page


def _apply(conn: Connection, page: list[HistoricalAward], book: Rulebook, preview: PayoutPreview) -> None:
    entries = [award.payment() for award in page]
    rows = player_states.load(conn, {entry.player for entry in entries})
    players = load_players(conn, rows, entries, book)
    for entry in entries:
        preview.add(entry, fold(players[entry.player], entry, book))
