"""Verify: everything derived is recomputed from the log and compared, on live data, shard by shard."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from webapp.config import Settings
from webapp.services.history.compare import Difference, RefoldedAwards, compare_page, compare_players, hash_of_player
from webapp.services.history.refold import Refold
from webapp.store.campaigns import pools
from webapp.store.campaigns.inconsistencies import stranded_prizes
from webapp.store.events import recorded_history, shards
from webapp.store.players import checkpoints
from webapp.store.system.connection import Connection, connect

PAGE = 2000
PLAYERS_PAGE = 1000
Progress = Callable[[int, int], object]
"""Called with how many shards are done, of how many."""


def no_progress(_done: int, _total: int) -> None:
    """For callers that do not watch the progress."""


@dataclass(slots=True)
class VerifyReport:
    """What verify found: differences, how much it compared, and hashes of the players' states."""

    differences: list[Difference] = field(default_factory=list)
    entries: int = 0
    players: int = 0
    hashes: list[bytes] = field(default_factory=list)

    @property
    def state_hash(self) -> str:
        """One hash of everything: the same wherever the same events gave the same results, in any batches."""
        return blake2b(b"".join(sorted(self.hashes)), digest_size=16).hexdigest()


def verify(settings: Settings, progress: Progress = no_progress) -> VerifyReport:
    """Recompute and compare everything; entries that arrive in the meantime are left out."""
    report = VerifyReport()
    with connect(settings.database_url) as conn:
        for done, shard in enumerate(shards.ALL, start=1):
            verify_shard(conn, shard, report)
            progress(done, len(shards.ALL))
        _verify_log(conn, report)
        report.differences += [Difference(-1, 0, 0, text) for text in coupon_inconsistencies(conn)]
        conn.rollback()
    return report


def coupon_inconsistencies(conn: Connection) -> list[str]:
    """What no committed state of coupons, plays, claims and redemptions may hold, in words."""
    counters = [
        f"pool {pool}: counted {counted}, kept {stored}" for pool, counted, stored in pools.inconsistent_pools(conn)
    ]
    return counters + [f"{what}: {which} ({about})" for what, which, about in stranded_prizes(conn)]


def verify_shard(conn: Connection, shard: int, report: VerifyReport) -> None:
    """One shard: a snapshot first, then its history page by page in short transactions."""
    recorded_history.begin_snapshot(conn)
    snapshot = recorded_history.snapshot(conn, shard)
    newest = checkpoints.newest(conn, list(snapshot.players)).values()
    refold = Refold({checkpoint.player: checkpoint for checkpoint in newest if checkpoint.n <= snapshot.n})
    conn.rollback()
    awards, differences = RefoldedAwards(), []
    for page in _pages(conn, shard, snapshot.n):
        expected = refold.take(conn, page)
        ledger = recorded_history.ledger_between(conn, shard, page[0][recorded_history.N], page[-1][recorded_history.N])
        conn.rollback()
        differences += compare_page(shard, page, expected, ledger, refold)
        awards.add(expected)
    differences += [Difference(shard, *failure) for failure in refold.failures]
    differences += compare_players(shard, snapshot, refold)
    differences += _compare_awards(conn, shard, snapshot, refold, awards)
    differences += _compare_counts(conn, shard, snapshot)
    report.differences += _without_erased(conn, snapshot.n, differences)
    report.entries += snapshot.n
    report.players += len(snapshot.players)
    report.hashes += [hash_of_player(row, refold.player(number), awards) for number, row in snapshot.players.items()]


def _pages(conn: Connection, shard: int, until: int) -> Iterator[list[Any]]:
    after = 0
    while page := recorded_history.page_by_n(conn, shard, after, until, PAGE):
        conn.rollback()
        yield page
        after = page[-1][recorded_history.N]
    conn.rollback()


