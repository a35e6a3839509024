"""One child process: started, watched, restarted, stopped, and never left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from webapp.supervisor.forked_process import ForkedProcess, fork
from webapp.supervisor.os_account import Account

# Every child carries the name of its installation in this variable, so that a pid can be recognised as ours.
INSTALLATION_VARIABLE = "LAUREL_INSTALLATION"
PR_SET_PDEATHSIG = 1
RESTART_DELAY_SECONDS_MIN, RESTART_DELAY_SECONDS_MAX = 0.1, 10.0
STABLE_SECONDS = 10.0  # a child that ran this long is restarted at once


@dataclass(frozen=True, slots=True)
class Program:
    """What to start: a command line or, with `module`, the `main(arguments)` of a module of ours in a forked process.

    `stop_signal` asks it to stop; the kernel sends it `death_signal` when its supervisor dies.
    """

    role: str
    arguments: list[str]
    environment: Mapping[str, str]
    log: Path
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    stop_seconds_max: float = 6.0
    may_end: bool = False
    before_start: Callable[[], None] | None = None
    module: str | None = None


class Child:
    """A program and the process that currently runs it, if any."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | ForkedProcess | None = None
        self.is_done = False  # a program that may end has ended successfully
        self._started_at = 0.0
        self._failures = 0
        self._restart_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id; None between an exit and the restart."""
        return self.process.pid if self.process else None

    def is_alive(self) -> bool:
        """Whether it is running."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it in its own session, so that Ctrl-C in the terminal reaches only the supervisor."""
        program = self.program
        if program.before_start:
            program.before_start()
        first = die_with_parent(os.getpid(), program.death_signal)
        if program.module:
            self.process = fork(program.module, program.arguments, program.environment, program.log, first)
        else:
            self.process = self._execute(first)
        self._started_at = time.monotonic()

    def _execute(self, first: Callable[[], None]) -> "subprocess.Popen[bytes]":
        program, account = self.program, self.program.account
        credentials = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
        with program.log.open("ab") as log:
            return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
                program.arguments,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=first,  # noqa: PLW1509  (one thread only)
                **credentials,
            )

    def reap(self) -> int | None:
        """If it has exited: kill what it left behind, set the delay before its restart, and return its exit status."""
        if self.process is None or self.process.poll() is None:
            return None
        status = self.process.returncode
        self._end_group()
        was_stable = time.monotonic() - self._started_at >= STABLE_SECONDS
        self._failures = 0 if was_stable else self._failures + 1
        self.is_done = self.program.may_end and status == 0
        delay = min(RESTART_DELAY_SECONDS_MAX, RESTART_DELAY_SECONDS_MIN * 2.0 ** max(0, self._failures - 1))
        self._restart_at = time.monotonic() + delay
        return status

    def is_due(self) -> bool:
        """Whether it is down and its restart delay is over."""
        return self.process is None and not self.is_done and time.monotonic() >= self._restart_at

    def ask_to_stop(self) -> None:
        """Send its stop signal, if it is running."""
        if self.process and self.is_alive():
            self.process.send_signal(self.program.stop_signal)

    def stop(self) -> None:
        """Wait for its exit after `ask_to_stop`; after `stop_seconds_max` kill it and its group."""
        if self.process is None:
            return
        try:
            self.process.wait(self.program.stop_seconds_max)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._end_group()

    def _end_group(self) -> None:
        """Kill what is left of the process's session: the web server's processes may outlive it for a while."""
        assert self.process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None


def die_with_parent(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """The first thing a child does: ask the kernel for a signal when its parent dies. Only Linux supports this.

    It must run after the change of user, which would clear the request, and must then check that the parent
    is still alive.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def request_signal() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return request_signal
