"""Notices a web server that hangs, and not only one that died: it ends it, and the rest is what happens to the dead.

Two signs are looked at. Each process of the server records that its event loop turns; one that has stopped doing so is
killed alone, and the server replaces it. And from time to time `/healthz` is requested over a new connection; if the
answer fails to come several times in a row, the whole server is killed.
"""

import os
import select
import signal
import socket
import time
from contextlib import suppress

import psutil

from webapp.config import HEARTBEATS, InstanceConfig, local_address
from webapp.runtime import heartbeat
from webapp.supervisor.child import Child
from webapp.supervisor.process_group import ProcessGroup

LOOKS_WHILE_SILENT = 6  # so many in the time for which a process may be silent
ANSWER_SECONDS_MAX = 5.0
FAILURES_MAX = 8  # together longer than an event loop may be silent: a single process is first replaced alone
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Probe:
    """One request for `/healthz`, which never blocks: `result` is None until it has one."""

    def __init__(self, host: str, port: int) -> None:
        self._deadline = time.monotonic() + ANSWER_SECONDS_MAX
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.setblocking(False)  # noqa: FBT003  (as the library has it)
        self._socket.connect_ex((host.strip("[]"), port))
        self._is_sent = False

    def result(self) -> bool | None:
        """Whether the server answers; None as long as it may still do so."""
        try:
            result = self._look()
        except OSError:
            result = False
        if result is None and time.monotonic() > self._deadline:
            result = False
        if result is not None:
            self._socket.close()
        return result

    def _look(self) -> bool | None:
        readable, writable, _ = select.select([self._socket], [] if self._is_sent else [self._socket], [], 0)
        if writable:
            self._socket.sendall(REQUEST)
            self._is_sent = True
        elif readable:
            return self._socket.recv(1024).startswith(b"HTTP/1.1 200")
        return None


class WebHealth:
    """Watches the web server of one supervisor."""

    def __init__(self, instance: InstanceConfig, processes: ProcessGroup) -> None:
        self._address = local_address(instance.bind), instance.port
        self._hang_seconds = instance.hang_seconds
        self._folder = instance.data_dir / HEARTBEATS
        self._processes = processes
        self._probe: Probe | None = None
        self._failures = 0
        self._next_look_at = 0.0
        self._watched_pid: int | None = None

    def tick(self) -> None:
        """Look, if it is time to; to be called often. Returns at once."""
        web = next((child for child in self._processes.children if child.program.role == "web"), None)
        if web is None or web.pid is None:
            return
        if web.pid != self._watched_pid:  # a new one: it gets time to start
            self._watched_pid, self._failures, self._probe = web.pid, 0, None
            self._next_look_at = time.monotonic() + 2 * self._hang_seconds
        if self._probe is not None:
            self._note(web, self._probe.result())
        elif time.monotonic() >= self._next_look_at:
            self._next_look_at = time.monotonic() + self._hang_seconds / LOOKS_WHILE_SILENT
            self._probe = Probe(*self._address)
            self._kill_silent_processes(web.pid)

    def _note(self, web: Child, result: bool | None) -> None:  # noqa: FBT001  (the result of a probe)
        if result is None:
            return
        self._probe = None
        self._failures = 0 if result else self._failures + 1
        if self._failures >= FAILURES_MAX and web.pid is not None:
            print(f"the web server does not answer and will be restarted; see {web.program.log}", flush=True)
            with suppress(ProcessLookupError):
                os.killpg(web.pid, signal.SIGKILL)

    def _kill_silent_processes(self, server_pid: int) -> None:
        for pid in heartbeat.silent_pids(self._folder, self._hang_seconds):
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                if process.ppid() == server_pid:
                    print(f"process {pid} of the web server hangs and will be replaced", flush=True)
                    process.kill()
            heartbeat.forget(self._folder, pid)
