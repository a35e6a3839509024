"""One shard of a backtest: its history folded under the draft and, beside it, under the live version of the rule."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.kinds import KINDS
from engine.rehearsal.rehearse import HistoricalAward, HistoryStep
from engine.scoring.fold import fold
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import HISTORY_AWARD, Entry
from webapp.services.backtest.backtest_context import BacktestContext
from webapp.services.backtest.payout_preview import preview_payout
from webapp.services.backtest.tally import CASES_MAX, AwardTally, award_of_rule
from webapp.services.history.history_walk import HistoryWalk, RecordedAwards
from webapp.store.events import applied_entries, shards
from webapp.store.players import player_states
from webapp.store.rules import backtests
from webapp.store.system.connection import Connection

FACTS_SHOWN_MAX = 6
ENTRIES_PER_PAGE = 5000  # by n; of these only the event types that matter are read
CASE_LISTS = ("hits", "near", "lost")
ShardResult = dict[str, Any]
"""`entries` replayed, `counts`, and `cases` under the names of `CASE_LISTS`: plain JSON, to be added up."""
Cases = deque[dict[str, Any]]


def _newest_cases() -> Cases:
    return deque(maxlen=CASES_MAX)


def backtest_shard(conn: Connection, context: BacktestContext, shard: int) -> ShardResult:
    """What the draft would have given in one shard; nothing is written."""
    replay, draft = replay_shard(conn, context, shard), context.draft
    payable = replay.recorded.unpaid(replay.payable) if KINDS[draft.document["kind"]].awards_past else []
    payout = preview_payout(conn, draft.key, payable, context.payout_book)
    counts = {**replay_counts(replay), "payable": payout.awards.to_json(), "follows": payout.consequences()}
    cases = {"hits": list(replay.hits), "near": list(replay.near), "lost": list(replay.lost)}
    return {"entries": replay.entries, "counts": counts, "cases": cases}


def replay_shard(conn: Connection, context: BacktestContext, shard: int) -> "ShardReplay":
    """Fold one shard's history up to where it ends now; nothing is written."""
    entries = shards.newest_n(conn, shard)
    conn.rollback()
    replay = ShardReplay(context, conn, RecordedAwards((context.draft.key,)), entries)
    walk = _FilteredWalk(
        shard, context.draft_books, replay.visit, recorded=replay.recorded, event_types=context.event_types
    )
    walk.walk_to(conn, entries)
    return replay


def replay_counts(replay: "ShardReplay") -> dict[str, Any]:
    """The counts of a replay, but for what would be paid."""
    draft_players, live_players = replay.draft_awards.players, replay.live_awards.players
    return {
        "seen": {"players": len(replay.triggering.players), "events": replay.triggering.sums["events"]},
        "draft": replay.draft_awards.to_json(),
        "live": replay.live_awards.to_json(),
        "gained": len(draft_players - replay.live_holders),
        "lost": len(live_players - replay.draft_holders),
    }


@dataclass(slots=True)
class ShardReplay:
    """The result of one shard's history.

    `payable` are the draft's awards for events for which the rule gave nothing; all other counts start at the draft's
    `since`. Each list of cases keeps the newest few. The holders are whoever got an award at any time, also before
    `since`: who merely gets it earlier or later than with the live version neither gains nor loses it.
    """

    context: BacktestContext
    conn: Connection
    recorded: RecordedAwards
    entries: int = 0
    triggering: AwardTally = field(default_factory=AwardTally)
    draft_awards: AwardTally = field(default_factory=AwardTally)
    live_awards: AwardTally = field(default_factory=AwardTally)
    payable: list[HistoricalAward] = field(default_factory=list)
    draft_holders: set[int] = field(default_factory=set)
    live_holders: set[int] = field(default_factory=set)
    live_players: dict[int, Player] = field(default_factory=dict)
    hits: Cases = field(default_factory=_newest_cases)
    near: Cases = field(default_factory=_newest_cases)
    lost: Cases = field(default_factory=_newest_cases)

    def visit(self, player: Player, step: HistoryStep) -> None:
        """Fold one entry under the draft, and under the live version."""
        context, entry = self.context, step.entry
        context.probe.reset()
        self.recorded.note(entry)
        draft_award = self._fold_with_draft(player, step)
        if draft_award is not None and self.recorded.lacks(draft_award):
            self.payable.append(draft_award)
        live_award = self._fold_with_live(entry, step.book.number)
        if draft_award is not None:
            self.draft_holders.add(entry.player)
        if live_award is not None:
            self.live_holders.add(entry.player)
        if entry.occurred_at >= context.draft.since and not self._pays_this_rule(entry):
            self._count(entry, draft_award, live_award)

    def _pays_this_rule(self, entry: Entry) -> bool:
        """Whether the entry awarded history for this rule: the replay finds that award at the event that earned it."""
        return entry.type == HISTORY_AWARD and entry.properties.get("rule") == self.context.draft.key

    def _fold_with_draft(self, player: Player, step: HistoryStep) -> HistoricalAward | None:
        keys_before = len(player.memory.added_keys)
        outcome = fold(player, step.entry, step.book, is_history=True)
        return award_of_rule(step.entry, outcome, self.context.draft.key, player.memory.added_keys[keys_before:])

    def _fold_with_live(self, entry: Entry, number: int) -> HistoricalAward | None:
        live_books = self.context.live_books
        if live_books is None:
            return None
        player = self.live_players.setdefault(entry.player, Player(entry.player))
        outcome = fold(player, entry, live_books.book(self.conn, number), is_history=True)
        return award_of_rule(entry, outcome, self.context.draft.key)

    def _count(self, entry: Entry, draft_award: HistoricalAward | None, live_award: HistoricalAward | None) -> None:
        probe, trigger_types = self.context.probe, self.context.trigger_types
        if entry.is_event and (entry.type in trigger_types or "*" in trigger_types):
            self.triggering.players.add(entry.player)
            self.triggering.sums["events"] += 1
        if draft_award is not None:
            self.draft_awards.add_award(draft_award)
            self.hits.append(_case(entry, probe.facts))
        elif probe.was_judged and probe.missed_node:
            self.near.append({**_case(entry, probe.facts), "node": probe.missed_node})
        if live_award is not None:
            self.live_awards.add_award(live_award)
            if draft_award is None:
                self.lost.append(_case(entry, probe.facts if probe.was_judged else {}))


def _case(entry: Entry, facts: Mapping[str, Any]) -> dict[str, Any]:
    first_facts = dict(list(facts.items())[:FACTS_SHOWN_MAX])
    return {"seq": entry.seq, "player": entry.player, "at": entry.occurred_at, "facts": first_facts}


@dataclass(slots=True)
class _FilteredWalk(HistoryWalk):
    """A walk that skips events of types that no rule in the rulebooks looks at."""

    event_types: frozenset[str] | None = None

    def visit_page(self, conn: Connection, until: int) -> None:
        last = min(self.after + ENTRIES_PER_PAGE, until)
        if self.recorded is not None:
            self.recorded.read_page(conn, self.shard, self.after, last)
        page = backtests.page(conn, self.shard, self.after, last, self.event_types)
        erased = player_states.erased_among(conn, {row[1] for row in page})
        for *fields, n, rulebook in page:
            player = fields[1]
            if player not in erased:
                step = HistoryStep(applied_entries.entry_of(fields, n), self.books.book(conn, rulebook))
                self.visit(self.players.setdefault(player, Player(player)), step)
        self.after = last
