"""Folding the past once more for documents that are new in it: a shard's history, entry by entry, under any rulebooks.

Also where a rulebook began in each shard, and how the entries that such a walk leads to are applied.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.kinds import KINDS
from engine.rehearsal.rehearse import HistoryStep, with_drafts
from engine.rules.build_rulebook import build_rulebook
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import SYSTEM_TYPE_PREFIX, Entry
from webapp.runtime.zones import ZONES
from webapp.services.pipeline.apply_batch import encode_json
from webapp.services.pipeline.apply_now import apply_entries
from webapp.store.events import applied_entries, event_log, recorded_history, shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.players import player_states
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

PAGE = 2000
APPLIED_AT_ONCE = 100  # under the shard's lock, for which its drain waits
EARNED = ("xp", "coins")
Visit = Callable[[Player, HistoryStep], object]
"""Called with each player as of before an entry, and the entry with its rulebook; folds the entry."""


@dataclass(slots=True)
class PatchedRulebooks:
    """The rulebooks of the past with new documents in them, one for each recorded number."""

    new: list[RuleVersion]
    with_recorded: bool
    built: dict[int, Rulebook] = field(default_factory=dict)

    def book(self, conn: Connection, number: int) -> Rulebook:
        """The recorded rulebook of that number with the new documents; or these alone, where they are enough."""
        if number not in self.built:
            recorded = rule_versions.rulebook_versions(conn, number) if self.with_recorded else []
            self.built[number] = build_rulebook(number, with_drafts(recorded, self.new), ZONES)
        return self.built[number]


def patched_rulebooks(conn: Connection, keys: Sequence[str], since: int) -> PatchedRulebooks:
    """The rulebooks of the past with the documents of these keys put in as rulebook `since` has them."""
    versions = rule_versions.rulebook_versions(conn, since)
    return PatchedRulebooks([version for version in versions if version.key in keys], with_recorded=True)


@dataclass(frozen=True, slots=True)
class SeedingGroup:
    """Documents whose past is counted in one walk: versions by key, and the rulebooks to walk under."""

    name: str
    versions: dict[str, int]
    books: PatchedRulebooks


def seeding_groups(conn: Connection, keys: Sequence[str], since: int) -> list[SeedingGroup]:
    """The documents of these keys in groups, by what counting their past needs; empty groups are left out.

    Boards of XP or coins show what the rules of each time gave, so they need the recorded rulebooks. Everything else
    follows from events alone, except that boards ranked by a metric need that metric, and limits on a player's events
    decide which events count.
    """
    versions = rule_versions.rulebook_versions(conn, since)
    requested = [version for version in versions if version.key in keys]
    earned = [version for version in requested if version.document.get("score") in EARNED]
    counted = [version for version in requested if version not in earned]
    metrics = {version.document.get("score", "").removeprefix("metric.") for version in counted} - set(keys)
    limits = [version for version in versions if KINDS[version.document["kind"]].decides_which_events_count]
    beside = [*limits, *(version for version in versions if version.key in metrics)]
    groups = [
        SeedingGroup("counted", _numbers(counted), PatchedRulebooks([*counted, *beside], with_recorded=False)),
        SeedingGroup("earned", _numbers(earned), PatchedRulebooks(earned, with_recorded=True)),
    ]
    return [group for group in groups if group.versions]


def _numbers(versions: Sequence[RuleVersion]) -> dict[str, int]:
    return {version.key: version.version for version in versions}


def last_n_before(conn: Connection, shard: int, since: int) -> int:
    """The last n that a shard applied under a rulebook older than `since`; 0 where there was none.

    Takes the shard's lock once and lets it go, so that a batch that began under an older rulebook has ended.
    """
    n = shards.lock(conn, shard)
    last_n = applied_entries.last_before(conn, shard, since) if n else 0
    conn.rollback()
    return last_n


@dataclass(slots=True)
class HistoryWalk:
    """A walk through a shard's history in the order of n: `visit` gets every entry but those of erased players."""

    shard: int
    books: PatchedRulebooks
    visit: Visit
    players: dict[int, Player] = field(default_factory=dict)
    after: int = 0

    def walk_to(self, conn: Connection, until: int) -> None:
        """Walk on up to an n, in short transactions."""
        while self.after < until:
            self.visit_page(conn, until)
            conn.rollback()

    def catch_up(self, conn: Connection, until: int) -> None:
        """Walk the last steps up to an n in the transaction that holds the shard's lock."""
        while self.after < until:
            self.visit_page(conn, until)

    def visit_page(self, conn: Connection, until: int) -> None:
        """Visit the next page, up to an n; for subclasses that read pages in another way."""
        page = recorded_history.page_by_n(conn, self.shard, self.after, until, PAGE)
        erased = player_states.erased_among(conn, {row[1] for row in page})
        for row in page:
            if row[1] not in erased:
                entry = applied_entries.entry_of(row, row[recorded_history.N])
                step = HistoryStep(entry, self.books.book(conn, row[recorded_history.RULEBOOK]))
                self.visit(self.players.setdefault(row[1], Player(row[1])), step)
        self.after = page[-1][recorded_history.N] if page else until


def apply_all(conn: Connection, shard: int, entries: Sequence[SystemEntry]) -> int:
    """Apply system entries, some at a time under the shard's lock, and commit; returns how many were new.

    Entries that are in the log already are left out, and those of erased players.
    """
    applied = 0
    for start in range(0, len(entries), APPLIED_AT_ONCE):
        n = shards.lock(conn, shard)
        applied += apply_locked(conn, shard, n, entries[start : start + APPLIED_AT_ONCE])
        conn.commit()
    return applied


def apply_locked(conn: Connection, shard: int, n: int, entries: Sequence[SystemEntry]) -> int:
    """The same, all at once, for a caller that holds the shard's lock and knows its newest `n`; it also commits."""
    appended = list(_append(conn, n, entries))
    if appended:
        apply_entries(conn, shard, n, appended)
    return len(appended)


def _append(conn: Connection, n: int, entries: Sequence[SystemEntry]) -> Iterator[Entry]:
    erased = player_states.erased_among(conn, {entry.player for entry in entries})
    for entry in entries:
        seq = None if entry.player in erased else event_log.append_system_entry(conn, entry, queued=False)
        if seq is not None:
            n += 1
            yield applied_entries.one(conn, seq, n)


def system_entry(
    player: int, shard: int, kind: str, event_id: str, content: dict[str, Any], occurred_at: int | None = None
) -> SystemEntry:
    """A system entry with a derived id; `occurred_at` is the moment, in microseconds, of the event that it is about."""
    assert kind.startswith(SYSTEM_TYPE_PREFIX)
    return SystemEntry(player, shard, kind, event_id, encode_json(content), occurred_at)
