"""The beat: it keeps work going when a hint was lost, a worker died or Redis is away.

One beat leads, by a lease on the database's clock. All its work has derived ids or takes a lock, so two beats that both
think they lead do no harm.
"""

import os
import signal
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

import psycopg
import structlog

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.runtime import logs
from webapp.services.pipeline.apply_batch import DrainConnections
from webapp.services.pipeline.drain_lane import Pace, batch_max, drain_round
from webapp.store.events import shards
from webapp.store.system.connection import bound_pools, is_disconnected
from webapp.workers import chores
from webapp.workers.chore_failures import ChoreFailures, is_logged
from webapp.workers.chores import Chore

log = structlog.get_logger()

LEASE = "beat"
LEASE_SECONDS = 5.0  # how long nobody leads after a beat has died
BEAT_SECONDS = 0.5
OLD_SECONDS = 5.0  # a worker that is alive leaves no entry waiting for so long
DRAIN_SECONDS = 2.0  # well within the lease, so that this beat still leads when it goes on to its chores
BACK_OFF_SECONDS = 1.0


@dataclass(slots=True)
class Beat:
    """One beat process: its name as a lease holder, whether it is to stop, and when each chore was last begun.

    `outages` counts the rounds in a row that found the database away.
    """

    settings: Settings
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}")
    is_stopped: bool = False
    begun_at: dict[str, float] = field(default_factory=dict)
    failures: ChoreFailures = field(default_factory=ChoreFailures)
    outages: int = 0
    monotonic: Callable[[], float] = time.monotonic

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.is_stopped = True


def main(_arguments: list[str]) -> None:
    """What the supervisor starts: beat until stopped by a signal."""
    logs.set_up()
    beat = Beat(Settings.from_environment())
    bound_pools(beat.settings.pool_size)
    signal.signal(signal.SIGTERM, beat.stop)
    signal.signal(signal.SIGINT, beat.stop)
    while not beat.is_stopped:
        time.sleep(BEAT_SECONDS if _beat(beat) else BACK_OFF_SECONDS)


def _beat(beat: Beat) -> bool:
    """One round if this beat leads; False where the database is away."""
    try:
        with DrainConnections.open(beat.settings) as connections:
            if shards.take_lease(connections.autocommit, LEASE, beat.holder, LEASE_SECONDS):
                run_round(beat, connections)
            else:
                beat.failures = ChoreFailures()
    except psycopg.Error as error:
        beat.outages += 1
        if is_logged(beat.outages):
            log.warning("database_unavailable", rounds=beat.outages, error=str(error))
        return False
    beat.outages = 0
    return True


def run_round(beat: Beat, connections: DrainConnections) -> None:
    """See to waiting entries first, then do the chores that are due."""
    hint_or_drain(connections)
    for chore in chores.CHORES:
        now = beat.monotonic()
        if now - beat.begun_at.get(chore.name, -chore.every_seconds) >= chore.every_seconds:
            beat.begun_at[chore.name] = now
            _do_chore(beat, chore)
    beat.failures.write(connections.autocommit, beat.monotonic())


def _do_chore(beat: Beat, chore: Chore) -> None:
    """A database that is away ends the round: each chore would wait for it. All other errors end only their chore."""
    try:
        chore.run(beat.settings)
    except Exception as error:  # a chore that fails must not stop the beat; it is shown and logged
        if is_disconnected(error):
            raise
        beat.failures.note_failure(chore.name, error)
    else:
        beat.failures.note_success(chore.name)


def hint_or_drain(connections: DrainConnections) -> None:
    """Hint where entries wait and no flag is up; drain here what is old, or everything while Redis is away."""
    waiting = shards.waiting(connections.autocommit, shards.ALL)
    if not waiting:
        return
    is_hinted = wakeups.hint_unflagged(connections.settings, waiting)
    drain_here(connections, older_than_seconds=OLD_SECONDS if is_hinted else 0)


def drain_here(connections: DrainConnections, *, older_than_seconds: float) -> int:
    """Drain for a moment in this process what has waited longer than this; shards that are locked are left alone."""
    ends_at, pace, total = time.monotonic() + DRAIN_SECONDS, Pace(batch_max()), 0
    while time.monotonic() < ends_at:
        finished = drain_round(connections, shards.ALL, pace, older_than_seconds=older_than_seconds)
        total += finished
        if not finished:
            break
    pace.matches.write(connections.autocommit, shards.ALL[0])
    return total
