"""Signs of life: a process whose event loop still turns says so in a file, which the supervisor reads.

The times are those of the machine's monotonic clock, which all processes share and which stands still while it sleeps.
"""

import time
from contextlib import suppress
from pathlib import Path

from webapp.runtime.folders import make_private

SUFFIX = ".heartbeat"


def clear(folder: Path) -> None:
    """Make the folder, without any record of an earlier run."""
    make_private(folder)
    for file in folder.glob(f"*{SUFFIX}"):
        file.unlink(missing_ok=True)


def beat(folder: Path, pid: int) -> None:
    """Record that this process lives; a disk that is full is not its fault."""
    with suppress(OSError):
        (folder / f"{pid}{SUFFIX}").write_text(f"{time.monotonic():.3f}")


def silent_pids(folder: Path, seconds: float) -> list[int]:
    """The processes that have once recorded a sign of life, and none for so many seconds."""
    silent = []
    for file in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError, ValueError):
            if time.monotonic() - float(file.read_text()) > seconds:
                silent.append(int(file.name.removesuffix(SUFFIX)))
    return silent


def forget(folder: Path, pid: int) -> None:
    """Remove the record of a process that is gone."""
    (folder / f"{pid}{SUFFIX}").unlink(missing_ok=True)
