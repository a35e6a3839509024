"""Awarding history: what rules that have just gone live would have given in the past is paid now, each as an entry."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.rehearsal.rehearse import HistoricalAward, HistoryStep, backtest
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import HISTORY_AWARD
from webapp.config import Settings
from webapp.services.history import history_walk
from webapp.services.history.history_walk import HistoryWalk, PatchedRulebooks
from webapp.services.history.verify import Progress, no_progress
from webapp.store.events import shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection, connect


@dataclass(slots=True)
class AwardSearch:
    """A search for what some rules would have given in one shard.

    `live_numbers` are by key the rulebooks in which each rule was live already: what it earned there is paid.
    """

    live_numbers: dict[str, frozenset[int]]
    since: int
    is_silent: bool
    awards: list[HistoricalAward] = field(default_factory=list)

    def visit(self, player: Player, step: HistoryStep) -> None:
        """Fold one entry and note what it would have earned."""
        for award in backtest(player, [step], frozenset(self.live_numbers)):
            if step.book.number not in self.live_numbers[award.rule]:
                self.awards.append(award)


def award_history(
    settings: Settings,
    keys: Sequence[str],
    since: int,
    progress: Progress = no_progress,
    *,
    beside: Sequence[str] = (),
    silently: bool = False,
) -> int:
    """Pay what the rules with these keys, live since rulebook `since`, would have given before; returns the count.

    `beside` are keys of documents that these rules read: they are taken as they are now, even where older rulebooks
    lack them, and give nothing. Each award is a `laurel.history_award` entry with the date of the event that earned it
    and a derived id, so a second call pays nothing twice. `silently` keeps them out of the feed.
    """
    paid = 0
    with connect(settings.database_url) as conn:
        books = history_walk.patched_rulebooks(conn, [*keys, *beside], since)
        live_numbers = {key: rule_versions.numbers_with(conn, key) for key in keys}
        conn.rollback()
        for done, shard in enumerate(shards.ALL, start=1):
            paid += _award_shard(conn, shard, books, AwardSearch(live_numbers, since, silently))
            progress(done, len(shards.ALL))
    return paid


def _award_shard(conn: Connection, shard: int, books: PatchedRulebooks, search: AwardSearch) -> int:
    until = history_walk.last_n_before(conn, shard, search.since)
    if until:
        HistoryWalk(shard, books, search.visit).walk_to(conn, until)
    return history_walk.apply_all(conn, shard, [_entry(shard, award, search) for award in search.awards])


def _entry(shard: int, award: HistoricalAward, search: AwardSearch) -> SystemEntry:
    earning_entry = award.entry
    return history_walk.system_entry(
        earning_entry.player,
        shard,
        HISTORY_AWARD,
        f"history:{search.since}:{award.rule}:{award.period}:{shard}:{earning_entry.n}",
        award.content() | ({"silent": True} if search.is_silent else {}),
        earning_entry.occurred_at,
    )
