"""Awarding history: what newly live rules would have given in the past is paid now, each award as an entry."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.rehearsal.rehearse import HistoricalAward, HistoryStep, backtest
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import HISTORY_AWARD
from webapp.config import Settings
from webapp.services.history import history_walk
from webapp.services.history.verify import Progress, say_nothing
from webapp.store.events import shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection, connect


@dataclass(slots=True)
class Reward:
    """A search for what some rules would have given: under which rulebooks each of them was live already, by key."""

    live: dict[str, frozenset[int]]
    since: int
    is_silent: bool
    found: list[HistoricalAward] = field(default_factory=list)

    def look(self, player: Player, step: HistoryStep) -> None:
        """Fold one entry and note what it would have earned."""
        found = backtest(player, [step], frozenset(self.live))
        self.found += [award for award in found if step.book.number not in self.live[award.rule]]


def award_history(
    settings: Settings,
    keys: Sequence[str],
    since: int,
    progress: Progress = say_nothing,
    *,
    beside: Sequence[str] = (),
    silently: bool = False,
) -> int:
    """Pay what the rules with these keys, live since rulebook `since`, would have given before; gives how many awards.

    `beside` are documents that these read: as they are now, also where older rulebooks lack them; they give nothing.
    Each is a `laurel.history_award` entry with the date of the event that earned it and a derived id, so a second
    call pays nothing twice. Silently, nobody is told.
    """
    paid = 0
    with connect(settings.database_url) as conn:
        books = history_walk.new_books(conn, [*keys, *beside], since)
        live = {key: rule_versions.numbers_with(conn, key) for key in keys}
        conn.rollback()
        for done, shard in enumerate(shards.ALL, start=1):
            reward = Reward(live, since, silently)
            paid += _award_shard(conn, shard, books, reward)
            progress(done, len(shards.ALL))
    return paid


def _award_shard(conn: Connection, shard: int, books: history_walk.NewBooks, reward: Reward) -> int:
    until = history_walk.boundary(conn, shard, reward.since)
    if until:
        history_walk.Walk(shard, books, reward.look).go(conn, until)
    return history_walk.apply_all(conn, shard, [_entry(shard, award, reward) for award in reward.found])


def _entry(shard: int, award: HistoricalAward, reward: Reward) -> SystemEntry:
    entry = award.entry
    content = award.content() | ({"silent": True} if reward.is_silent else {})
    event_id = f"history:{reward.since}:{award.rule}:{award.period}:{shard}:{entry.n}"
    own = history_walk.own_entry(entry.player, shard, HISTORY_AWARD, event_id, content)
    return history_walk.dated(own, entry.occurred_at)
