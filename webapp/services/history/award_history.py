"""Awarding history: what rules that have just gone live would have given in the past is paid now, each as an entry.

A rule is judged over all history before it, whether it was live then, in another version, or not at all. Whoever got
something from it for an event does not get it again, nor a badge that was held for the period, or was taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.rehearsal.rehearse import HistoricalAward, HistoryStep, backtest
from engine.scoring.state.memory import Player
from engine.scoring.system_entries import is_already_given
from engine.vocabulary.entry import HISTORY_AWARD
from webapp.config import Settings
from webapp.services.history import history_walk
from webapp.services.history.history_walk import HistoryWalk, PatchedRulebooks, RecordedAwards
from webapp.services.history.verify import Progress, no_progress
from webapp.services.pipeline.apply_batch import load_players
from webapp.store.events import shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.players import player_states
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect

PAID_AT_ONCE = 100  # under the shard's lock, for which its drain waits


@dataclass(slots=True)
class AwardSearch:
    """A search for what some rules, live since rulebook `since`, would have given in one shard before."""

    recorded: RecordedAwards
    since: int
    is_silent: bool
    awards: list[HistoricalAward] = field(default_factory=list)

    def visit(self, player: Player, step: HistoryStep) -> None:
        """Fold one entry and note what it would have earned."""
        self.recorded.note(step.entry)
        for award in backtest(player, [step], self.recorded.rules):
            if self.recorded.lacks(award):
                self.awards.append(award)


def award_history(
    settings: Settings,
    keys: Sequence[str],
    since: int,
    progress: Progress = no_progress,
    *,
    silently: bool = False,
) -> int:
    """Pay what the rules with these keys, live since rulebook `since`, would have given before; returns the count.

    What measures players is taken as it is now, even where older rulebooks lack it, and gives nothing. Each award is a
    `laurel.history_award` entry with the date of the event that earned it and an id derived from that, so that no call
    pays anything twice. `silently` keeps them out of the feed.
    """
    paid = 0
    with connect(settings.database_url) as conn:
        books = history_walk.patched_rulebooks(conn, keys, since)
        conn.rollback()
        for done, shard in enumerate(shards.ALL, start=1):
            paid += _award_shard(conn, shard, books, AwardSearch(RecordedAwards(frozenset(keys)), since, silently))
            progress(done, len(shards.ALL))
    return paid


def _award_shard(conn: Connection, shard: int, books: PatchedRulebooks, search: AwardSearch) -> int:
    until = history_walk.last_n_before(conn, shard, search.since)
    if until:
        HistoryWalk(shard, books, search.visit, recorded=search.recorded).walk_to(conn, until)
    owed, paid = search.recorded.unpaid(search.awards), 0
    for start in range(0, len(owed), PAID_AT_ONCE):
        n = shards.lock(conn, shard)
        page = still_owed(conn, owed[start : start + PAID_AT_ONCE])
        paid += history_walk.apply_locked(conn, shard, n, [_entry(shard, award, search) for award in page])
        conn.commit()
    return paid


def still_owed(conn: Connection, awards: Sequence[HistoricalAward]) -> list[HistoricalAward]:
    """Those of the awards that would give their players something as they are now; who pays them holds the lock."""
    payments = [award.payment() for award in awards]
    rows = player_states.load(conn, {payment.player for payment in payments})
    players = load_players(conn, rows, payments, rulebooks.live(conn))
    return [award for award in awards if not is_already_given(players[award.entry.player], award.content())]


def _entry(shard: int, award: HistoricalAward, search: AwardSearch) -> SystemEntry:
    earning_entry = award.entry
    return history_walk.system_entry(
        earning_entry.player,
        shard,
        HISTORY_AWARD,
        f"history:{award.rule}:{award.period}:{shard}:{earning_entry.n}",
        award.content() | ({"silent": True} if search.is_silent else {}),
        earning_entry.occurred_at,
    )
