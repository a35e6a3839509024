"""What to do about children of a supervisor that was killed: find those that are really ours, and end them."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from webapp.supervisor import records
from webapp.supervisor.child import MARK
from webapp.supervisor.postgres import is_postmaster

POSTGRES_SECONDS_MAX = 20.0


def sweep(name: str, cluster: Path, data_dir: Path) -> int:
    """End what the last run left behind and give the number of processes that were ended.

    A pid in the file is only a hint: the number may belong to anybody by now. A process is ours if its
    environment carries this installation's mark, or if it is the postmaster of this very cluster.
    """
    leaders = set(records.children_pids(data_dir))
    ours = [p for p in psutil.process_iter() if _session(p) in leaders and is_ours(p, name, cluster)]
    postmasters = [p for p in ours if is_postmaster(p.pid, cluster)]
    for process in ours:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT if process in postmasters else signal.SIGKILL)
    for process in _still_there(ours):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _still_there(ours)
    return len(ours)


def _still_there(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Wait for their end and give those that did not. A zombie has ended: in a container nobody may ever bury it."""
    deadline = time.monotonic() + POSTGRES_SECONDS_MAX
    while (left := [p for p in processes if _lives(p)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    return False


def _session(process: psutil.Process) -> int | None:
    """The process that began the session: a child of ours, also for what it started itself."""
    with suppress(ProcessLookupError):
        return os.getsid(process.pid)
    return None


def is_ours(process: psutil.Process, name: str, cluster: Path) -> bool:
    """Whether the process was started for this installation; False also where we may not know."""
    try:
        return process.environ().get(MARK) == name or is_postmaster(process.pid, cluster)
    except psutil.Error:
        return False
