"""Every process of an installation: its role, its command line, and how it is stopped."""

import os
import signal
import sys
from pathlib import Path

from webapp.config import InstanceConfig, ServerUrls
from webapp.supervisor import postgres, valkey
from webapp.supervisor.child import INSTALLATION_VARIABLE, Program
from webapp.supervisor.paths import InstallationPaths

STOP_SECONDS_MAX, WORK_SECONDS_MAX = 6.0, 15.0  # to stop; a worker may finish the work in hand
WEB_SERVER, RQ_WORKERS, BEAT = "webapp.web_server", "webapp.workers.rq_workers", "webapp.workers.beat"
FORKED_MODULES = (WEB_SERVER, RQ_WORKERS, BEAT)
UNBUFFERED_PYTHON = {"PYTHONUNBUFFERED": "1"}


def environment_of_children(instance: InstanceConfig, urls: ServerUrls, name: str) -> dict[str, str]:
    """The environment of every child; the URL that may alter tables is not in it."""
    inherited = {key: value for key, value in os.environ.items() if key != "LAUREL_OWNER_URL"}
    return (
        inherited
        | UNBUFFERED_PYTHON
        | {
            INSTALLATION_VARIABLE: name,
            "LAUREL_DATA_DIR": str(instance.data_dir),
            "LAUREL_PORT": str(instance.port),
            "LAUREL_BIND": instance.bind,
            "LAUREL_WORKERS": str(instance.workers),
            "LAUREL_DATABASE_URL": urls.database_url,
            "LAUREL_QUEUE_URL": urls.queue_url,
            "LAUREL_CACHE_URL": urls.cache_url,
        }
    )


def server_programs(paths: InstallationPaths, logs: Path) -> dict[str, Program]:
    """The embedded servers. SIGINT stops PostgreSQL quickly and cleanly."""
    environment = dict(os.environ) | {INSTALLATION_VARIABLE: paths.name}
    database = Program(
        "postgres",
        postgres.command(paths),
        environment,
        logs / "postgres.log",
        paths.account,
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        stop_seconds_max=60.0,
        before_start=lambda: postgres.forget_dead_postmaster(paths),
    )
    queue = Program("valkey", valkey.command(paths), environment, logs / "valkey.log", paths.account)
    return {"postgres": database, "valkey": queue}


def laurel_programs(instance: InstanceConfig, environment: dict[str, str], logs: Path) -> list[Program]:
    """The web server, the workers of the lanes, the slow worker and the beat; in the order they start."""
    web = Program(
        "web",
        [],
        environment,
        logs / "web.log",
        death_signal=signal.SIGTERM,
        stop_seconds_max=STOP_SECONDS_MAX,
        module=WEB_SERVER,
    )

    def forked(role: str, module: str, *arguments: str) -> Program:
        log = logs / f"{'-'.join((role, *arguments))}.log"
        return Program(role, list(arguments), environment, log, stop_seconds_max=WORK_SECONDS_MAX, module=module)

    lanes = [
        forked("worker", RQ_WORKERS, kind, str(lane)) for kind in ("drain", "plays") for lane in range(instance.workers)
    ]
    return [web, *lanes, forked("worker", RQ_WORKERS, "slow"), forked("beat", BEAT)]


def demo_program(environment: dict[str, str], logs: Path) -> Program:
    """The demo's import and stream; it ends by itself when nothing is left to replay."""
    return Program(
        "demo",
        [sys.executable, "-m", "webapp.services.demo.demo_events"],
        environment,
        logs / "demo.log",
        may_end=True,
    )
