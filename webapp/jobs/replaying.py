"""Replaying one shard's history against a draft, and against the live version beside it."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.authoring.near import Part, missed_by, parts
from engine.authoring.tree import from_json
from engine.documents.places import trigger_events
from engine.earning.fold import fold
from engine.earning.memory import Player
from engine.earning.reads import paths_read
from engine.rehearse import Award, Step, awards
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from webapp.jobs import drafted, past
from webapp.jobs.tally import CASES, Tally
from webapp.store import rules
from webapp.store.connection import Connection

FACTS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as a backtest takes it: the whole document and its tree.

    Counted is what happened from `since` (µs) on; `rulebook` is the number of the one that is live meanwhile.
    """

    document: Mapping[str, Any]
    tree: Mapping[str, Any] | None
    since: int
    rulebook: int

    @property
    def key(self) -> str:
        """The rule that it is a draft of."""
        return str(self.document["key"])


@dataclass(slots=True)
class Sight:
    """What the watched rule was asked about while one entry was folded."""

    paths: list[str]
    parts: list[Part]
    is_asked: bool = False
    missed: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def look(self, facts: Mapping[str, Any], value: Any) -> None:
        """Keep what it was told; of several judgements of one entry the last, which is the one that held if any did."""
        self.is_asked = True
        self.missed = None if value else missed_by(self.parts, facts)
        if value or self.missed:
            self.facts = {path: facts[path] for path in self.paths}


@dataclass(slots=True)
class Replay:
    """One shard folded through the draft and, beside it, through the live version; what both came to."""

    draft: Draft
    books: past.NewBooks
    rivals: past.NewBooks | None
    live: frozenset[int]
    sight: Sight
    events: tuple[str, ...]
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
        entry, is_shown = step.entry, step.entry.occurred_at >= self.draft.since
        self.sight.is_asked = False
        mine = self._mine(player, step)
        if mine is not None and step.book.number not in self.live:
            self.payable.append(mine)
        theirs = self._theirs(entry, step.book.number) if self.rivals else None
        if is_shown:
            self._count(entry, mine, theirs)

    def _mine(self, player: Player, step: Step) -> Award | None:
        before = len(player.memory.added_keys)
        outcome = fold(player, step.entry, step.book)
        return given(step.entry, outcome, self.draft.key, player.memory.added_keys[before:])

    def _theirs(self, entry: Entry, number: int) -> Award | None:
        assert self.rivals is not None
        player = self.rival_players.setdefault(entry.player, Player(entry.player))
        return given(entry, fold(player, entry, self.rivals.book(self.conn, number)), self.draft.key)

    def _count(self, entry: Entry, mine: Award | None, theirs: Award | None) -> None:
        if entry.is_event and (entry.type in self.events or "*" in self.events):
            self.seen.players.add(entry.player)
            self.seen.sums["events"] += 1
        if mine is not None:
            self.found.take(mine)
            self.hits.append(_case(entry, self.sight.facts))
        elif self.sight.is_asked and self.sight.missed:
            self.near.append({**_case(entry, self.sight.facts), "node": self.sight.missed})
        if theirs is not None:
            self.rival.take(theirs)
            if mine is None:
                self.lost.append(_case(entry, self.sight.facts if self.sight.is_asked else {}))


def given(entry: Entry, outcome: Outcome, key: str, members: Sequence[tuple[str, bytes]] = ()) -> Award | None:
    """What one rule gave; a mission that is done counts, also where it grants nothing."""
    if outcome.ledger or outcome.badges or outcome.claims:
        found = next((award for award in awards(entry, outcome, members) if award.rule == key), None)
        if found is not None:
            return found
    done = next((each for each in outcome.completions if each.mission == key), None)
    return Award(key, done.rule_version, entry, {}, None, done.period, ()) if done else None


def _case(entry: Entry, facts: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(list(facts.items())[:FACTS_SHOWN])
    return {"seq": entry.seq, "player": entry.player, "at": entry.occurred_at, "facts": shown}


def replay(conn: Connection, draft: Draft, shard: int) -> Replay:
    """Fold one shard's history up to its present end; nothing is written."""
    versions = drafted.with_draft(conn, draft.document, draft.rulebook)
    live = list(rules.rulebook_versions(conn, draft.rulebook))
    has_rival = any(each.key == draft.key for each in live)
    tree = from_json(draft.tree) if draft.tree is not None else None
    sight = Sight(sorted(set(paths_read(draft.document))), parts(tree) if tree else [])
    books = drafted.books_with(conn, versions, draft.key, sight.look)
    rivals = drafted.books_with(conn, live, draft.key) if has_rival else None
    found = Replay(
        draft, books, rivals, drafted.live_keys(conn, draft.key), sight, trigger_events(draft.document), conn
    )
    row = conn.execute("SELECT n FROM shard WHERE number = %s", (shard,)).fetchone()
    conn.rollback()
    found.entries = row[0] if row else 0
    past.Walk(shard, books, found.visit).go(conn, found.entries)
    return found
