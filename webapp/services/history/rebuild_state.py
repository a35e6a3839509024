"""Rebuilding derived state from the log: what verify finds to differ is written again, under the shard's lock."""

from engine.scoring.state import player_state
from engine.scoring.views.due import due_at
from webapp.config import Settings
from webapp.services.history.compare import Difference
from webapp.services.history.refold import Refold, keys_of, past_of
from webapp.services.history.verify import Progress, VerifyReport, no_progress, verify_shard
from webapp.store.events import applied_entries, recorded_history, shards
from webapp.store.players import checkpoints, player_states
from webapp.store.rules.rulebooks import rulebook
from webapp.store.system.connection import Connection, connect

PAGE = 2000


def rebuild_state(settings: Settings, progress: Progress = no_progress) -> list[Difference]:
    """Correct every player that differs from the log and return what differed.

    Needs the tables' owner, since ledger lines and awards are append-only for everybody else. Each player is one
    short transaction; a shard's drain waits for it.
    """
    differences: list[Difference] = []
    with connect(settings.owner_url) as conn:
        for done, shard in enumerate(shards.ALL, start=1):
            report = VerifyReport()
            verify_shard(conn, shard, report)
            for number in sorted({difference.player for difference in report.differences if difference.player}):
                _rebuild_player(conn, shard, number)
                conn.commit()
            differences += report.differences
            progress(done, len(shards.ALL))
    return differences


def _rebuild_player(conn: Connection, shard: int, number: int) -> None:
    until = shards.lock(conn, shard)
    checkpoint = checkpoints.newest(conn, [number]).get(number)
    refold, after = Refold({number: checkpoint} if checkpoint else {}), checkpoint.n if checkpoint else 0
    recorded_history.clear_player(conn, number, after)
    read = 0
    while page := recorded_history.page_of_player(conn, number, read, until, PAGE):
        rows = refold.take(conn, page)
        applied_entries.write_awards(conn, [(shard, rows)])
        applied_entries.correct_outcomes(conn, shard, [(row[0], *row[4:]) for row in rows.applied])
        read = page[-1][recorded_history.N]
    _write_player(conn, number, refold)


def _write_player(conn: Connection, number: int, refold: Refold) -> None:
    player, version = refold.player(number), refold.versions.get(number, 0)
    player_states.forget_memory(conn, [number])
    player_states.add_keys(conn, [(number, *key) for key in sorted(keys_of(player))])
    player_states.set_past(conn, [(number, *place, value) for place, value in past_of(player).items()])
    due = due_at(player.state, rulebook(conn, refold.rulebooks.get(number, 0)))
    player_states.save(conn, [(number, player_state.encode(player.state), version, due, None)])
