"""What a running Laurel keeps in its data folder: a lock, the pids of its children, the URLs of its servers."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from webapp.config import SERVERS_FILE, SettingsError
from webapp.runtime.folders import make_private

CHILDREN_FILE = Path("run", "children.json")
STARTED_AT = "started_at"


def lock(data_dir: Path) -> int:
    """Lock this folder for the life of this process; the kernel releases it, however the process ends."""
    folder = data_dir / "run"
    try:
        make_private(folder)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError("LAUREL_DATA_DIR", f"cannot write to {data_dir}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise SettingsError("LAUREL_DATA_DIR", f"Laurel is already running in {data_dir}") from None
    return descriptor


def write_children(data_dir: Path, pids: dict[str, int | list[int]], started_at: dict[int, float]) -> None:
    """Record the pid or pids of each role, the supervisor included, and when each child's process was created.

    The times are the operating system's, in Unix seconds: a pid and its time name a process for good.
    """
    write(data_dir / CHILDREN_FILE, pids | {STARTED_AT: started_at})


def pids_by_role(data_dir: Path) -> dict[str, list[int]]:
    """The pids that the last supervisor recorded, its own included; empty where none did."""
    return {
        role: pids if isinstance(pids, list) else [pids]
        for role, pids in _read_children(data_dir).items()
        if role != STARTED_AT
    }


def children_started_at(data_dir: Path) -> dict[int, float]:
    """The pids of the last supervisor's children, whether or not they are still alive, with their times of creation."""
    return {int(pid): seconds for pid, seconds in _read_children(data_dir).get(STARTED_AT, {}).items()}


def _read_children(data_dir: Path) -> dict[str, Any]:
    try:
        written: dict[str, Any] = json.loads((data_dir / CHILDREN_FILE).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return written


def write_servers(data_dir: Path, servers: dict[str, Any]) -> None:
    """Record how commands reach the embedded servers, and how many lanes are served."""
    write(data_dir / SERVERS_FILE, servers)


def write(file: Path, content: object) -> None:
    """Replace a file atomically, readable by its owner only."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out)
    fresh.replace(file)
