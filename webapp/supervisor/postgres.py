"""The embedded PostgreSQL: its cluster, settings, roles and URLs."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from webapp.runtime.secrets_file import secret
from webapp.store.system import provisioning
from webapp.store.system.connection import plain_url
from webapp.supervisor.os_account import Account
from webapp.supervisor.paths import InstallationPaths

RECOVERY_SECONDS_MAX = 600.0  # after a crash the server first replays its write-ahead log
DATABASE = "laurel"
OWNER, RUN_TIME, ADMIN = "laurel_owner", "laurel_app", "laurel_admin"

# The settings that keep an acknowledged event safe stay at their defaults: fsync, full_page_writes, synchronous_commit.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "wal_compression": "pglz",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "jit": "off",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "15s",
    "password_encryption": "scram-sha-256",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
INITDB = [
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
]
UNSAFE_BUT_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
UNSAFE_BUT_FAST |= {"scram_iterations": "1"}


def make_cluster(paths: InstallationPaths, password: str) -> None:
    """Run initdb the first time; an incomplete cluster is discarded, a complete one is never touched."""
    if paths.cluster.exists():
        return
    fresh, key = paths.home / "cluster.new", paths.home / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    _write_private(paths.account, key, password)
    arguments = [str(paths.postgres_bin / "initdb"), f"--pgdata={fresh}", f"--username={ADMIN}", f"--pwfile={key}"]
    try:
        _run_as(paths.account, arguments + INITDB, paths.home)
    finally:
        key.unlink()
    fresh.rename(paths.cluster)


def _write_private(account: Account | None, file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    if account:
        os.chown(file, account.uid, account.gid)


def _run_as(account: Account | None, arguments: list[str], folder: Path) -> None:
    credentials = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    result = subprocess.run(  # type: ignore[call-overload]
        arguments, cwd=folder, capture_output=True, text=True, check=False, **credentials
    )
    if result.returncode:
        raise SystemExit(f"PostgreSQL's initdb failed:\n{result.stdout}{result.stderr}")


def command(paths: InstallationPaths, *, is_quick: bool = False) -> list[str]:
    """The command line of the server. Settings are passed here, not in a file that an older version wrote."""
    settings = SETTINGS | {"unix_socket_directories": str(paths.sockets)} | (UNSAFE_BUT_FAST if is_quick else {})
    arguments = [str(paths.postgres_bin / "postgres"), "-D", str(paths.cluster)]
    return arguments + [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def forget_dead_postmaster(paths: InstallationPaths) -> None:
    """Remove a pid file whose process is gone or is another program: after a crash the pid may have been reused."""
    file = paths.cluster / "postmaster.pid"
    try:
        pid = int(file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if not is_postmaster(pid, paths.cluster):
        file.unlink(missing_ok=True)


def is_postmaster(pid: int, cluster: Path) -> bool:
    """Whether this process is alive and is the server of this cluster."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(cluster) in process.cmdline()
    except psutil.Error:
        return False


def connection_url(paths: InstallationPaths, role: str, password: str, database: str = DATABASE) -> str:
    """The URL for a role through the socket."""
    return f"postgresql://{role}:{quote(password)}@/{database}?host={quote(str(paths.sockets), safe='')}&port=5432"


def is_reachable(url: str) -> bool:
    """Whether the server accepts a connection now."""
    try:
        psycopg.connect(plain_url(url), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def provision(admin_url: str, data_dir: Path) -> None:
    """Create the two roles and the database, or reset the passwords of the roles; a second call changes nothing."""
    with psycopg.connect(admin_url, autocommit=True) as conn:
        for role in (OWNER, RUN_TIME):
            provisioning.ensure_role(conn, role, secret(data_dir, role))
        provisioning.ensure_database(conn, DATABASE, OWNER)
