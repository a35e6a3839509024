"""Whether this process was asked to leave: whoever works for long looks here between two pieces of work."""

import signal
from threading import Event
from types import FrameType

_asked = Event()


def ask() -> None:
    """Remember that we are to leave."""
    _asked.set()


def is_asked() -> bool:
    """Whether to begin nothing more."""
    return _asked.is_set()


def listen() -> None:
    """Take SIGTERM and SIGINT as the wish; for processes that have no worker's own signal handling."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _hear)


def _hear(_number: int, _frame: FrameType | None) -> None:
    ask()
