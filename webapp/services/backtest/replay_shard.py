"""Replaying one shard's history against a draft, and against the live version beside it."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.rehearsal.rehearse import Award, Step, awards
from engine.scoring.fold import fold
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import HISTORY_AWARD, Entry
from engine.vocabulary.outcome import Outcome
from webapp.services.backtest.backtest_context import Lens
from webapp.services.backtest.tally import CASES, Tally
from webapp.services.history.history_walk import Walk
from webapp.store.events import history
from webapp.store.players import player_states
from webapp.store.rules import backtests
from webapp.store.system.connection import Connection

FACTS_SHOWN = 6
SPAN = 5000  # entries by n; of these only what is heard is read


@dataclass(slots=True)
class Replay:
    """One shard folded through the draft and, beside it, through the live version; what both came to."""

    lens: Lens
    conn: Connection
    entries: int = 0
    seen: Tally = field(default_factory=Tally)
    found: Tally = field(default_factory=Tally)
    rival: Tally = field(default_factory=Tally)
    payable: list[Award] = field(default_factory=list)
    rival_players: dict[int, Player] = field(default_factory=dict)
    hits: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=CASES))
    near: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=CASES))
    lost: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=CASES))

    def visit(self, player: Player, step: Step) -> None:
        """Fold one entry under the draft, and under the live version."""
        lens, entry = self.lens, step.entry
        lens.sight.is_asked = False
        mine = self._mine(player, step)
        if mine is not None and step.book.number not in lens.live:
            self.payable.append(mine)
        theirs = self._theirs(entry, step.book.number) if lens.rivals else None
        if entry.occurred_at >= lens.draft.since and not self._pays(entry):
            self._count(entry, mine, theirs)

    def _pays(self, entry: Entry) -> bool:
        """Whether an entry pays for the past what this rule is found to give there anyway."""
        return entry.type == HISTORY_AWARD and entry.properties.get("rule") == self.lens.draft.key

    def _mine(self, player: Player, step: Step) -> Award | None:
        before = len(player.memory.added_keys)
        outcome = fold(player, step.entry, step.book)
        return given(step.entry, outcome, self.lens.draft.key, player.memory.added_keys[before:])

    def _theirs(self, entry: Entry, number: int) -> Award | None:
        assert self.lens.rivals is not None
        player = self.rival_players.setdefault(entry.player, Player(entry.player))
        return given(entry, fold(player, entry, self.lens.rivals.book(self.conn, number)), self.lens.draft.key)

    def _count(self, entry: Entry, mine: Award | None, theirs: Award | None) -> None:
        sight, events = self.lens.sight, self.lens.events
        if entry.is_event and (entry.type in events or "*" in events):
            self.seen.players.add(entry.player)
            self.seen.sums["events"] += 1
        if mine is not None:
            self.found.take(mine)
            self.hits.append(_case(entry, sight.facts))
        elif sight.is_asked and sight.missed:
            self.near.append({**_case(entry, sight.facts), "node": sight.missed})
        if theirs is not None:
            self.rival.take(theirs)
            if mine is None:
                self.lost.append(_case(entry, sight.facts if sight.is_asked else {}))


def given(entry: Entry, outcome: Outcome, key: str, members: Sequence[tuple[str, bytes]] = ()) -> Award | None:
    """What one rule gave; a mission that is done counts, also where it grants nothing."""
    if _is_paid_by(outcome, key):
        return next(award for award in awards(entry, outcome, members) if award.rule == key)
    done = next((each for each in outcome.completions if each.mission == key), None)
    return Award(key, done.rule_version, entry, {}, None, done.period, ()) if done else None


def _is_paid_by(outcome: Outcome, key: str) -> bool:
    """Whether a rule itself gave something; lines that were written by hand have no version."""
    return (
        any(line.rule == key and line.rule_version is not None for line in outcome.ledger)
        or any(each.badge == key and each.rule_version is not None for each in outcome.badges)
        or any(each.rule == key for each in outcome.claims)
    )


def _case(entry: Entry, facts: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(list(facts.items())[:FACTS_SHOWN])
    return {"seq": entry.seq, "player": entry.player, "at": entry.occurred_at, "facts": shown}


@dataclass(slots=True)
class _HeardWalk(Walk):
    """A walk that passes over events at which nothing looks."""

    heard: frozenset[str] | None = None

    def _page(self, conn: Connection, until: int) -> None:
        last = min(self.after + SPAN, until)
        page = backtests.page(conn, self.shard, self.after, last, self.heard)
        erased = player_states.erased_among(conn, {row[1] for row in page})
        for *fields, n, number in page:
            if fields[1] not in erased:
                step = Step(history.entry_of(fields, n), self.books.book(conn, number))
                self.visit(self.players.setdefault(fields[1], Player(fields[1])), step)
        self.after = last


def replay(conn: Connection, lens: Lens, shard: int) -> Replay:
    """Fold one shard's history up to its present end; nothing is written."""
    row = conn.execute("SELECT n FROM shard WHERE number = %s", (shard,)).fetchone()
    conn.rollback()
    found = Replay(lens, conn, row[0] if row else 0)
    _HeardWalk(shard, lens.books, found.visit, heard=lens.heard).go(conn, found.entries)
    return found
