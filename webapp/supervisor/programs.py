"""Every process of one Laurel: its role, its words, and how it ends."""

import os
import signal
import sys
from pathlib import Path

from webapp.config import Place, Servers
from webapp.supervisor import postgres, valkey
from webapp.supervisor.child import MARK, Program
from webapp.supervisor.paths import Ground

WEB_THREADS = 32
STREAMS_MAX = 15_000  # that one live server holds; each is a file to the system
PATIENCE_SECONDS, WORK_SECONDS_MAX = 6.0, 15.0  # of a stop; work in hand may be finished
PYTHON_NEVER_BUFFERS = {"PYTHONUNBUFFERED": "1"}


def environment(place: Place, servers: Servers, name: str) -> dict[str, str]:
    """What every child is told; the address that may change tables is not among it."""
    kept = {key: value for key, value in os.environ.items() if key != "LAUREL_OWNER_URL"}
    return (
        kept
        | PYTHON_NEVER_BUFFERS
        | {
            MARK: name,
            "LAUREL_DATA_DIR": str(place.data_dir),
            "LAUREL_PORT": str(place.port),
            "LAUREL_LIVE_PORT": str(place.live_port),
            "LAUREL_BIND": place.bind,
            "LAUREL_WORKERS": str(place.workers),
            "LAUREL_DATABASE_URL": servers.database_url,
            "LAUREL_QUEUE_URL": servers.queue_url,
            "LAUREL_CACHE_URL": servers.cache_url,
        }
    )


def server_programs(ground: Ground, logs: Path) -> dict[str, Program]:
    """The embedded servers. PostgreSQL ends by SIGINT: quickly, and with its files in order."""
    told = dict(os.environ) | {MARK: ground.name}
    database = Program(
        "postgres",
        postgres.command(ground),
        told,
        logs / "postgres.log",
        ground.account,
        stop_signal=signal.SIGINT,
        last_signal=signal.SIGINT,
        stop_seconds_max=60.0,
        before_start=lambda: postgres.forget_dead_postmaster(ground),
    )
    queue = Program("valkey", valkey.command(ground), told, logs / "valkey.log", ground.account)
    return {"postgres": database, "valkey": queue}


def own_programs(place: Place, told: dict[str, str], logs: Path) -> list[Program]:
    """Web, live, a worker for each lane of shards and of games, the slow worker, the beat: as they start."""
    python = [sys.executable, "-m"]

    def program(role: str, words: list[str], last_signal: signal.Signals = signal.SIGKILL, log: str = "") -> Program:
        seconds = WORK_SECONDS_MAX if role in {"worker", "beat"} else PATIENCE_SECONDS
        return Program(
            role, words, told, logs / f"{log or role}.log", last_signal=last_signal, stop_seconds_max=seconds
        )

    crowd = [f"--workers={max(2, os.cpu_count() or 1)}", f"--threads={WEB_THREADS}"]
    web = [*gunicorn("webapp.wsgi:app", place.bind, place.port), "--preload", "--worker-class=gthread", *crowd]
    streams = ["--worker-class=gevent", "--workers=1", f"--worker-connections={STREAMS_MAX}"]
    live = [*gunicorn("webapp.live_wsgi:app", place.bind, place.live_port), *streams]
    lanes = [
        program("worker", [*python, "webapp.workers.rq_workers", kind, str(lane)], log=f"worker-{kind}-{lane}")
        for kind in ("drain", "plays")
        for lane in range(place.workers)
    ]
    return [
        program("web", web, signal.SIGTERM),
        program("live", live, signal.SIGTERM),
        *lanes,
        program("worker", [*python, "webapp.workers.rq_workers", "slow"], log="worker-slow"),
        program("beat", [*python, "webapp.workers.beat"]),
    ]


def gunicorn(app: str, bind: str, port: int) -> list[str]:
    """What both gunicorns share: a short good-bye, no control socket, one line only for what goes wrong."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        app,
        f"--bind={bind}:{port}",
        "--graceful-timeout=4",
        "--keep-alive=30",
        "--no-control-socket",
        "--log-level=warning",
        "--timeout=60",
    ]


def demo_program(told: dict[str, str], logs: Path) -> Program:
    """The demo's import and trickle; it ends by itself when nothing is left to play."""
    return Program(
        "demo", [sys.executable, "-m", "webapp.services.demo.demo_events"], told, logs / "demo.log", may_end=True
    )
