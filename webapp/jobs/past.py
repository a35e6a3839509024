"""Folding the past once more, for what is new: where a rulebook began in each shard, and every player up to there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.earning.memory import Player
from engine.earning.rulebook import Rulebook, Version, build
from engine.rehearse import Step, combined
from engine.vocabulary.entry import OWN_TYPES
from webapp.jobs.apply_now import LAUREL_APP
from webapp.jobs.folding import Standing, encode_json, fold_entries
from webapp.jobs.saving import save
from webapp.store import entries, history, players, recount, rules, shards
from webapp.store.connection import Connection
from webapp.store.entries import OwnEntry
from webapp.zones import ZONES

PAGE = 2000
APPLIED_AT_ONCE = 100
Visit = Callable[[Player, Step], object]


@dataclass(slots=True)
class NewBooks:
    """The rulebooks of the past with new documents in them, one for each recorded number."""

    new: list[Version]
    with_recorded: bool
    built: dict[int, Rulebook] = field(default_factory=dict)

    def book(self, conn: Connection, number: int) -> Rulebook:
        """The recorded rulebook of that number and the new documents; or these alone, where they are enough."""
        if number not in self.built:
            recorded = rules.rulebook_versions(conn, number) if self.with_recorded else []
            self.built[number] = build(number, combined(recorded, self.new), ZONES)
        return self.built[number]


def new_books(conn: Connection, keys: list[str], since: int) -> NewBooks:
    """What the documents of these keys look like in the rulebook `since`, ready to be put into older ones.

    What a board of XP or coins shows, and what rules give, follows from the rules of then; metrics and streaks follow
    from events alone.
    """
    new = [version for version in rules.rulebook_versions(conn, since) if version.key in keys]
    alone = all(version.document["kind"] in {"metric", "streak"} for version in new)
    return NewBooks(new, with_recorded=not alone)


def boundary(conn: Connection, shard: int, since: int) -> int:
    """The last n that a shard applied under an older rulebook; 0 where there was none.

    Takes the shard's lock once and lets it go: a batch that began under an older rulebook has ended then.
    """
    n = shards.lock(conn, shard)
    last = history.last_before(conn, shard, since) if n else 0
    conn.rollback()
    return last


def walk(conn: Connection, shard: int, until: int, books: NewBooks, visit: Visit) -> dict[int, Player]:
    """Show every entry of a shard up to an n, by n, with its player so far; gives the players. Short transactions."""
    found: dict[int, Player] = {}
    after = 0
    while page := recount.page_by_n(conn, shard, after, until, PAGE):
        erased = players.erased_among(conn, {row[1] for row in page})
        steps = [_step(conn, row, books) for row in page if row[1] not in erased]
        conn.rollback()
        for step in steps:
            visit(found.setdefault(step.entry.player, Player(step.entry.player)), step)
        after = page[-1][recount.N]
    conn.rollback()
    return found


def _step(conn: Connection, row: Any, books: NewBooks) -> Step:
    return Step(history.entry_of(row, row[recount.N]), books.book(conn, row[recount.RULEBOOK]))


def apply_all(conn: Connection, shard: int, own: list[OwnEntry]) -> int:
    """Apply entries of our own, some at a time under the shard's lock; those that stand already are left out."""
    done = 0
    for start in range(0, len(own), APPLIED_AT_ONCE):
        n = shards.lock(conn, shard)
        batch = list(_appended(conn, n, own[start : start + APPLIED_AT_ONCE]))
        if batch:
            rows = players.load(conn, {entry.player for entry in batch})
            standing = Standing(shard, n, rules.live_number(conn), rows)
            save(conn, standing, fold_entries(conn, standing, batch), batch)
        conn.commit()
        done += len(batch)
    return done


def _appended(conn: Connection, n: int, own: list[OwnEntry]) -> Iterator[Any]:
    gone = players.erased_among(conn, {entry.player for entry in own})
    for entry in own:
        seq = None if entry.player in gone else entries.append_own(conn, LAUREL_APP, entry, queued=False)
        if seq is not None:
            n += 1
            yield history.one(conn, seq, n)


def own_entry(player: int, shard: int, kind: str, event_id: str, content: dict[str, Any]) -> OwnEntry:
    """An entry of our own with a derived id."""
    assert kind.startswith(OWN_TYPES)
    return OwnEntry(player, shard, kind, event_id, encode_json(content))


def dated(own: OwnEntry, occurred_at: int) -> OwnEntry:
    """The same entry with the moment of the event that it is about."""
    return replace(own, occurred_at=occurred_at)
