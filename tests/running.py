"""A real `laurel up` in a folder of its own: start it, kill any part of it, start it again, look at what is left."""

import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
import psutil
from click.testing import CliRunner, Result

from webapp.cli import main
from webapp.runtime import secrets_file
from webapp.supervisor import paths, records
from webapp.supervisor.child import INSTALLATION_VARIABLE
from webapp.supervisor.os_account import Account, private_folder

PATIENCE_SECONDS = 120.0


@dataclass
class RunningLaurel:
    """One Laurel. `pids("web")`, `kill("postgres")`, `laurel("verify")`, `client(key)`; ready when made."""

    data_dir: Path
    port: int
    workers: int = 2
    extra: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its commands are told."""
        variables = {"LAUREL_DATA_DIR": str(self.data_dir), "LAUREL_PORT": str(self.port)}
        return os.environ | variables | self.extra

    @property
    def log(self) -> Path:
        """What the supervisor prints."""
        return self.data_dir / "up.log"

    def start(self) -> None:
        """Start it, without waiting."""
        words = [sys.executable, "-m", "webapp.cli", "up", "--no-demo", "--workers", str(self.workers)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log, text=True)

    def wait_until_ready(self) -> None:
        """Return when it has said `ready`."""
        assert self.process
        process = self.process
        is_over = lambda: process.poll() is not None or self._says_ready()  # noqa: E731
        wait_until(is_over, "laurel up does not become ready", self.log)
        assert process.poll() is None, self.log.read_text()[-4000:]

    def _says_ready(self) -> bool:
        lines = self.log.read_text().splitlines()
        return any(line.startswith("ready ") for line in lines[self._lines_before :])

    _lines_before: int = 0

    def restart(self) -> None:
        """Start it once more and wait until it is ready."""
        self._lines_before = len(self.log.read_text().splitlines())
        self.start()
        self.wait_until_ready()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and give its exit status."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)

    def pids(self, role: str) -> list[int]:
        """Who plays a role now; workers in this order: lanes of shards, lanes of games, the slow one."""
        return records.pids_by_role(self.data_dir).get(role, [])

    def kill(self, role: str, which: int = 0) -> int:
        """Do `kill -9` to one process of a role and give its pid; returns when the process is gone."""
        pid = self.pids(role)[which]
        os.kill(pid, signal.SIGKILL)
        if self.process and pid == self.process.pid:
            self.process.wait(PATIENCE_SECONDS)
        return pid

    def wait_until_replaced(self, role: str, pid: int) -> None:
        """Return when somebody else plays the role that this process played."""
        complete = 2 * self.workers + 1 if role == "worker" else 1
        wait_until(lambda: pid not in self.pids(role) and len(self.pids(role)) == complete, f"no new {role}", self.log)

    def is_ready(self) -> bool:
        """Whether it can serve now."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        return False

    def processes(self) -> list[psutil.Process]:
        """Every living process that was started for this installation, by whomsoever.

        The web server and the workers are forked, so that only their supervisor tells whose they are.
        """
        name = paths.installation_name(self.data_dir)
        marked = [p for p in psutil.process_iter() if _mark(p) == name]
        return marked + [p for p in self._descendants() if p not in marked and p.name() != "postgres"]

    def _descendants(self) -> list[psutil.Process]:
        if self.process is None or self.process.poll() is not None:
            return []
        return psutil.Process(self.process.pid).children(recursive=True)

    def laurel(self, *words: str) -> Result:
        """Run one command of the product in this process, which spares a start of Python; it must succeed."""
        environment = self.environment | {"LAUREL_FAILPOINTS": ""}  # what is to die is never the test
        done = CliRunner().invoke(main, words, env=environment)
        assert done.exit_code == 0, f"laurel {' '.join(words)}: {done.output}{done.exception!r}"
        return done

    def laurel_process(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run one command of the product in a process of its own, as people do."""
        command = [sys.executable, "-m", "webapp.cli", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def key(self, *scopes: str) -> str:
        """A new key with these scopes."""
        return self.laurel("key", "new", "test", *(f"--scope={scope}" for scope in scopes)).stdout.strip()

    def client(self, key: str) -> httpx.Client:
        """An HTTP client that presents a key."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=60)


@contextmanager
def running_laurel(workers: int = 2, *, is_prepared: bool = True, **extra: str) -> Iterator[RunningLaurel]:
    """Start one without its demo, lend it when it is ready, and leave nothing of it behind.

    Its database was prepared before, once for the whole test process, unless it is to start from nothing.
    """
    with tempfile.TemporaryDirectory(prefix="laurel-up-") as folder:
        running = RunningLaurel(Path(folder) / "data", free_port(), workers, extra)
        running.data_dir.mkdir()
        try:
            if is_prepared:
                _copy_installation(_prepared_installation(), running.data_dir)
            running.start()
            running.wait_until_ready()
            yield running
        finally:
            _discard(running)


@cache
def _prepared_installation() -> Path:
    """The data folder of a Laurel that was started once and stopped in order as soon as its database was prepared."""
    folder = Path(tempfile.mkdtemp(prefix="laurel-prepared-"))
    running = RunningLaurel(folder / "data", free_port())
    running.data_dir.mkdir()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(_discard, running)
    running.start()
    wait_until(lambda: "/sign-in/" in running.log.read_text(), "laurel up does not prepare its database", running.log)
    running.stop()
    return running.data_dir


def _copy_installation(source: Path, target: Path) -> None:
    """Give a new installation the secrets and the cluster of another one that is stopped, and lend it the programs."""
    shutil.copy(source / secrets_file.FILE, target)
    home = private_folder(paths.home_of(target), Account.for_servers())
    for folder in paths.home_of(source).iterdir():
        if folder.name == paths.CLUSTER:
            subprocess.run(["cp", "-a", folder, home], check=True)
        elif "-" in folder.name:
            (home / folder.name).symlink_to(folder)


def _discard(running: RunningLaurel) -> None:
    """End it without a good-bye, which takes seconds; only PostgreSQL is let free its shared memory."""
    if running.process:
        running.process.kill()
        running.process.wait(PATIENCE_SECONDS)
    while left := running.processes():  # again for those whom one of them started meanwhile
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGQUIT if process.name() == "postgres" else signal.SIGKILL)
        for process in psutil.wait_procs(left, 10)[1]:
            process.kill()
    shutil.rmtree(paths.home_of(running.data_dir), ignore_errors=True)


def _mark(process: psutil.Process) -> str | None:
    with suppress(psutil.Error):
        return process.environ().get(INSTALLATION_VARIABLE)
    return None


def free_port() -> int:
    """A port that nobody listens on, below those that the system lends to connections."""
    while True:
        port = random.Random().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(is_reached: Callable[[], bool], otherwise: str, log: Path | None = None) -> None:
    """Return as soon as something holds; fail with the log if it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_reached():
        assert time.monotonic() < deadline, f"{otherwise}\n{log.read_text()[-4000:] if log else ''}"
        time.sleep(0.05)
