"""All children of one supervisor: kept running together, ended in order."""

import sys
from pathlib import Path

from webapp.supervisor import records
from webapp.supervisor.child import Child, Program

LOG_BYTES_MAX = 20 * 1024 * 1024
# Who ends when: nobody new comes in, then work ends, then what it stood on. Roles of one line end together.
ENDING = (("web", "live"), ("demo", "worker", "beat"), ("valkey",), ("postgres",))


class Crew:
    """The children, and the file that says who they are."""

    def __init__(self, data_dir: Path, supervisor_pid: int) -> None:
        self.data_dir = data_dir
        self.children: list[Child] = []
        self._supervisor_pid = supervisor_pid

    def add(self, program: Program) -> Child:
        """Start one more child and watch it from now on."""
        if program.log.exists() and program.log.stat().st_size > LOG_BYTES_MAX:
            program.log.replace(program.log.with_suffix(".1.log"))
        child = Child(program)
        self.children.append(child)
        child.start()
        self._record()
        return child

    def tend(self) -> None:
        """Bury who has died and start again who is due; call it often."""
        is_changed = False
        for child in self.children:
            status = child.bury()
            if status is not None:
                is_changed = True
                _say_end(child, status)
            if child.is_due():
                child.start()
                is_changed = True
        if is_changed:
            self._record()

    def stop(self) -> None:
        """End all, in order; returns when nobody is left."""
        for roles in ENDING:
            leaving = [child for child in self.children if child.program.role in roles]
            for child in leaving:
                child.ask_to_stop()
            for child in leaving:
                child.stop()
        records.write_children(self.data_dir, {})

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
        records.write_children(self.data_dir, roles | {"worker": workers})


def _say_end(child: Child, status: int) -> None:
    if child.is_done:
        return
    how = f"signal {-status}" if status < 0 else f"status {status}"
    print(f"{child.program.log.stem} ended ({how}) and starts again; {child.program.log} may say why", file=sys.stderr)
