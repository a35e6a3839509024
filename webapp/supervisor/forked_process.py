"""A process forked from the supervisor, which has imported everything by then: it starts at once and shares memory."""

import gc
import importlib
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, cast

WAIT_SECONDS = 0.02


@dataclass(slots=True)
class ForkedProcess:
    """What the supervisor uses of `subprocess.Popen`, for a child that runs a module of ours without a new Python."""

    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its exit; raises `subprocess.TimeoutExpired` after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(WAIT_SECONDS)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has exited: its pid may belong to somebody else by then."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def preload(modules: Iterable[str]) -> None:
    """Import what the forked processes will run, and keep the garbage collector from copying the pages they share."""
    for module in modules:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    # Folding makes many objects and no cycles; looking for some after every 700 took a twentieth of its time.
    gc.set_threshold(10_000, 20, 20)


def fork(
    module: str, arguments: list[str], environment: Mapping[str, str], log: Path, first: Callable[[], None]
) -> ForkedProcess:
    """Run `main(arguments)` of a module in a child: with this environment, in its own session, output to the log.

    `first` is the first thing that the child does. The caller must have no threads. The child inherits none of the
    caller's open files, so that it cannot hold the lock of the installation after the supervisor's death.
    """
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _run(module, arguments, environment, log, first)
    return ForkedProcess(pid)


def _run(
    module: str, arguments: list[str], environment: Mapping[str, str], log: Path, first: Callable[[], None]
) -> NoReturn:
    status = 1
    try:
        first()
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        _redirect(log)
        os.environ.clear()
        os.environ.update(environment)
        importlib.import_module(module).main(arguments)
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Exception:  # noqa: BLE001  (nothing may return into the supervisor's code)
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _redirect(log: Path) -> None:
    """Read nothing, write to the log, and close every other file that the supervisor had open."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    cast(TextIOWrapper, sys.stdout).reconfigure(line_buffering=True)  # a killed process would take its last lines along
    os.closerange(3, max(nothing, output) + 1)
