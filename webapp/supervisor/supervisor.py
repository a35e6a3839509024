"""The life of an installation: servers, preparation, our own processes, and an orderly stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from engine import compiled
from webapp.config import (
    HEARTBEATS,
    InstanceConfig,
    ServerUrls,
    local_address,
    record_of_start,
    resolve_server_urls,
    server_urls_from_environment,
)
from webapp.runtime import heartbeat
from webapp.runtime.folders import make_private
from webapp.runtime.secrets_file import secret
from webapp.supervisor import forked_process, paths, ports, postgres, programs, reap, records, valkey
from webapp.supervisor.process_group import ProcessGroup
from webapp.supervisor.web_health import WebHealth

TICK_SECONDS = 0.1
READY_SECONDS_MAX = 180.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):  # noqa: N818  (no error)
    """A stop was requested while Laurel was still starting."""


class Supervisor:
    """Runs one installation; `run` returns when it has stopped."""

    def __init__(self, instance: InstanceConfig, *, with_demo: bool) -> None:
        self.instance, self.with_demo = instance, with_demo
        self.logs = instance.data_dir / "log"
        self.processes = ProcessGroup(instance.data_dir, os.getpid())
        self._is_stopping = False

    def run(self) -> None:
        """Start everything, keep it running, stop it in order."""
        lock = records.lock(self.instance.data_dir)
        make_private(self.logs)
        heartbeat.clear(self.instance.data_dir / HEARTBEATS)
        name, home = paths.installation_name(self.instance.data_dir), paths.home_of(self.instance.data_dir)
        reap.reap_orphans(name, home / paths.CLUSTER, self.instance.data_dir)
        ports.require_free_port(self.instance)
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            self._serve(name)
        except StopRequested:
            pass
        finally:
            self.processes.stop()
            os.close(lock)

    def _serve(self, name: str) -> None:
        urls = self._start_servers()
        environment = programs.environment_of_children(self.instance, urls, name)
        if "LAUREL_LIVE_PORT" in os.environ:
            print("LAUREL_LIVE_PORT is ignored: live streams are served on LAUREL_PORT", file=sys.stderr, flush=True)
        self._prepare(environment | {"LAUREL_OWNER_URL": urls.owner_url})
        for program in programs.laurel_programs(self.instance, environment, self.logs):
            self.processes.add(program)
        self._wait_until(self._is_ready, "Laurel", READY_SECONDS_MAX)
        print(f"engine: {compiled.describe()}", flush=True)
        print(f"ready {self._url()}", flush=True)
        if self.with_demo:
            self.processes.add(programs.demo_program(environment, self.logs))
        health = WebHealth(self.instance, self.processes)
        while not self._is_stopping:
            self.processes.restart_dead()
            health.tick()
            time.sleep(TICK_SECONDS)

    def _start_servers(self) -> ServerUrls:
        """Start the servers that the environment does not name, and record where commands reach them."""
        configured, embedded = server_urls_from_environment(os.environ), dict[str, str]()
        owner_url = configured.get("owner_url") or configured.get("database_url", "")
        if not {"database_url", "queue_url"} <= configured.keys():
            server_paths = paths.prepare_paths(self.instance.data_dir)
        if "database_url" not in configured:
            embedded["database_url"], embedded["owner_url"] = self._start_postgres(server_paths)
            owner_url = embedded["owner_url"]
        if "queue_url" not in configured:
            embedded |= self._start_valkey(server_paths)
        self._wait_until(lambda: postgres.is_reachable(owner_url), "the server at LAUREL_DATABASE_URL", 60)
        records.write_servers(self.instance.data_dir, embedded | {"started_with": record_of_start(self.instance)})
        return resolve_server_urls(self.instance, os.environ | {"LAUREL_OWNER_URL": owner_url})

    def _start_postgres(self, server_paths: paths.InstallationPaths) -> tuple[str, str]:
        """Return the URLs for the run-time role and for the owner of the tables."""
        data_dir = self.instance.data_dir
        admin = postgres.connection_url(server_paths, postgres.ADMIN, secret(data_dir, postgres.ADMIN), "postgres")
        postgres.make_cluster(server_paths, secret(data_dir, postgres.ADMIN))
        self.processes.add(programs.server_programs(server_paths, self.logs)["postgres"])
        self._wait_until(lambda: postgres.is_reachable(admin), "PostgreSQL", postgres.RECOVERY_SECONDS_MAX)
        postgres.provision(admin, data_dir)
        run_time, owner = (
            postgres.connection_url(server_paths, r, secret(data_dir, r)) for r in (postgres.RUN_TIME, postgres.OWNER)
        )
        return run_time, owner

    def _start_valkey(self, server_paths: paths.InstallationPaths) -> dict[str, str]:
        self.processes.add(programs.server_programs(server_paths, self.logs)["valkey"])
        queue, cache = valkey.connection_url(server_paths, 0), valkey.connection_url(server_paths, 1)
        self._wait_until(lambda: valkey.is_reachable(queue), "Valkey", 30)
        return {"queue_url": queue, "cache_url": cache}

    def _prepare(self, environment: dict[str, str]) -> None:
        """Migrate and, on the first start, create an operator and install packs: in a process of its own."""
        arguments = [sys.executable, "-m", "webapp.supervisor.prepare", *(["--packs"] if self.with_demo else [])]
        process = subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
        forked_process.preload(programs.FORKED_MODULES)  # meanwhile: it takes no less time than the preparation
        try:
            self._wait_until(lambda: process.poll() is not None, "the preparation", 600)
        finally:
            process.kill()
        if process.wait():
            raise SystemExit("Laurel cannot start: preparing its database failed, see above")

    def _wait_until(self, is_reached: Callable[[], bool], what: str, seconds_max: float) -> None:
        deadline = time.monotonic() + seconds_max
        while not is_reached():
            if self._is_stopping:
                raise StopRequested
            if time.monotonic() > deadline:
                raise SystemExit(f"{what} did not start within {seconds_max:.0f} s; see {self.logs}")
            self.processes.restart_dead()
            time.sleep(TICK_SECONDS / 2)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self._url()}/readyz", timeout=2) as answer:  # noqa: S310  (always http)
                return int(answer.status) == 200
        except (URLError, OSError):
            return False

    def _url(self) -> str:
        return f"http://{local_address(self.instance.bind)}:{self.instance.port}"

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
