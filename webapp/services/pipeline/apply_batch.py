"""One batch, in order: lock shards, read what waits in them, mark the attempt, fold, save, commit.

A batch is cut off after a third of a second of folding: it commits what it has, and the rest waits for the next one.
Where a batch ends changes nothing but how long others wait.

Where little waits in many shards they share a batch, because a transaction costs more than an entry. What happens when
a batch fails is told in `isolate_failing_entry`.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import structlog

from engine.scoring.fold import fold
from engine.scoring.rulebook.preload import Preload, preload_for
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state import player_state
from engine.scoring.state.memory import SEEDED_PREFIXES, Memory, Player
from engine.scoring.step_budget import StepBudgetSpent
from engine.scoring.views.due import due_at
from engine.vocabulary.entry import REFUND, Entry
from engine.vocabulary.outcome import Outcome
from webapp.config import Settings
from webapp.runtime.failpoints import failpoint
from webapp.services.coupons import fill_claims
from webapp.services.pipeline import shadow_check
from webapp.services.pipeline.rule_matches import matched
from webapp.store.events import applied_entries, fault_log, parked_entries, shards
from webapp.store.events.applied_entries import MICROS_PER_DAY, AppliedRows, entry_of
from webapp.store.events.shards import ClosedBatch
from webapp.store.players import player_states
from webapp.store.players.player_states import PlayerRow
from webapp.store.rules.rulebooks import is_compiled, rulebook
from webapp.store.system.connection import Connection, connect, open_connection

log = structlog.get_logger()

encode_json = msgspec.json.Encoder(order="sorted").encode

SLOW_SHARE = 0.1
FOLD_SECONDS_MAX = 0.3
"""A batch folds no longer than this and one more entry."""


@dataclass(slots=True)
class BatchBounds:
    """How much one batch takes on: so many entries of each shard, none of the players who are passed over.

    Whoever makes batches slow is passed over for a while, so that others in the shard need not wait.
    """

    limit: int
    passed_over: Collection[int] = ()


@dataclass(slots=True)
class FoldingTime:
    """How long a batch has folded, in all and by player."""

    seconds: float = 0.0
    by_player: dict[int, float] = field(default_factory=dict)

    def add(self, player: int, seconds: float) -> None:
        """Note how long one entry of a player took."""
        self.seconds += seconds
        self.by_player[player] = self.by_player.get(player, 0.0) + seconds

    @property
    def is_up(self) -> bool:
        """Whether the batch is to be cut off."""
        return self.seconds >= FOLD_SECONDS_MAX

    def slow_players(self) -> set[int]:
        """Those whose entries took a large share of a batch that was cut off; nobody otherwise."""
        if not self.is_up:
            return set()
        return {player for player, seconds in self.by_player.items() if seconds >= self.seconds * SLOW_SHARE}


@dataclass(frozen=True, slots=True)
class FinishedBatch:
    """How many entries left the inbox, parked ones included; two of them add up.

    `is_cut_off` says whether entries that were read still wait, `slow_players` for whom: their entries took much of the
    time, or one was too costly. `matches` are still to be counted, by rule.
    """

    count: int = 0
    slow_players: frozenset[int] = frozenset()
    is_cut_off: bool = False
    matches: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "FinishedBatch") -> "FinishedBatch":
        return FinishedBatch(
            self.count + other.count,
            self.slow_players | other.slow_players,
            self.is_cut_off or other.is_cut_off,
            self.matches + other.matches,
        )


@dataclass(frozen=True, slots=True)
class DrainConnections:
    """What a drain works on: `conn` holds the shards' locks, `autocommit` takes notes that outlive a rollback."""

    settings: Settings
    conn: Connection
    autocommit: Connection

    @classmethod
    @contextmanager
    def open(cls, settings: Settings) -> Iterator["DrainConnections"]:
        """Open both connections, and close them afterwards."""
        with connect(settings.database_url) as conn:
            autocommit = open_connection(settings.database_url)
            try:
                autocommit.autocommit = True
                yield cls(settings, conn, autocommit)
            finally:
                autocommit.close()


