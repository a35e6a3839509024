"""Folding the past once more for documents that are new in it: a shard's history, entry by entry, under any rulebooks.

Also where a rulebook began in each shard, and how the entries that such a walk leads to are applied.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.kinds import KINDS
from engine.rehearsal.rehearse import HistoricalAward, HistoryStep, with_drafts
from engine.rules.build_rulebook import build_rulebook
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import HISTORY_AWARD, SYSTEM_TYPE_PREFIX, Entry
from webapp.runtime.zones import ZONES
from webapp.services.pipeline.apply_batch import encode_json
from webapp.services.pipeline.apply_now import apply_entries
from webapp.store.events import applied_entries, event_log, recorded_history, shards
from webapp.store.events.event_log import SystemEntry
from webapp.store.players import player_states
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

PAGE = 2000
EARNED = ("xp", "coins")
Visit = Callable[[Player, HistoryStep], object]
"""Called with each player as of before an entry, and the entry with its rulebook; folds the entry."""


@dataclass(slots=True)
class RecordedAwards:
    """What some rules have given already, by what history records: it is not awarded for the past again.

    Of the page at hand `given` has (n, rule), of all pages so far `paid_for` the same of what was awarded for the past.
    """

    rules: Collection[str]
    given: set[tuple[int, str]] = field(default_factory=set)
    paid_for: set[tuple[int, str]] = field(default_factory=set)

    def read_page(self, conn: Connection, shard: int, after: int, until: int) -> None:
        """Read what the entries after one n, up to and including another, gave."""
        self.given = recorded_history.given_by_rules(conn, shard, (after, until), list(self.rules))

    def note(self, entry: Entry) -> None:
        """Note an entry that awarded history."""
        if entry.type == HISTORY_AWARD and "n" in entry.properties:
            self.paid_for.add((entry.properties["n"], entry.properties["rule"]))

    def lacks(self, award: HistoricalAward) -> bool:
        """Whether the rule gave nothing at the entry that earns the award, which is on the page at hand.

        An entry that awarded history earns nothing by itself: the event it is about does.
        """
        pays_the_rule = award.entry.type == HISTORY_AWARD and award.entry.properties.get("rule") == award.rule
        return not pays_the_rule and (award.entry.n, award.rule) not in self.given

    def unpaid(self, candidates: Iterable[HistoricalAward]) -> list[HistoricalAward]:
        """Those of all awards found that were not paid as history before; call it after the last page."""
        return [award for award in candidates if (award.entry.n, award.rule) not in self.paid_for]


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
    """The rulebooks of the past with the documents of these keys put in as rulebook `since` has them.

    So are all that measure players: their history is counted, but older rulebooks lack them.
    """
    versions = rule_versions.rulebook_versions(conn, since)
    new = [version for version in versions if version.key in keys or KINDS[version.document["kind"]].measures_players]
    return PatchedRulebooks(new, with_recorded=True)


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
    """A walk through a shard's history in the order of n: `visit` gets every entry but those of erased players.

    `recorded`, if set, reads each page first.
    """

    shard: int
    books: PatchedRulebooks
    visit: Visit
    players: dict[int, Player] = field(default_factory=dict)
    after: int = 0
    recorded: RecordedAwards | None = None

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
        if self.recorded is not None and page:
            self.recorded.read_page(conn, self.shard, self.after, page[-1][recorded_history.N])
        erased = player_states.erased_among(conn, {row[1] for row in page})
        for row in page:
            if row[1] not in erased:
                entry = applied_entries.entry_of(row, row[recorded_history.N])
                step = HistoryStep(entry, self.books.book(conn, row[recorded_history.RULEBOOK]))
                self.visit(self.players.setdefault(row[1], Player(row[1])), step)
        self.after = page[-1][recorded_history.N] if page else until


def apply_locked(conn: Connection, shard: int, n: int, entries: Sequence[SystemEntry]) -> int:
    """Apply system entries for a caller that holds the shard's lock and knows its newest `n`; it also commits.

    Returns how many were new: entries that are in the log already are left out, and those of erased players.
    """
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
