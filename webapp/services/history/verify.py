"""Verify: everything derived is recomputed from the log and compared, on live data, shard by shard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from webapp.config import Settings
from webapp.services.history.compare import Difference, Lines, compare_page, compare_players, hash_of_player
from webapp.services.history.refold import Recount
from webapp.store.campaigns import pools
from webapp.store.campaigns.inconsistencies import stranded_prizes
from webapp.store.events import history_pages, shards
from webapp.store.players import checkpoints
from webapp.store.system.connection import Connection, connect

PAGE = 2000
PLAYERS_PAGE = 1000
Progress = Callable[[int, int], object]


def say_nothing(_done: int, _total: int) -> None:
    """Nobody watches the progress."""


@dataclass(slots=True)
class Verdict:
    """What verify found: differences, how much it looked at, and the hash of the state."""

    differences: list[Difference] = field(default_factory=list)
    entries: int = 0
    players: int = 0
    parked: int = 0
    hashes: list[bytes] = field(default_factory=list)

    @property
    def state_hash(self) -> str:
        """The same wherever the same events came to the same, with any number of workers and size of batches."""
        return blake2b(b"".join(sorted(self.hashes)), digest_size=16).hexdigest()


def verify(settings: Settings, progress: Progress = say_nothing) -> Verdict:
    """Recompute and compare everything; entries that come in meanwhile are not looked at."""
    verdict = Verdict()
    with connect(settings.database_url) as conn:
        for done, shard in enumerate(shards.ALL, start=1):
            verify_shard(conn, shard, verdict)
            progress(done, len(shards.ALL))
        _verify_places(conn, verdict)
        verdict.differences += [Difference(-1, 0, 0, each) for each in coupons_amiss(conn)]
        conn.rollback()
    return verdict


def coupons_amiss(conn: Connection) -> list[str]:
    """What no committed state may hold of coupons, plays, claims and redemptions."""
    counters = [f"pool {pool}: counted {found}, kept {kept}" for pool, found, kept in pools.inconsistent_pools(conn)]
    return counters + [f"{what}: {which} ({about})" for what, which, about in stranded_prizes(conn)]


def verify_shard(conn: Connection, shard: int, verdict: Verdict) -> None:
    """One shard: a snapshot first, then its history page by page in short transactions."""
    history_pages.begin_snapshot(conn)
    at = history_pages.snapshot(conn, shard)
    given = Recount({p.player: p for p in checkpoints.newest(conn, list(at.players)).values() if p.n <= at.n})
    conn.rollback()
    lines, found = Lines(), []
    for page in _pages(conn, shard, at.n):
        written = given.take(conn, page)
        ledger = history_pages.ledger_between(conn, shard, page[0][history_pages.N], page[-1][history_pages.N])
        conn.rollback()
        found += compare_page(shard, page, written, ledger, given)
        lines.add(written)
    found += [Difference(shard, *broken) for broken in given.broken]
    found += compare_players(shard, at, given)
    found += _compare_awards(conn, shard, at, (given, lines))
    found += _compare_counts(conn, shard, at)
    verdict.differences += _but_for_erased(conn, at.n, found)
    verdict.entries += at.n
    verdict.players += len(at.players)
    verdict.hashes += [hash_of_player(row, given.player(number), lines) for number, row in at.players.items()]


def _pages(conn: Connection, shard: int, until: int) -> Iterator[list[Any]]:
    after = 0
    while page := history_pages.page_by_n(conn, shard, after, until, PAGE):
        conn.rollback()
        yield page
        after = page[-1][history_pages.N]
    conn.rollback()


def _compare_awards(
    conn: Connection, shard: int, at: history_pages.Snapshot, counted: tuple[Recount, Lines]
) -> list[Difference]:
    """Badges, completions and the sums of the ledger, some players at a time."""
    given, lines = counted
    numbers, found = sorted(at.players), []
    for start in range(0, len(numbers), PLAYERS_PAGE):
        page = numbers[start : start + PLAYERS_PAGE]
        stored = [
            (*row[:8], row[8] if (row[8] or 0) <= at.n else None)
            for row in history_pages.badges_of(conn, page)
            if row[3] <= at.n and not given.is_given(row[0], row[3])
        ]
        done = [
            row
            for row in history_pages.completions_of(conn, page)
            if row[3] <= at.n and not given.is_given(row[0], row[3])
        ]
        sums = history_pages.sums_of(conn, page, at.n)
        conn.rollback()
        found += _unlike(shard, "badge", stored, [row for number in page for row in lines.badges.get(number, [])])
        found += _unlike(
            shard, "completion", done, [row for number in page for row in lines.completions.get(number, [])]
        )
        for number in page:
            state = given.player(number).state
            found += [
                Difference(
                    shard,
                    number,
                    0,
                    f"{name} {state.get(name, 0)}, but the ledger's lines sum up to {sums.get((number, name), 0)}",
                )
                for name in ("xp", "coins")
                if sums.get((number, name), 0) != state.get(name, 0)
            ]
    return found


def _unlike(shard: int, what: str, stored: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> list[Difference]:
    extra, missing = set(stored) - set(expected), set(expected) - set(stored)
    return [Difference(shard, row[0], row[3], f"a {what} too many: {row[1]} {row[2]}") for row in extra] + [
        Difference(shard, row[0], row[3], f"a {what} missing: {row[1]} {row[2]}") for row in missing
    ]


def _compare_counts(conn: Connection, shard: int, at: history_pages.Snapshot) -> list[Difference]:
    count = history_pages.count_applied(conn, shard, at.n)
    conn.rollback()
    return [] if count == at.n else [Difference(shard, 0, at.n, f"{count} entries applied up to n {at.n}: n has gaps")]


def _but_for_erased(conn: Connection, n: int, found: list[Difference]) -> list[Difference]:
    """Players that were erased while this looked: the next verify starts from their checkpoint."""
    wiped = history_pages.wiped_after(conn, {each.player for each in found}, n) if found else set()
    conn.rollback()
    return [each for each in found if each.player not in wiped]


def _verify_places(conn: Connection, verdict: Verdict) -> None:
    """Every entry of the log is applied, or waits, or stands parked: one of the three."""
    after: tuple[object, int] = ("-infinity", 0)
    while page := history_pages.places(conn, after, PAGE * 5):
        conn.rollback()
        verdict.differences += [
            Difference(-1, 0, 0, f"entry {seq} stands in {count} of applied, inbox and parked")
            for _, seq, count in page
            if count != 1
        ]
        after = page[-1][:2]
    conn.rollback()
