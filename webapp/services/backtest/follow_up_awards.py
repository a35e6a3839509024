"""What follows from awards for the past: they are applied to players as these are now, and nothing is kept."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.rehearsal.rehearse import Award
from engine.scoring.fold import fold
from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.entry import HISTORY_AWARD, Entry
from engine.vocabulary.outcome import Outcome
from webapp.services.backtest.replay_shard import given
from webapp.services.backtest.tally import Tally
from webapp.services.pipeline.fold_batch import gather
from webapp.store.players import player_states
from webapp.store.system.connection import Connection

AT_ONCE = 500


@dataclass(slots=True)
class Paid:
    """What would come of paying awards now: the awards that count, and what follows from them."""

    rule: str
    awards: Tally = field(default_factory=Tally)
    sums: Counter[str] = field(default_factory=Counter)
    badges: Counter[str] = field(default_factory=Counter)

    def take(self, entry: Entry, outcome: Outcome) -> None:
        """Count what one payment came to; who has it already gets nothing."""
        award = given(entry, outcome, self.rule)
        if award is not None:
            self.awards.take(award)
        self.sums["levels"] += outcome.level.after - outcome.level.before if outcome.level else 0
        for line in outcome.ledger:
            self.sums[line.currency] += line.amount if line.rule != self.rule else 0
        self.badges.update(each.badge for each in outcome.badges if each.badge != self.rule)

    def follows(self) -> dict[str, Any]:
        """Levels, other badges, XP and coins that come beside the awards themselves."""
        sums = {name: self.sums[name] for name in ("levels", "xp", "coins")}
        return {**sums, "badges": dict(self.badges)}


def paid_now(conn: Connection, rule: str, found: list[Award], book: Rulebook) -> Paid:
    """What paying these awards of one rule would bring, in the rulebook that would be live then."""
    paid = Paid(rule)
    ordered = sorted(found, key=lambda award: (award.entry.player, award.entry.n))
    for page in _pages(ordered):
        _apply(conn, page, book, paid)
        conn.rollback()
    return paid


def _pages(ordered: list[Award]) -> Iterable[list[Award]]:
    """Awards page by page, each player's within one page."""
    page: list[Award] = []
    for award in ordered:
        if len(page) >= AT_ONCE and award.entry.player != page[-1].entry.player:
            yield page
            page = []
        page.append(award)
    if page:
        yield page


def _apply(conn: Connection, page: list[Award], book: Rulebook, paid: Paid) -> None:
    entries = [_entry(award) for award in page]
    rows = player_states.load(conn, {entry.player for entry in entries})
    standing = gather(conn, rows, entries, book)
    for entry in entries:
        paid.take(entry, fold(standing[entry.player], entry, book))


def _entry(award: Award) -> Entry:
    """The entry that would pay an award."""
    entry = award.entry
    return Entry(
        0, entry.n, entry.player, HISTORY_AWARD, "", "laurel", entry.occurred_at, entry.received_at, award.content()
    )
