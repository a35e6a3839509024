"""Requests of one moment share one call to the database: those that come while one is under way go with the next.

So a call never answers a request that came after it began: what was committed before the request is seen. Requests
that are gathered were under way at the same time, and there is no order between them to be kept.

Calls may keep some milliseconds apart. A request after a silence does not notice; of many, each then waits a little,
more of them go together, and what a call costs is shared by more.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Generic, TypeVar

import psycopg

GROUP_MAX = 200
Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass(slots=True)
class Waiting(Generic[Asked, Told]):
    """What one request asks and, once `is_done`, what came of it: `told`, or the database's error."""

    asked: Asked
    told: Told | None = None
    error: psycopg.Error | None = None
    is_done: bool = False

    def end(self, told: Told | None, error: psycopg.Error | None = None) -> None:
        """Let the request be answered."""
        self.told, self.error, self.is_done = told, error, True


class Gathering(Generic[Asked, Told]):
    """Gathers what the threads of this process ask; whoever comes to ask the database takes all that wait along.

    `call` gives what each one asked came to, in their order. A call begins at least `apart_seconds` after the last.
    """

    def __init__(self, call: Callable[[Sequence[Asked]], Sequence[Told]], *, apart_seconds: float = 0) -> None:
        self._call, self._apart_seconds = call, apart_seconds
        self._arrived: deque[Waiting[Asked, Told]] = deque()
        self._turns, self._is_calling, self._rests_until = Condition(), False, 0.0

    def ask(self, asked: Asked) -> Told:
        """Ask, perhaps with others. Raises what the database raised for this one."""
        mine: Waiting[Asked, Told] = Waiting(asked)
        self._arrived.append(mine)
        while self._takes_turn(mine):
            try:
                self._call_next()
            finally:
                self._end_turn()
        if mine.error is not None:
            raise mine.error
        return mine.told  # type: ignore[return-value]  # it is done, and without an error

    def _takes_turn(self, mine: Waiting[Asked, Told]) -> bool:
        """Wait until this one is answered, or until it is its turn to call for all that have arrived."""
        with self._turns:
            self._turns.wait_for(lambda: mine.is_done or not self._is_calling)
            self._is_calling = self._is_calling or not mine.is_done
            return not mine.is_done

    def _end_turn(self) -> None:
        with self._turns:
            self._is_calling = False
            self._turns.notify_all()

    def _call_next(self) -> None:
        if (rest := self._rests_until - time.monotonic()) > 0:
            time.sleep(rest)
        self._rests_until = time.monotonic() + self._apart_seconds
        group = [self._arrived.popleft() for _ in range(min(len(self._arrived), GROUP_MAX))]
        try:
            self._call_for(group)
        finally:  # whoever is stopped here leaves nobody waiting
            for each in group:
                if not each.is_done:
                    each.end(None, psycopg.OperationalError("it is not known what came of this"))

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
