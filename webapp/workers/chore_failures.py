"""Failures of the beat's chores: each is shown while it lasts, and logged rarely enough not to fill a disk."""

from dataclasses import dataclass, field, replace

import structlog

from webapp.projections.redis import RedisError
from webapp.runtime import clock
from webapp.store.system.connection import Connection
from webapp.store.system.failing_chores import ERROR_LENGTH_MAX, FailingChore, write_failing_chores

log = structlog.get_logger()

WRITE_SECONDS = 30.0  # between two writes of counts that have merely grown


def is_logged(failures: int) -> bool:
    """Whether to log the failure with this number in a row: the first, the second, the fourth, the eighth and so on."""
    return failures & (failures - 1) == 0


@dataclass(slots=True)
class ChoreFailures:
    """What one beat process knows of its chores. `failing` is by the chore's name.

    The list is written once when this beat begins to lead, so that it does not inherit what its predecessor saw.
    """

    failing: dict[str, FailingChore] = field(default_factory=dict)
    written: dict[str, FailingChore] | None = None
    written_at: float = 0.0

    def note_failure(self, name: str, error: Exception) -> None:
        """Record that a chore has failed. Redis being away is no fault of the chore, and is shown by itself."""
        text = f"{type(error).__name__}: {error}".replace("\n", " ")[:ERROR_LENGTH_MAX]
        before = self.failing.get(name) or FailingChore(name, clock.now(), 0, text)
        failing = replace(before, failures=before.failures + 1, error=text)
        self.failing[name] = failing
        if not is_logged(failing.failures):
            return
        if isinstance(error, RedisError):
            log.warning("redis_unavailable", chore=name, failures=failing.failures, error=text)
        elif failing.failures == 1:
            log.error("chore_failed", chore=name, exc_info=error)
        else:
            log.error("chore_fails", chore=name, failures=failing.failures, since=str(failing.since), error=text)

    def note_success(self, name: str) -> None:
        """Record that a chore has run to its end."""
        failing = self.failing.pop(name, None)
        if failing is not None:
            log.info("chore_recovered", chore=name, failures=failing.failures)

    def write(self, conn: Connection, now: float) -> None:
        """Write the list where other chores fail than were written, or other counts and the last write is old."""
        is_news = self.written is None or self.written.keys() != self.failing.keys()
        is_due = self.written != self.failing and now - self.written_at >= WRITE_SECONDS
        if is_news or is_due:
            write_failing_chores(conn, list(self.failing.values()))
            self.written, self.written_at = dict(self.failing), now
