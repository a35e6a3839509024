"""All child processes of one supervisor: kept running together, stopped in order."""

import sys
from contextlib import suppress
from pathlib import Path

import psutil

from webapp.supervisor import records
from webapp.supervisor.child import Child, Program

LOG_BYTES_MAX = 20 * 1024 * 1024
# First nothing new comes in, then work ends, then the servers that it needed. Roles of one tuple stop together.
STOP_ORDER = (("web",), ("demo", "worker", "beat"), ("valkey",), ("postgres",))


class ProcessGroup:
    """The children, and the file that records their pids."""

    def __init__(self, data_dir: Path, supervisor_pid: int) -> None:
        self.data_dir = data_dir
        self.children: list[Child] = []
        self._supervisor_pid = supervisor_pid

    def add(self, program: Program) -> Child:
        """Start another child and watch it from now on."""
        if program.log.exists() and program.log.stat().st_size > LOG_BYTES_MAX:
            program.log.replace(program.log.with_suffix(".1.log"))
        child = Child(program)
        self.children.append(child)
        child.start()
        self._record()
        return child

    def restart_dead(self) -> None:
        """Reap children that have exited and restart those that are due; to be called often."""
        is_changed = False
        for child in self.children:
            status = child.reap()
            if status is not None:
                is_changed = True
                _report_exit(child, status)
            if child.is_due():
                child.start()
                is_changed = True
        if is_changed:
            self._record()

    def stop(self) -> None:
        """Stop all children in order; returns when none is left."""
        for roles in STOP_ORDER:
            stopping = [child for child in self.children if child.program.role in roles]
            for child in stopping:
                child.ask_to_stop()
            for child in stopping:
                child.stop()
        records.write_children(self.data_dir, {}, {})

    def _record(self) -> None:
        roles: dict[str, int | list[int]] = {"supervisor": self._supervisor_pid}
        workers = []
        for child in self.children:
            if child.pid is None:
                continue
            if child.program.role == "worker":
                workers.append(child.pid)
            else:
                roles[child.program.role] = child.pid
        pids = [child.pid for child in self.children if child.pid is not None]
        started_at = {pid: seconds for pid in pids if (seconds := _created_at(pid)) is not None}
        records.write_children(self.data_dir, roles | {"worker": workers}, started_at)


def _created_at(pid: int) -> float | None:
    with suppress(psutil.NoSuchProcess):
        return float(psutil.Process(pid).create_time())
    return None


def _report_exit(child: Child, status: int) -> None:
    if child.is_done:
        return
    how = f"signal {-status}" if status < 0 else f"status {status}"
    print(f"{child.program.log.stem} exited ({how}) and will be restarted; see {child.program.log}", file=sys.stderr)
