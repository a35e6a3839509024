"""Whether this process was asked to leave: whoever works for long looks here between two pieces of work."""

from threading import Event

_asked = Event()


def ask() -> None:
    """Remember that we are to leave."""
    _asked.set()


def is_asked() -> bool:
    """Whether to begin nothing more."""
    return _asked.is_set()
