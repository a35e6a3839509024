"""The life of one Laurel: servers, preparation, our own processes, and the end of it all."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from webapp.config import Place, Servers, local_name, named_servers, servers_of
from webapp.runtime.secrets_file import secret
from webapp.supervisor import paths as grounds
from webapp.supervisor import ports, postgres, programs, reap, records, valkey
from webapp.supervisor.process_group import Crew

TICK_SECONDS = 0.1
READY_SECONDS_MAX = 180.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):  # noqa: N818  (somebody asked for it: no error)
    """Somebody asked us to stop while we were still starting."""


class House:
    """One running Laurel. `run` returns when it has stopped."""

    def __init__(self, place: Place, *, with_demo: bool) -> None:
        self.place, self.with_demo = place, with_demo
        self.logs = place.data_dir / "log"
        self.crew = Crew(place.data_dir, os.getpid())
        self._is_stopping = False

    def run(self) -> None:
        """Start everything, keep it running, stop it in order."""
        lock = records.lock(self.place.data_dir)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        name, home = grounds.name_of(self.place.data_dir), grounds.home_of(self.place.data_dir)
        reap.sweep(name, home / grounds.CLUSTER, self.place.data_dir)
        ports.refuse_taken(self.place)
        for each in STOPPING:
            signal.signal(each, self._ask_to_stop)
        try:
            self._serve(name)
        except Stopped:
            pass
        finally:
            self.crew.stop()
            os.close(lock)

    def _serve(self, name: str) -> None:
        servers = self._start_servers()
        told = programs.environment(self.place, servers, name)
        self._prepare(told | {"LAUREL_OWNER_URL": servers.owner_url})
        for program in programs.own_programs(self.place, told, self.logs):
            self.crew.add(program)
        self._tend_until(self._is_ready, "Laurel", READY_SECONDS_MAX)
        print(f"ready {self._url()}", flush=True)
        if self.with_demo:
            self.crew.add(programs.demo_program(told, self.logs))
        while not self._is_stopping:
            self.crew.tend()
            time.sleep(TICK_SECONDS)

    def _start_servers(self) -> Servers:
        """Start those servers that the environment does not name, and tell commands where they are."""
        named, embedded = named_servers(os.environ), dict[str, str]()
        owner_url = named.get("owner_url") or named.get("database_url", "")
        if not {"database_url", "queue_url"} <= named.keys():
            ground = grounds.lay(self.place.data_dir)
        if "database_url" not in named:
            embedded["database_url"], embedded["owner_url"] = self._start_postgres(ground)
            owner_url = embedded["owner_url"]
        if "queue_url" not in named:
            embedded |= self._start_valkey(ground)
        self._tend_until(lambda: postgres.answers(owner_url), "the server of LAUREL_DATABASE_URL", 60)
        records.write_servers(self.place.data_dir, embedded | {"workers": self.place.workers})
        return servers_of(self.place, os.environ | {"LAUREL_OWNER_URL": owner_url})

    def _start_postgres(self, ground: grounds.Ground) -> tuple[str, str]:
        """Give the addresses for running and for changing tables."""
        data_dir = self.place.data_dir
        admin = postgres.address(ground, postgres.ADMIN, secret(data_dir, postgres.ADMIN), "postgres")
        postgres.make_cluster(ground, secret(data_dir, postgres.ADMIN))
        self.crew.add(programs.server_programs(ground, self.logs)["postgres"])
        self._tend_until(lambda: postgres.answers(admin), "PostgreSQL", postgres.RECOVERY_SECONDS_MAX)
        postgres.provide(admin, data_dir)
        run_time, owner = (
            postgres.address(ground, r, secret(data_dir, r)) for r in (postgres.RUN_TIME, postgres.OWNER)
        )
        return run_time, owner

    def _start_valkey(self, ground: grounds.Ground) -> dict[str, str]:
        self.crew.add(programs.server_programs(ground, self.logs)["valkey"])
        queue, cache = valkey.address(ground, 0), valkey.address(ground, 1)
        self._tend_until(lambda: valkey.answers(queue), "Valkey", 30)
        return {"queue_url": queue, "cache_url": cache}

    def _prepare(self, told: dict[str, str]) -> None:
        """Migrate, and on the first start make the first operator and install the packs, in a process that ends."""
        words = [sys.executable, "-m", "webapp.supervisor.prepare", *(["--packs"] if self.with_demo else [])]
        process = subprocess.Popen(words, env=told, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            self._tend_until(lambda: process.poll() is not None, "the preparation", 600)
        finally:
            process.kill()
        if process.wait():
            raise SystemExit("Laurel cannot start: what stands above went wrong while its database was prepared")

    def _tend_until(self, is_reached: Callable[[], bool], what: str, seconds_max: float) -> None:
        deadline = time.monotonic() + seconds_max
        while not is_reached():
            if self._is_stopping:
                raise Stopped
            if time.monotonic() > deadline:
                raise SystemExit(f"{what} did not start within {seconds_max:.0f} s; {self.logs} says why")
            self.crew.tend()
            time.sleep(TICK_SECONDS / 2)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self._url()}/readyz", timeout=2) as answer:  # noqa: S310  (always http)
                return answer.status == 200 and ports.is_taken(self.place.bind, self.place.live_port)
        except (URLError, OSError):
            return False

    def _url(self) -> str:
        return f"http://{local_name(self.place.bind)}:{self.place.port}"

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
