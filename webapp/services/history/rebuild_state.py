"""Rebuilding derived state from the log: what verify finds to differ is written anew, under the shard's lock."""

from engine.scoring.state import player_state
from engine.scoring.views.due import due_at
from webapp.config import Settings
from webapp.services.history.compare import Difference
from webapp.services.history.refold import Recount, keys_of, past_of
from webapp.services.history.verify import Progress, Verdict, say_nothing, verify_shard
from webapp.store.events import history, history_pages, shards
from webapp.store.players import checkpoints, player_states
from webapp.store.rules.rulebooks import rulebook
from webapp.store.system.connection import Connection, connect

PAGE = 2000


def rebuild_state(settings: Settings, progress: Progress = say_nothing) -> list[Difference]:
    """Put right every player that differs from the log and give what differed.

    Needs the tables' owner, since ledger lines and awards are append-only for everybody else. Each player is one
    short transaction; a shard's drain waits for it.
    """
    found: list[Difference] = []
    with connect(settings.owner_url) as conn:
        for done, shard in enumerate(shards.ALL, start=1):
            verdict = Verdict()
            verify_shard(conn, shard, verdict)
            for number in sorted({each.player for each in verdict.differences if each.player}):
                _rebuild_player(conn, shard, number)
                conn.commit()
            found += verdict.differences
            progress(done, len(shards.ALL))
    return found


def _rebuild_player(conn: Connection, shard: int, number: int) -> None:
    until = shards.lock(conn, shard)
    point = checkpoints.newest(conn, [number]).get(number)
    given, after = Recount({number: point} if point else {}), point.n if point else 0
    history_pages.clear_player(conn, number, after)
    read = 0
    while page := history_pages.page_of_player(conn, number, read, until, PAGE):
        written = given.take(conn, page)
        history.write_awards(conn, shard, written)
        history.correct_outcomes(conn, shard, [(row[0], row[4]) for row in written.applied])
        read = page[-1][history_pages.N]
    _write_player(conn, number, given)


def _write_player(conn: Connection, number: int, given: Recount) -> None:
    player, version = given.player(number), given.versions.get(number, 0)
    player_states.forget_memory(conn, [number])
    player_states.add_keys(conn, [(number, *key) for key in sorted(keys_of(player))])
    player_states.set_past(conn, [(number, *place, value) for place, value in past_of(player).items()])
    due = due_at(player.state, rulebook(conn, given.rulebooks.get(number, 0)))
    player_states.save(conn, [(number, player_state.encode(player.state), version, due, None)])
