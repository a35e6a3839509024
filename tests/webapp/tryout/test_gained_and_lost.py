"""Whom a backtest says to gain and lose a rule: who never has it with the other version."""

from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rehearsal.rehearse import HistoricalAward, HistoryStep
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import Entry
from webapp.services.backtest.shard_replay import ShardReplay, replay_counts
from webapp.services.history.history_walk import RecordedAwards

LIVE_ROWS = 1
"""How many rows the live version has; an event fulfils the first so many."""


class OnceEach(ShardReplay):
    """A replay of a badge: each version awards it at the first event that fulfils all its rows."""

    def _award(self, entry: Entry, rows: int, holders: set[int]) -> HistoricalAward | None:
        if entry.player in holders or entry.properties["rows"] < rows:
            return None
        return HistoricalAward("badge", 1, entry, {}, "badge", "", ())

    def _fold_with_draft(self, player: Player, step: HistoryStep) -> HistoricalAward | None:
        return self._award(step.entry, self.context.draft.document["rows"], self.draft_holders)

    def _fold_with_live(self, entry: Entry, number: int) -> HistoricalAward | None:
        return self._award(entry, LIVE_ROWS, self.live_holders)


def counts_of(history: list[tuple[int, int]], rows: int, since: int) -> dict[str, Any]:
    """The counts for a draft of so many rows; `history` has a player and the rows that the event fulfils."""
    probe = SimpleNamespace(reset=lambda: None, was_judged=False, missed_node=None, facts={})
    draft = SimpleNamespace(key="badge", since=since, document={"rows": rows})
    context: Any = SimpleNamespace(probe=probe, draft=draft, trigger_types=frozenset({"*"}))
    replay = OnceEach(context, cast(Any, None), RecordedAwards(("badge",)), len(history))
    for at, (player, fulfilled) in enumerate(history):
        entry = Entry(at + 1, at + 1, player, "passed", f"e{at}", "app", at, at, {"rows": fulfilled})
        replay.visit(Player(player), cast(Any, SimpleNamespace(entry=entry, book=SimpleNamespace(number=1))))
    return replay_counts(replay)


HISTORIES = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 2)), max_size=16)


@settings(max_examples=60, deadline=None)
@given(HISTORIES, st.integers(0, 16))
def test_a_condition_with_one_more_row_is_never_gained_and_with_one_less_never_lost(
    history: list[tuple[int, int]], since: int
) -> None:
    assert counts_of(history, LIVE_ROWS + 1, since)["gained"] == 0
    assert counts_of(history, LIVE_ROWS - 1, since)["lost"] == 0


def test_who_merely_gets_it_later_neither_gains_nor_loses_it() -> None:
    result = counts_of([(1, 1), (1, 2)], LIVE_ROWS + 1, since=1)
    assert (result["draft"]["players"], result["live"]["players"]) == (1, 0)
    assert (result["gained"], result["lost"]) == (0, 0)
