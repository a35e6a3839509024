"""Folding the past once more, for what is new: where a rulebook began in each shard, and every player up to there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.kinds import KINDS
from engine.rehearsal.rehearse import HistoryStep, with_drafts
from engine.rules.build_rulebook import build_rulebook
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import SYSTEM_TYPE_PREFIX
from webapp.runtime.zones import ZONES
from webapp.services.pipeline.apply_now import apply_entries
from webapp.services.pipeline.batch import encode_json
from webapp.store.events import event_log, history, history_pages, shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.players import player_states
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

PAGE = 2000
APPLIED_AT_ONCE = 100
EARNED = ("xp", "coins")
Visit = Callable[[Player, HistoryStep], object]


@dataclass(slots=True)
class NewBooks:
    """The rulebooks of the past with new documents in them, one for each recorded number."""

    new: list[RuleVersion]
    with_recorded: bool
    built: dict[int, Rulebook] = field(default_factory=dict)

    def book(self, conn: Connection, number: int) -> Rulebook:
        """The recorded rulebook of that number and the new documents; or these alone, where they are enough."""
        if number not in self.built:
            recorded = rule_versions.rulebook_versions(conn, number) if self.with_recorded else []
            self.built[number] = build_rulebook(number, with_drafts(recorded, self.new), ZONES)
        return self.built[number]


def new_books(conn: Connection, keys: list[str], since: int) -> NewBooks:
    """What the documents of these keys look like in the rulebook `since`, to be put into those of the past."""
    return NewBooks(
        [version for version in rule_versions.rulebook_versions(conn, since) if version.key in keys], with_recorded=True
    )


def groups(conn: Connection, keys: list[str], since: int) -> dict[str, tuple[dict[str, int], NewBooks]]:
    """Documents to be counted, with their versions, by what their counting needs.

    What boards of XP or coins show follows from the rules of then. All else follows from events alone; boards that
    rank by a metric need that metric beside them, and what limits a player's events limits what counts.
    """
    versions = rule_versions.rulebook_versions(conn, since)
    asked = [version for version in versions if version.key in keys]
    earned = [version for version in asked if version.document.get("score") in EARNED]
    counted = [version for version in asked if version not in earned]
    read = {version.document.get("score", "").removeprefix("metric.") for version in counted} - set(keys)
    limits = [version for version in versions if KINDS[version.document["kind"]].decides_which_events_count]
    beside = [*limits, *(version for version in versions if version.key in read)]
    found = {
        "counted": (counted, NewBooks([*counted, *beside], with_recorded=False)),
        "earned": (earned, NewBooks(earned, with_recorded=True)),
    }
    return {name: ({v.key: v.version for v in mine}, books) for name, (mine, books) in found.items() if mine}


def boundary(conn: Connection, shard: int, since: int) -> int:
    """The last n that a shard applied under an older rulebook; 0 where there was none.

    Takes the shard's lock once and lets it go: a batch that began under an older rulebook has ended then.
    """
    n = shards.lock(conn, shard)
    last = history.last_before(conn, shard, since) if n else 0
    conn.rollback()
    return last


@dataclass(slots=True)
class Walk:
    """A walk through a shard's history, by n: every entry is shown with its player so far; erased ones are left out."""

    shard: int
    books: NewBooks
    visit: Visit
    players: dict[int, Player] = field(default_factory=dict)
    after: int = 0

    def go(self, conn: Connection, until: int) -> None:
        """Walk on up to an n, in short transactions."""
        while self.after < until:
            self._page(conn, until)
            conn.rollback()

    def catch_up(self, conn: Connection, until: int) -> None:
        """Walk the last steps up to an n in the transaction that holds the shard's lock."""
        while self.after < until:
            self._page(conn, until)

    def _page(self, conn: Connection, until: int) -> None:
        page = history_pages.page_by_n(conn, self.shard, self.after, until, PAGE)
        erased = player_states.erased_among(conn, {row[1] for row in page})
        for row in page:
            if row[1] not in erased:
                step = HistoryStep(
                    history.entry_of(row, row[history_pages.N]), self.books.book(conn, row[history_pages.RULEBOOK])
                )
                self.visit(self.players.setdefault(row[1], Player(row[1])), step)
        self.after = page[-1][history_pages.N] if page else until


def apply_all(conn: Connection, shard: int, own: list[SystemEntry]) -> int:
    """Apply entries of our own, some at a time under the shard's lock; those that stand already are left out."""
    done = 0
    for start in range(0, len(own), APPLIED_AT_ONCE):
        n = shards.lock(conn, shard)
        done += apply_locked(conn, shard, n, own[start : start + APPLIED_AT_ONCE])
        conn.commit()
    return done


def apply_locked(conn: Connection, shard: int, n: int, own: list[SystemEntry]) -> int:
    """The same, all at once, for whoever holds the shard's lock, its newest `n` known; the caller commits."""
    batch = list(_appended(conn, n, own))
    if batch:
        apply_entries(conn, shard, n, batch)
    return len(batch)


def _appended(conn: Connection, n: int, own: list[SystemEntry]) -> Iterator[Any]:
    gone = player_states.erased_among(conn, {entry.player for entry in own})
    for entry in own:
        seq = None if entry.player in gone else event_log.append_system_entry(conn, entry, queued=False)
        if seq is not None:
            n += 1
            yield history.one(conn, seq, n)


def own_entry(player: int, shard: int, kind: str, event_id: str, content: dict[str, Any]) -> SystemEntry:
    """An entry of our own with a derived id."""
    assert kind.startswith(SYSTEM_TYPE_PREFIX)
    return SystemEntry(player, shard, kind, event_id, encode_json(content))


def dated(own: SystemEntry, occurred_at: int) -> SystemEntry:
    """The same entry with the moment of the event that it is about."""
    return replace(own, occurred_at=occurred_at)
