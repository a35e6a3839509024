"""The web server: one port for pages, API and streams. The supervisor forks it."""

import gc
import os
import resource
import signal
from functools import cache

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from webapp import create_app
from webapp.asgi.application import WebApplication
from webapp.config import HEARTBEATS, InstanceConfig, Settings
from webapp.runtime import logs
from webapp.supervisor.child import die_with_parent

PROCESSES_MAX = 8
CONNECTIONS_MAX = 16_000  # of one process; each is an open file
BACKLOG = 2_048
# To send the head of a request, the first or the next: this ends silent connections, and idle ones that are kept open.
HEAD_SECONDS_MAX = 20
HEAD_BYTES_MAX = 64 * 1024
STOP_SECONDS_MAX = 3  # streams do not end by themselves


def main(_arguments: list[str]) -> None:
    """Serve until a signal comes; a process of the server that dies is replaced."""
    instance = InstanceConfig.from_environment()
    prepare()
    Granian(
        "webapp.web_server:create",
        factory=True,
        address=instance.bind,
        port=instance.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=processes(os.cpu_count() or 1),
        # Where both versions are accepted, a connection that says nothing at all is never ended.
        http=HTTPModes.auto if instance.has_http2 else HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS_MAX * 1000, max_buffer_size=HEAD_BYTES_MAX),
        backlog=BACKLOG,
        backpressure=CONNECTIONS_MAX,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=STOP_SECONDS_MAX,
        log_level=LogLevels.warning,
    ).serve()


def processes(cores: int) -> int:
    """How many processes serve: one for each two cores, since workers and PostgreSQL need the other.

    On two cores a second process costs a third more processor time for the same events: each gathers smaller batches.
    """
    return min(PROCESSES_MAX, max(1, cores // 2))


@cache
def prepare() -> WebApplication:
    """Build the application: once before the server forks, so that its processes share it; else in each of them."""
    settings = Settings.from_environment()
    logs.set_up()
    application = WebApplication(create_app(settings))
    application.watch_over(settings.data_dir / HEARTBEATS)
    gc.collect()
    gc.freeze()  # the collector would write to what the processes share
    return application


def create() -> WebApplication:
    """The application of one process of the server."""
    die_with_parent(os.getppid(), signal.SIGKILL)()
    open_files_max = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files_max, open_files_max))
    return prepare()
