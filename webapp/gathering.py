"""Requests of one moment share one call to the database: those that come while one is under way go with the next.

So a call never answers a request that came after it began: what was committed before the request is seen. Requests
that are gathered were under way at the same time, and there is no order between them to be kept.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
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

    `call` gives what each one asked came to, in their order.
    """

    def __init__(self, call: Callable[[Sequence[Asked]], Sequence[Told]]) -> None:
        self._call = call
        self._arrived: deque[Waiting[Asked, Told]] = deque()
        self._calling = Lock()

    def ask(self, asked: Asked) -> Told:
        """Ask, perhaps with others. Raises what the database raised for this one."""
        mine: Waiting[Asked, Told] = Waiting(asked)
        self._arrived.append(mine)
        while not mine.is_done:
            with self._calling:
                if not mine.is_done:
                    self._call_next()
        if mine.error is not None:
            raise mine.error
        return mine.told  # type: ignore[return-value]  # it is done, and without an error

    def _call_next(self) -> None:
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
