"""Points at which a crash test can kill the process; without LAUREL_FAILPOINTS they do nothing."""

import os
import signal
from pathlib import Path


def failpoint(name: str) -> None:
    """Kill this process, as `kill -9` would, if LAUREL_FAILPOINTS contains `name=FILE` and FILE exists.

    The file is a token: it is removed first, so that one token causes one death, whichever process gets there first.
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
