"""The beat stands in where work for the slow queue waits too long: a long job is in the way, or Redis is away.

The work is done in a thread of the beat's own, one of each kind, so that a server outside that is slow holds up nothing
else here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

OLD_SECONDS = 5.0


@dataclass(slots=True)
class StandIn:
    """One kind of work: since when it waits without a pause, and who does it here."""

    since: float | None = None
    thread: Thread | None = None

    def look(self, work: Callable[[], object], *, is_waiting: bool) -> bool:
        """Do the work in a thread where it has waited for more than five seconds; gives whether one was started."""
        if not is_waiting:
            self.since = None
            return False
        now = time.monotonic()
        self.since = self.since if self.since is not None else now
        if now - self.since < OLD_SECONDS or (self.thread is not None and self.thread.is_alive()):
            return False
        self.thread = Thread(target=work, daemon=True)
        self.thread.start()
        return True
