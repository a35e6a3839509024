"""The loop for work that waits in Postgres for servers outside: done from the slow queue, or by the beat if need be.

The beat steps in where work has waited for too long: a long job blocks the slow queue, or Redis is away. It works in a
thread of its own, one for each kind of work, so that a slow server outside holds up none of the beat's other chores.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from webapp.config import Settings
from webapp.queue import wakeups

RUN_SECONDS = 10.0
FALLBACK_AFTER_SECONDS = 5.0


@dataclass(slots=True)
class PollLoop:
    """One kind of polled work, and in the beat's process: since when it has waited, and the thread that does it there.

    `failure` is what the thread has raised, until it comes to its end again or nothing waits any more.

    `function` is the dotted name of what RQ runs, which calls `run`. `work` claims some of what waits, deals with it
    and returns how much it claimed.
    """

    name: str
    function: str
    work: Callable[[Settings], int]
    waiting_since: float | None = None
    fallback: Thread | None = None
    failure: Exception | None = None

    def hint(self, settings: Settings) -> None:
        """Have the work done soon; while Redis is away the beat does it."""
        wakeups.hint_lanes(settings, {self.name: wakeups.LaneJob(wakeups.SLOW_QUEUE, self.function, 0)})

    def run(self, settings: Settings) -> None:
        """Work for about ten seconds, or until nothing waits; the beat hints again."""
        ends_at = time.monotonic() + RUN_SECONDS
        while time.monotonic() < ends_at and self.work(settings):
            wakeups.hold_flag(settings, self.name)
        wakeups.drop_flag(settings, self.name)

    def look_after(self, settings: Settings, *, is_waiting: bool) -> None:
        """Hint for what waits, and do it here where it has waited for long: what the beat calls in every round.

        Raises what the thread that last did it here has raised.
        """
        if is_waiting:
            self.hint(settings)
        self.fall_back(settings, is_waiting=is_waiting)
        if self.failure is not None:
            raise self.failure

    def fall_back(self, settings: Settings, *, is_waiting: bool) -> bool:
        """Start the work in a thread where it has waited for over five seconds; returns whether one was started."""
        if not is_waiting:
            self.waiting_since = self.failure = None
            return False
        now = time.monotonic()
        self.waiting_since = self.waiting_since if self.waiting_since is not None else now
        is_running = self.fallback is not None and self.fallback.is_alive()
        if is_running or now - self.waiting_since < FALLBACK_AFTER_SECONDS:
            return False
        self.fallback = Thread(target=self._work_here, args=(settings,), daemon=True)
        self.fallback.start()
        return True

    def _work_here(self, settings: Settings) -> None:
        try:
            self.work(settings)
        except Exception as error:  # noqa: BLE001  (the beat raises it, where it is shown and logged)
            self.failure = error
        else:
            self.failure = None
