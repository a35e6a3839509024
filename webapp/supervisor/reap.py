"""Orphans of a supervisor that was killed: find those that are really ours, and end them."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from webapp.supervisor import records
from webapp.supervisor.child import INSTALLATION_VARIABLE
from webapp.supervisor.postgres import is_postmaster

POSTGRES_SECONDS_MAX = 20.0


def reap_orphans(name: str, cluster: Path, data_dir: Path) -> int:
    """End what the last run left behind, and return the number of processes that were ended.

    A pid in the file is only a hint: the number may since have been reused. A process is ours if it was created when
    the file says, if its environment names this installation, or if it is the postmaster of this very cluster.
    """
    started_at = records.children_started_at(data_dir)
    ours = [
        process
        for process in psutil.process_iter()
        if _session(process) in started_at
        and (_is_recorded(process, started_at) or belongs_to_installation(process, name, cluster))
    ]
    postmasters = [p for p in ours if is_postmaster(p.pid, cluster)]
    for process in ours:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT if process in postmasters else signal.SIGKILL)
    for process in _wait_for_exit(ours):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _wait_for_exit(ours)
    return len(ours)


def _wait_for_exit(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Wait for them to exit; return those that did not. A zombie has exited: in a container it may never be reaped."""
    deadline = time.monotonic() + POSTGRES_SECONDS_MAX
    while (running := [p for p in processes if _is_running(p)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return running


def _is_running(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    return False


def _session(process: psutil.Process) -> int | None:
    """The leader of its session: for anything that a child of ours started, that child."""
    with suppress(ProcessLookupError):
        return os.getsid(process.pid)
    return None


def _is_recorded(process: psutil.Process, started_at: dict[int, float]) -> bool:
    """Whether it is a child that the last supervisor recorded: one that was forked does not name the installation."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.create_time() == started_at.get(process.pid))
    return False


def belongs_to_installation(process: psutil.Process, name: str, cluster: Path) -> bool:
    """Whether the process was started for this installation; False where we lack the permission to find out."""
    try:
        return process.environ().get(INSTALLATION_VARIABLE) == name or is_postmaster(process.pid, cluster)
    except psutil.Error:
        return False
