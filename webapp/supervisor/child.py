"""One process of ours: started, watched, restarted, ended, and never left behind."""

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

from webapp.supervisor.account import Account

MARK = "LAUREL_HOUSE"  # in every child's environment, with the installation's name: that is how a pid is known as ours
PR_SET_PDEATHSIG = 1
PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.1, 10.0
STEADY_SECONDS = 10.0  # a child that lived this long starts again at once


@dataclass(frozen=True, slots=True)
class Program:
    """What to start. `last_signal` is what it gets when its supervisor dies, `stop_signal` when it is asked to end."""

    role: str
    words: list[str]
    environment: Mapping[str, str]
    log: Path
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    last_signal: signal.Signals = signal.SIGKILL
    stop_seconds_max: float = 6.0
    may_end: bool = False
    before_start: Callable[[], None] | None = None


class Child:
    """A program and the process that runs it at present, if one does."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.is_done = False  # of a program that may end: it has, and well
        self._started_at = 0.0
        self._failures = 0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The process's number; None between two lives."""
        return self.process.pid if self.process else None

    def is_alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it in a session of its own, so that a Ctrl-C in the terminal reaches the supervisor alone."""
        program, account = self.program, self.program.account
        if program.before_start:
            program.before_start()
        rights = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
        with program.log.open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                program.words,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with(os.getpid(), program.last_signal),  # noqa: PLW1509  (one thread only)
                **rights,
            )
        self._started_at = time.monotonic()

    def bury(self) -> int | None:
        """If it has died: end what it left behind, set the pause before its next life, and give its exit status."""
        if self.process is None or self.process.poll() is None:
            return None
        status = self.process.returncode
        self._end_group()
        is_steady = time.monotonic() - self._started_at >= STEADY_SECONDS
        self._failures = 0 if is_steady else self._failures + 1
        self.is_done = self.program.may_end and status == 0
        pause = min(PAUSE_SECONDS_MAX, PAUSE_SECONDS_MIN * 2.0 ** max(0, self._failures - 1))
        self._not_before = time.monotonic() + pause
        return status

    def is_due(self) -> bool:
        """Whether it is down and its pause is over."""
        return self.process is None and not self.is_done and time.monotonic() >= self._not_before

    def ask_to_stop(self) -> None:
        """Send its stop signal, if it runs."""
        if self.process and self.is_alive():
            self.process.send_signal(self.program.stop_signal)

    def stop(self) -> None:
        """Wait for its end after `ask_to_stop`; out of patience, kill it and its group."""
        if self.process is None:
            return
        try:
            self.process.wait(self.program.stop_seconds_max)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._end_group()

    def _end_group(self) -> None:
        """Kill whatever is left of the process's session: gunicorn's workers outlive a killed master for a while."""
        assert self.process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None


def dies_with(parent: int, last_signal: signal.Signals) -> Callable[[], None]:
    """What a child does first: ask the kernel for a signal when its parent dies. Only Linux can do that.

    It must run after the change of user, which would clear the wish, and must look once more whether
    the parent is still there.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