class EarlierBatchDied(Exception):  # noqa: N818  (nobody's error: a process was killed)
    """A process died over a batch of some of these shards; how many entries it held, by shard, 0 for the others."""

    def __init__(self, died_with: Mapping[int, int]) -> None:
        super().__init__(f"a batch died in shards {[shard for shard, count in died_with.items() if count]}")
        self.died_with = died_with


def run_batch(connections: DrainConnections, shard_numbers: Sequence[int], bounds: BatchBounds) -> FinishedBatch:
    """Apply what waits in these shards, within the bounds; an event that is too costly is parked.

    Shards that another process has locked are skipped: that process does the work. Raises `EarlierBatchDied` before
    anything is written, `UnreadableEntry`, and whatever folding or the database raises; then the caller rolls back.
    """
    conn = connections.conn
    locked = _lock_under_compiled_rules(conn, shard_numbers, bounds)
    if not locked:
        conn.rollback()
        return FinishedBatch()
    if any(shard.died_with for shard in locked):
        conn.rollback()
        raise EarlierBatchDied({shard.number: shard.died_with for shard in locked})
    # On the other connection, at once: whoever comes after a death must find the mark.
    shards.mark_attempt(connections.autocommit, {shard.number: len(shard.entries) for shard in locked})
    finished = fold_and_save(conn, locked)
    failpoint("batch_before_commit")
    conn.commit()
    failpoint("batch_after_commit")
    return finished


def _lock_under_compiled_rules(
    conn: Connection, shard_numbers: Sequence[int], bounds: BatchBounds
) -> list["LockedShard"]:
    """The shards in which something waits, once the live rulebook is compiled: nobody waits for a compilation."""
    while True:
        locked = [shard for shard in lock_and_read(conn, shard_numbers, bounds) if shard.entries]
        if not locked or is_compiled(locked[0].rulebook, locked[0].rulebook_at):
            return locked
        conn.rollback()
        rulebook(conn, locked[0].rulebook, locked[0].rulebook_at)
        conn.rollback()


@dataclass(frozen=True, slots=True)
class LockedShard:
    """A shard whose lock we hold, the entries to apply there, and the rows of the players whom they touch.

    `n` is the number of the last entry applied; `rulebook_at` is when the live rulebook was made, where that is known.
    `died_with` is the size of the batch over which a process died here, 0 where none did.
    """

    number: int
    n: int
    rulebook: int
    entries: Sequence[Entry]
    rows: dict[int, PlayerRow]
    rulebook_at: datetime | None = None
    died_with: int = 0