def _compare_awards(
    conn: Connection,
    shard: int,
    snapshot: recorded_history.ShardSnapshot,
    refold: Refold,
    awards: RefoldedAwards,
) -> list[Difference]:
    """Badges, completions and the sums of the ledger, some players at a time."""
    numbers, differences = sorted(snapshot.players), []
    for start in range(0, len(numbers), PLAYERS_PAGE):
        page = numbers[start : start + PLAYERS_PAGE]
        stored_badges = [
            # A revocation that came after the snapshot is not to be seen.
            (*row[:8], row[8] if (row[8] or 0) <= snapshot.n else None)
            for row in recorded_history.badges_of(conn, page)
            if row[3] <= snapshot.n
        ]
        badges = [row for row in stored_badges if not refold.is_checkpointed(row[0], row[3])]
        completions = [
            row
            for row in recorded_history.completions_of(conn, page)
            if row[3] <= snapshot.n and not refold.is_checkpointed(row[0], row[3])
        ]
        sums = recorded_history.sums_of(conn, page, snapshot.n)
        conn.rollback()
        expected_badges = [row for number in page for row in awards.badges.get(number, [])]
        expected_completions = [row for number in page for row in awards.completions.get(number, [])]
        differences += _compare_rows(shard, "badge", badges, expected_badges)
        differences += _compare_rows(shard, "completion", completions, expected_completions)
        held: dict[int, Counter[str]] = defaultdict(Counter)
        for player, badge, *_, revoked_n in stored_badges:
            held[player][badge] += revoked_n is None
        for number in page:
            state = refold.player(number).state
            differences += _compare_sums(shard, number, state, sums)
            differences += _compare_held(shard, number, state, held[number])
    return differences


def _compare_sums(
    shard: int, number: int, state: dict[str, Any], sums: dict[tuple[int, str], int]
) -> Iterator[Difference]:
    for currency in ("xp", "coins"):
        total, balance = sums.get((number, currency), 0), state.get(currency, 0)
        if total != balance:
            text = f"{currency} {balance}, but the ledger adds up to {total}"
            yield Difference(shard, number, 0, text)


def _compare_held(shard: int, number: int, state: dict[str, Any], held: Counter[str]) -> Iterator[Difference]:
    """State and awards must agree on how often each badge is held: rules read the one, players see the other."""
    counted = state.get("badges", {})
    for badge in sorted(counted.keys() | held.keys()):
        times = counted.get(badge, 0)
        if times != held[badge]:
            text = f"the badge {badge} is held {times} times, but awarded and not revoked {held[badge]} times"
            yield Difference(shard, number, 0, text)


def _compare_rows(
    shard: int, what: str, stored: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]
) -> list[Difference]:
    extra, missing = set(stored) - set(expected), set(expected) - set(stored)
    return [Difference(shard, row[0], row[3], f"an extra {what}: {row[1]} {row[2]}") for row in extra] + [
        Difference(shard, row[0], row[3], f"a missing {what}: {row[1]} {row[2]}") for row in missing
    ]


def _compare_counts(conn: Connection, shard: int, snapshot: recorded_history.ShardSnapshot) -> list[Difference]:
    count = recorded_history.count_applied(conn, shard, snapshot.n)
    conn.rollback()
    if count == snapshot.n:
        return []
    return [Difference(shard, 0, snapshot.n, f"{count} entries applied up to n {snapshot.n}: n has gaps")]


def _without_erased(conn: Connection, n: int, differences: list[Difference]) -> list[Difference]:
    """Drop what concerns players who were erased meanwhile: the next verify starts from their checkpoints."""
    players = {difference.player for difference in differences}
    erased = recorded_history.erased_after(conn, players, n) if players else set()
    conn.rollback()
    return [difference for difference in differences if difference.player not in erased]


def _verify_log(conn: Connection, report: VerifyReport) -> None:
    """Every entry of the log is applied, waits or is parked: exactly one of the three."""
    after: tuple[object, int] = ("-infinity", 0)
    while page := recorded_history.places(conn, after, PAGE * 5):
        conn.rollback()
        report.differences += [
            Difference(-1, 0, 0, f"entry {seq} is in {count} of applied, inbox and parked")
            for _, seq, count in page
            if count != 1
        ]
        after = page[-1][:2]
    conn.rollback()
