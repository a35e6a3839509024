"""Requests of one moment share one call to the database: those that come while one is under way go with the next.

So a call never answers a request that came after it began: what was committed before the request is seen. Requests
that are gathered were under way at the same time, and there is no order between them to be kept.

Calls may keep some milliseconds apart. A request after a silence does not notice; of many, each then waits a little,
more of them go together, and what a call costs is shared by more.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

import psycopg

GROUP_MAX = 200
Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Waiting(Generic[Asked, Told]):
    """What one request asks and, once `is_done`, what came of it: `told`, or the database's error."""

    __slots__ = ("asked", "error", "is_done", "sleep", "told")

    def __init__(self, asked: Asked) -> None:
        self.asked, self.is_done = asked, False
        self.told: Told | None = None
        self.error: psycopg.Error | None = None
        self.sleep = Lock()
        self.sleep.acquire()

    def end(self, told: Told | None, error: psycopg.Error | None = None) -> None:
        """Let the request be answered."""
        self.told, self.error, self.is_done = told, error, True
        self.sleep.release()


class Gathering(Generic[Asked, Told]):
    """Gathers what the threads of this process ask; whoever comes to ask the database takes all that wait along.

    `call` gives what each one asked came to, in their order. A call begins at least `apart_seconds` after the last.
    Nobody is woken in vain: a call wakes those whom it answers, and the first of those who came too late for it.
    """

    def __init__(self, call: Callable[[Sequence[Asked]], Sequence[Told]], *, apart_seconds: float = 0) -> None:
        self._call, self._apart_seconds = call, apart_seconds
        self._arrived: deque[Waiting[Asked, Told]] = deque()
        self._arriving, self._has_caller, self._rests_until = Lock(), False, 0.0

    def ask(self, asked: Asked) -> Told:
        """Ask, perhaps with others. Raises what the database raised for this one."""
        mine: Waiting[Asked, Told] = Waiting(asked)
        if not self._arrive(mine):
            mine.sleep.acquire()
        if not mine.is_done:
            try:
                self._call_next()
            finally:
                self._let_next_call()
        if mine.error is not None:
            raise mine.error
        return mine.told  # type: ignore[return-value]  # it is done, and without an error

    def _arrive(self, mine: Waiting[Asked, Told]) -> bool:
        """Whether it is this one who calls; the caller is always the first of those who have arrived."""
        with self._arriving:
            self._arrived.append(mine)
            has_caller, self._has_caller = self._has_caller, True
        return not has_caller

    def _let_next_call(self) -> None:
        with self._arriving:
            first = self._arrived[0] if self._arrived else None
            self._has_caller = first is not None
        if first is not None:
            first.sleep.release()

    def _call_next(self) -> None:
        group: list[Waiting[Asked, Told]] = []
        try:
            self._rest()
            group = self._take_arrived()
            self._call_for(group)
        finally:  # whoever is stopped here leaves nobody waiting
            for each in group or self._take_arrived():
                if not each.is_done:
                    each.end(None, psycopg.OperationalError("it is not known what came of this"))

    def _rest(self) -> None:
        if (left := self._rests_until - time.monotonic()) > 0:
            time.sleep(left)
        self._rests_until = time.monotonic() + self._apart_seconds

    def _take_arrived(self) -> list[Waiting[Asked, Told]]:
        with self._arriving:
            return [self._arrived.popleft() for _ in range(min(len(self._arrived), GROUP_MAX))]

    def _call_for(self, group: Sequence[Waiting[Asked, Told]]) -> None:
        """Ask for all together; where the database refuses one of them, for each by itself."""
        try:
            told = self._call([each.asked for each in group])
        except psycopg.Error as error:
            is_away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
            for each in group:
                if is_away or len(group) == 1:
                    each.end(None, error)
                else:
                    self._call_for([each])
        else:
            for each, its in zip(group, told, strict=True):
                each.end(its)
