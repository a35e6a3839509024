"""Seeding: new metrics, streaks and boards are counted from the first event, before rules that read them are live."""

from collections.abc import Sequence

from engine.earning.memory import Player
from engine.rehearse import Step, rebuild
from engine.rehearse import seed as seeded_content
from engine.vocabulary.entry import SEEDED
from webapp.config import Settings
from webapp.jobs import past
from webapp.jobs.verify import Progress, say_nothing
from webapp.store import shards
from webapp.store.connection import Connection, connect


def seed(settings: Settings, keys: Sequence[str], since: int, progress: Progress = say_nothing) -> int:
    """Put the past of the documents with these keys into every player's state; gives how many players had one.

    Rulebook `since`, which must be committed, counts new entries with them; what was applied before it is folded here
    and enters the state as one `laurel.seeded` entry a player. May be called again after a crash: ids are derived.
    """
    seeded = 0
    with connect(settings.database_url) as conn:
        books = past.new_books(conn, list(keys), since)
        conn.rollback()
        for done, shard in enumerate(shards.ALL, start=1):
            seeded += _seed_shard(conn, shard, since, books)
            progress(done, len(shards.ALL))
    return seeded


def _seed_shard(conn: Connection, shard: int, since: int, books: past.NewBooks) -> int:
    until = past.boundary(conn, shard, since)
    found = past.walk(conn, shard, until, books, _fold) if until else {}
    keys = [version.key for version in books.new]
    contents = {number: seeded_content(player, (), keys) for number, player in found.items()}
    own = [
        past.own_entry(number, shard, SEEDED, f"seeded:{since}:{number}", content)
        for number, content in sorted(contents.items())
        if content is not None
    ]
    return past.apply_all(conn, shard, own)


def _fold(player: Player, step: Step) -> None:
    for _ in rebuild(player, [step]):
        pass
