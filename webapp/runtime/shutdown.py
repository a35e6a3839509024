"""Whether this process has been asked to shut down: long-running work checks it between two steps."""

from threading import Event

_requested = Event()


def request() -> None:
    """Ask this process to shut down."""
    _requested.set()


def is_requested() -> bool:
    """Whether no new work should be started."""
    return _requested.is_set()
