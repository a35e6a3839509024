"""A real `laurel up` in a folder of its own, and what the measurements need to talk to it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from webapp.supervisor import records
from webapp.supervisor.paths import home_of

START_SECONDS_MAX = 90


@dataclass(frozen=True)
class Running:
    """One running Laurel: its address, a key that may do everything here, and its environment."""

    url: str
    key: str
    data_dir: Path
    environment: dict[str, str]

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=60)

    def laurel(self, *words: str) -> str:
        """Run one command of the product and give what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "webapp.cli", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"laurel {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def processes(self) -> Iterator[tuple[str, psutil.Process]]:
        """Yield each child with its role, the web server's and Postgres' own children under their parent's role."""
        children = records.pids_by_role(self.data_dir)
        for role, pid in ((role, pid) for role, pids in children.items() for pid in pids):
            if not psutil.pid_exists(pid):
                continue
            parent = psutil.Process(pid)
            own = [] if role == "supervisor" else parent.children(recursive=True)
            yield from ((role, process) for process in (parent, *own))


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def laurel_up(documents: Sequence[dict[str, Any]], workers: int = 2) -> Iterator[Running]:
    """Start Laurel without its demo, publish these rules and stop it again."""
    with tempfile.TemporaryDirectory(prefix="laurel-bench-") as folder:
        port, data = free_port(), Path(folder)
        environment = os.environ | {"LAUREL_PORT": str(port), "LAUREL_DATA_DIR": folder}
        command = [sys.executable, "-m", "webapp.cli", "up", "--no-demo", "--workers", str(workers)]
        with (data / "up.log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/readyz", process, data / "up.log")
            bare = Running(f"http://127.0.0.1:{port}", "", data, environment)
            rules = data / "rules.json"
            rules.write_text(json.dumps(documents))
            bare.laurel("rules", "apply", str(rules), "--publish")
            key = bare.laurel(
                "key", "new", "bench", *(f"--scope={s}" for s in ("events:write", "players:read", "leaderboards:read"))
            )
            yield Running(bare.url, key, data, environment)
        finally:
            process.terminate()
            process.wait(timeout=60)
            shutil.rmtree(home_of(data), ignore_errors=True)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"laurel up did not become ready:\n{log.read_text()[-3000:]}")
