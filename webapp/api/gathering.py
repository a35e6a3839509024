"""Single events of one moment share one call to the database: those that arrive while one is written go next.

A request is answered once its own event is in the log. Requests that are gathered were under way at the same time,
so there is no order between them to be kept.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

import psycopg

from webapp.store.entries import Appended, NewEvent

GROUP_MAX = 200
Write = Callable[[Sequence[NewEvent]], Appended]


@dataclass(slots=True)
class Waiting:
    """One request's event and, once it was written or refused, what came of it."""

    event: NewEvent
    appended: Appended | None = None
    error: psycopg.Error | None = None

    @property
    def is_done(self) -> bool:
        """Whether the request may be answered."""
        return self.appended is not None or self.error is not None


class Gathering:
    """Gathers the single events of one app in this process; whoever comes to write takes all that wait along."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._arrived: deque[Waiting] = deque()
        self._writing = Lock()

    def append(self, event: NewEvent) -> Appended:
        """Append one event, perhaps with others. Raises what the database raised for it."""
        mine = Waiting(event)
        self._arrived.append(mine)
        while not mine.is_done:
            with self._writing:
                if not mine.is_done:
                    self._write_next()
        if mine.appended is None:
            assert mine.error is not None
            raise mine.error
        return mine.appended

    def _write_next(self) -> None:
        group = [self._arrived.popleft() for _ in range(min(len(self._arrived), GROUP_MAX))]
        try:
            self._write_group(group)
        finally:  # whoever is stopped here leaves nobody waiting
            for each in group:
                if not each.is_done:
                    each.error = psycopg.OperationalError("it is not known whether this was written")

    def _write_group(self, group: Sequence[Waiting]) -> None:
        """Write events together; where the database refuses one of them, each by itself."""
        try:
            appended = self._write([each.event for each in group])
        except psycopg.Error as error:
            is_away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
            for each in group:
                if is_away or len(group) == 1:
                    each.error = error
                else:
                    self._write_group([each])
        else:
            for place, each in enumerate(group):
                each.appended = Appended([appended.statuses[place]], [appended.seqs[place]], appended.shards)
