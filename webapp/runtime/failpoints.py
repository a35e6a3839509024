"""Places where a crash test may kill the process; without LAUREL_FAILPOINTS they do nothing."""

import os
import signal
from pathlib import Path


def failpoint(name: str) -> None:
    """Kill this process, as `kill -9` would, if LAUREL_FAILPOINTS holds `name=FILE` and FILE is there.

    The file is the token: it is taken away first, so that one token means one death, whoever comes first.
    """
    armed = os.environ.get("LAUREL_FAILPOINTS")
    if armed:
        _die_once(armed, name)


def _die_once(armed: str, name: str) -> None:
    tokens = dict(part.partition("=")[::2] for part in armed.split(","))
    if name not in tokens:
        return
    try:
        Path(tokens[name]).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