class UnreadableEntry(Exception):  # noqa: N818  (a state of the log, not of the program)
    """An entry waits whose stored form cannot be read; the shard's lock is held."""

    def __init__(self, seq: int, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.seq = seq


def lock_and_read(conn: Connection, shard_numbers: Sequence[int], bounds: BatchBounds) -> list[LockedShard]:
    """Lock those of these shards that nobody else holds and read what waits in each, in one round trip.

    Raises `UnreadableEntry` for the first entry that cannot be read.
    """
    waiting = shards.lock_and_read(conn, shard_numbers, bounds.limit, bounds.passed_over)
    entries: dict[int, list[Entry]] = {number: [] for number in waiting.last_n}
    for row in waiting.entries:
        number = row[-1]
        if number in entries:
            own_entries = entries[number]
            own_entries.append(_readable(row, waiting.last_n[number] + len(own_entries) + 1))
    players = {row[0]: PlayerRow(*row) for row in waiting.players}
    return [
        LockedShard(
            number,
            waiting.last_n[number],
            waiting.rulebook,
            own_entries,
            {entry.player: players[entry.player] for entry in own_entries if entry.player in players},
            waiting.rulebook_at,
            waiting.died_with.get(number, 0),
        )
        for number, own_entries in entries.items()
    ]


def _readable(row: Sequence[Any], n: int) -> Entry:
    try:
        return entry_of(row, n)
    except (ValueError, AttributeError) as error:  # no JSON, or JSON of another shape
        raise UnreadableEntry(row[0], error) from error


def fold_and_save(conn: Connection, locked: Sequence[LockedShard]) -> FinishedBatch:
    """Apply the entries of all these shards, as far as time allows, and write what follows; the caller commits.

    An event that is too costly is parked, as the last one of its shard.
    """
    for shard in locked:
        missing = {entry.player for entry in shard.entries} - shard.rows.keys()
        if missing:  # another request appended entries between the two statements that read
            shard.rows.update(player_states.load(conn, missing))
    time_spent = FoldingTime()
    batches = list(zip(locked, fold_shards(conn, locked, time_spent), strict=True))
    save(conn, batches)
    applied = sum(len(folded.entries) for _, folded in batches)
    parked = [
        _park_too_costly(conn, shard.number, *folded.too_costly) for shard, folded in batches if folded.too_costly
    ]
    slow_players = frozenset([*time_spent.slow_players(), *parked])
    matches = sum((folded.matches for _, folded in batches), Counter[str]())
    return FinishedBatch(applied + len(parked), slow_players, time_spent.is_up or bool(parked), matches)


def _park_too_costly(conn: Connection, shard: int, entry: Entry, spent: StepBudgetSpent) -> int:
    """Park the entry that spent its budget, record a fault of each rule that spent it, and return the player."""
    parked_entries.park(conn, shard, entry.seq, "too_costly", str(spent), rule=spent.culprits[0][0])
    fault_log.note_faults(conn, [(rule, version, entry.seq, str(spent)) for rule, version in spent.culprits])
    log.warning("entry_parked", seq=entry.seq, shard=shard, detail=str(spent))
    return entry.player


@dataclass(slots=True)
class FoldedShard:
    """What a shard's entries came to: rows of history, the players as they are now, outcomes in the entries' order.

    `entries` are those that were applied: all, or the first of them where the time was up or the next one is
    `too_costly`. `applied`, `flags` and `due` are by player: how many entries were applied, a new flag, when time alone
    changes something next. `faults` are (rule, version, seq, message); `matches` counts by rule.
    """

    entries: Sequence[Entry] = ()
    too_costly: tuple[Entry, StepBudgetSpent] | None = None
    history: AppliedRows = field(default_factory=AppliedRows)
    players: dict[int, Player] = field(default_factory=dict)
    applied: dict[int, int] = field(default_factory=dict)
    flags: dict[int, str] = field(default_factory=dict)
    due: dict[int, int | None] = field(default_factory=dict)
    outcomes: list[tuple[Entry, Outcome]] = field(default_factory=list)
    faults: list[tuple[str, int, int, str]] = field(default_factory=list)
    matches: Counter[str] = field(default_factory=Counter)

    @property
    def last_outcome(self) -> Outcome:
        """What the last entry came to; empty where it changed nothing."""
        return self.outcomes[-1][1] if self.outcomes else Outcome()


def fold_shards(
    conn: Connection, locked: Sequence[LockedShard], time_spent: FoldingTime | None = None
) -> list[FoldedShard]:
    """Fold the entries of shards under one rulebook, each at its n; reads from the database, writes nothing.

    What is stored beside the players' states is loaded for all shards at once. Without `time_spent` all entries are
    folded, and `StepBudgetSpent` is raised for one that is too costly.
    """
    book = rulebook(conn, locked[0].rulebook, locked[0].rulebook_at)
    rows = {number: row for shard in locked for number, row in shard.rows.items()}
    players = load_players(conn, rows, [entry for shard in locked for entry in shard.entries], book)
    if time_spent is None:
        return [_fold_all(conn, shard, players, book) for shard in locked]
    return [_fold_in_time(conn, shard, players, book, time_spent) for shard in locked]


def _fold_in_time(
    conn: Connection, shard: LockedShard, players: dict[int, Player], book: Rulebook, time_spent: FoldingTime
) -> FoldedShard:
    """Fold a shard's entries until the time is up or one of them is too costly."""
    folded = FoldedShard()
    try:
        _fold_entries(folded, shard.entries, players, book, time_spent)
    except StepBudgetSpent as spent:
        # The player is half folded: once more, from what is stored, without the entry that broke off.
        too_costly = shard.entries[len(folded.entries)]
        before = replace(shard, entries=folded.entries)
        folded = _fold_all(conn, before, load_players(conn, shard.rows, before.entries, book), book)
        folded.too_costly = too_costly, spent
        return folded
    return _with_checks(conn, shard, folded, book)


def _fold_all(conn: Connection, shard: LockedShard, players: dict[int, Player], book: Rulebook) -> FoldedShard:
    folded = FoldedShard()
    _fold_entries(folded, shard.entries, players, book)
    return _with_checks(conn, shard, folded, book)


def _fold_entries(
    folded: FoldedShard,
    entries: Sequence[Entry],
    players: dict[int, Player],
    book: Rulebook,
    time_spent: FoldingTime | None = None,
) -> None:
    began_at = time.monotonic()
    for number, entry in enumerate(entries):
        if time_spent is not None and time_spent.is_up:
            break
        player = players[entry.player]
        outcome = fold(player, entry, book)
        folded.entries = entries[: number + 1]
        folded.players[entry.player] = player
        collect(folded, entry, outcome)
        folded.matches.update(matched(outcome, book))
        if time_spent is not None:
            ended_at = time.monotonic()
            time_spent.add(entry.player, ended_at - began_at)
            began_at = ended_at


def _with_checks(conn: Connection, shard: LockedShard, folded: FoldedShard, book: Rulebook) -> FoldedShard:
    """A folded shard with what the shadow check found, and with the moments at which time alone changes something."""
    folded.faults += shadow_check.check_sample(conn, shard.rulebook, folded.players, folded.entries, shard.rulebook_at)
    folded.due = {number: due_at(player.state, book) for number, player in folded.players.items()}
    return folded


def load_players(
    conn: Connection, rows: Mapping[int, PlayerRow], entries: Sequence[Entry], book: Rulebook
) -> dict[int, Player]:
    """Decode the players' states and load what is stored beside them, as far as folding these entries needs it."""
    by_player: dict[int, list[Entry]] = {}
    for entry in entries:
        by_player.setdefault(entry.player, []).append(entry)
    players = {number: Player(number, player_state.decode(rows[number].state), Memory()) for number in by_player}
    preloads = {number: preload_for(players[number].state, entries, book) for number, entries in by_player.items()}
    fill_memories(conn, players, preloads)
    return players


def fill_memories(conn: Connection, players: Mapping[int, Player], preloads: Mapping[int, Preload]) -> None:
    """Load what is wanted into the players' memories, by number; usually that is nothing, and no query is sent."""
    keys = [(number, *key) for number, need in preloads.items() for key in need.keys]
    sets = [(number, name) for number, need in preloads.items() for name in need.sets]
    past = [(number, *span) for number, need in preloads.items() for span in need.past]
    for number, name, value in (*player_states.keys_among(conn, keys), *player_states.keys_of_sets(conn, sets)):
        players[number].memory.keys.add((name, value))
    for number, series, bucket, value in player_states.past_of(conn, past):
        players[number].memory.past[series, bucket] = value


def collect(folded: FoldedShard, entry: Entry, outcome: Outcome) -> None:
    """Add one entry and its outcome to what a shard came to."""
    content = outcome.to_json()
    day = entry.received_at // MICROS_PER_DAY
    stored = encode_json(content) if content else None
    is_award = outcome.gives and entry.type != REFUND  # coins that come back were the player's own
    folded.history.applied.append((entry.n, entry.seq, day, entry.player, stored, int(is_award)))
    folded.applied[entry.player] = folded.applied.get(entry.player, 0) + 1
    if outcome.flag:
        folded.flags[entry.player] = outcome.flag
    if content or outcome.boards:
        folded.outcomes.append((entry, outcome))
        _collect_awards(folded.history, entry, outcome)
    folded.faults += [(fault.rule, fault.rule_version, entry.seq, fault.message) for fault in outcome.faults]


def _collect_awards(rows: AppliedRows, entry: Entry, outcome: Outcome) -> None:
    n, seq, player, at = entry.n, entry.seq, entry.player, entry.occurred_at
    if outcome.ledger:
        rows.ledger += [
            (n, number, player, str(x.currency), x.amount, x.balance, x.rule, x.rule_version, x.reason, at)
            for number, x in enumerate(outcome.ledger)
        ]
    if outcome.badges:
        rows.badges += [(player, b.badge, b.period, n, seq, b.tier, b.rule_version, at) for b in outcome.badges]
    if outcome.revoked:
        rows.revoked += [(n, player, r.badge, r.period) for r in outcome.revoked]
    if outcome.completions:
        rows.completions += [(player, c.mission, c.period, n, seq, c.rule_version, at) for c in outcome.completions]


def save(
    conn: Connection, batches: Sequence[tuple[LockedShard, FoldedShard]], *, forgets_players: bool = False
) -> None:
    """Write all that changed in these shards, in one round trip; the caller holds their locks and commits.

    With `forgets_players` projections are told to drop the players instead of showing them.
    """
    with conn.pipeline():
        player_states.save(conn, [row for shard, folded in batches for row in _player_rows(shard, folded)])
        _save_memories(conn, [pair for _, folded in batches for pair in folded.players.items()])
        untouched = [shard.number for shard, folded in batches if not folded.entries]
        if untouched:
            shards.clear_attempts(conn, untouched)
        changed = [(shard, folded) for shard, folded in batches if folded.entries]
        applied_entries.write(conn, [(shard.number, shard.rulebook, folded.history) for shard, folded in changed])
        shards.close_batches(
            conn, [_closed(shard, folded, forgets_players=forgets_players) for shard, folded in changed]
        )
        fill_claims.file_claims(conn, [outcome for _, folded in batches for outcome in folded.outcomes])
        faults = [fault for _, folded in batches for fault in folded.faults]
        if faults:
            fault_log.note_faults(conn, faults)


def _closed(shard: LockedShard, folded: FoldedShard, *, forgets_players: bool) -> ClosedBatch:
    message = encode_json(relay_message(shard, folded, forgets_players=forgets_players))
    seqs = [entry.seq for entry in folded.entries]
    return ClosedBatch(shard.number, shard.n + len(seqs), seqs, message)


def _player_rows(shard: LockedShard, folded: FoldedShard) -> list[tuple[int, bytes, int, int | None, str | None]]:
    """The players' rows as `player_states.save` takes them."""
    return [
        (
            number,
            player_state.encode(player.state),
            shard.rows[number].version + folded.applied.get(number, 0),
            folded.due.get(number),
            folded.flags.get(number),
        )
        for number, player in folded.players.items()
    ]


def _save_memories(conn: Connection, players: Iterable[tuple[int, Player]]) -> None:
    """Write what changed beside the states of these players, who come with their numbers."""
    memories = [(number, player.memory) for number, player in players]
    forgotten = [(number, key) for number, memory in memories for key in sorted(memory.forgotten)]
    player_states.forget_sets(conn, forgotten, SEEDED_PREFIXES)
    player_states.remove_keys(conn, [(number, *key) for number, memory in memories for key in memory.removed_keys])
    player_states.add_keys(conn, [(number, *key) for number, memory in memories for key in memory.added_keys])
    player_states.set_past(
        conn, [(number, *place, value) for number, memory in memories for place, value in memory.changed_past.items()]
    )


def relay_message(shard: LockedShard, folded: FoldedShard, *, forgets_players: bool = False) -> dict[str, Any]:
    """What the relay takes out: the newest score of each player on each board, lines of the feed, players' versions."""
    versions = {
        number: row.version + folded.applied.get(number, 0)
        for number, row in shard.rows.items()
        if number in folded.players
    }
    ids = {number: None if forgets_players else shard.rows[number].id for number in versions}
    return {
        "boards": [] if forgets_players else _newest_scores(folded, ids, versions),
        "feed": [
            {"player": ids[entry.player], "event": entry.event_id, "at": entry.occurred_at, **outcome.to_json()}
            for entry, outcome in folded.outcomes
            if not (forgets_players or entry.properties.get("silent"))
            and (outcome.ledger or outcome.badges or outcome.completions)
        ],
        "players": [[number, ids[number], version] for number, version in versions.items()],
    }


def _newest_scores(folded: FoldedShard, ids: Mapping[int, str | None], versions: Mapping[int, int]) -> list[list[Any]]:
    """As the relay reads it: board, run, segment, segment before, player, id, score, reached at, version."""
    newest: dict[tuple[str, str, int], list[Any]] = {}
    for entry, outcome in folded.outcomes:
        player = entry.player
        for change in outcome.boards:
            place = (change.board, change.run, player)
            segment_before = newest[place][3] if place in newest else change.previous_segment
            newest[place] = [
                change.board, change.run, change.segment, segment_before,
                player, ids[player], change.score, change.reached, versions[player],
            ]  # fmt: skip
    return list(newest.values())
