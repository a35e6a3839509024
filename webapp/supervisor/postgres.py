"""The embedded PostgreSQL: its cluster, its settings, its roles and its addresses."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from webapp.runtime.secrets_file import secret
from webapp.store.system.connection import plain_url
from webapp.supervisor.account import Account
from webapp.supervisor.paths import Ground

RECOVERY_SECONDS_MAX = 600.0  # after a crash the server first replays its log
DATABASE = "laurel"
OWNER, RUN_TIME, ADMIN = "laurel_owner", "laurel_app", "laurel_admin"

# What keeps an acknowledged event safe stays as PostgreSQL ships it: fsync, full_page_writes, synchronous_commit.
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
UNSAFE_BUT_QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
UNSAFE_BUT_QUICK |= {"scram_iterations": "1"}


def make_cluster(ground: Ground, password: str) -> None:
    """Run initdb the first time; a half-made cluster is thrown away, a whole one is never touched."""
    if ground.cluster.exists():
        return
    fresh, key = ground.home / "cluster.new", ground.home / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    _write_for(ground.account, key, password)
    words = [str(ground.postgres_bin / "initdb"), f"--pgdata={fresh}", f"--username={ADMIN}", f"--pwfile={key}"]
    try:
        _run_as(ground.account, words + INITDB, ground.home)
    finally:
        key.unlink()
    fresh.rename(ground.cluster)


def _write_for(account: Account | None, file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    if account:
        os.chown(file, account.uid, account.gid)


def _run_as(account: Account | None, words: list[str], folder: Path) -> None:
    rights = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, **rights)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"PostgreSQL's initdb failed:\n{done.stdout}{done.stderr}")


def command(ground: Ground, *, is_quick: bool = False) -> list[str]:
    """The words that start the server. Its settings stand here, not in a file that an older version wrote."""
    settings = SETTINGS | {"unix_socket_directories": str(ground.sockets)} | (UNSAFE_BUT_QUICK if is_quick else {})
    words = [str(ground.postgres_bin / "postgres"), "-D", str(ground.cluster)]
    return words + [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def forget_dead_postmaster(ground: Ground) -> None:
    """Remove a pid file whose process is gone or is another program: after a crash the number may belong to anyone."""
    file = ground.cluster / "postmaster.pid"
    try:
        pid = int(file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if not is_postmaster(pid, ground.cluster):
        file.unlink(missing_ok=True)


def is_postmaster(pid: int, cluster: Path) -> bool:
    """Whether this process is alive and serves this cluster."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(cluster) in process.cmdline()
    except psutil.Error:
        return False


def address(ground: Ground, role: str, password: str, database: str = DATABASE) -> str:
    """A role's URL through the socket."""
    return f"postgresql://{role}:{quote(password)}@/{database}?host={quote(str(ground.sockets), safe='')}&port=5432"


def answers(url: str) -> bool:
    """Whether the server lets this role in now."""
    try:
        psycopg.connect(plain_url(url), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def provide(admin_url: str, data_dir: Path) -> None:
    """Make the two roles and the database, or set the roles right again; a second call changes nothing."""
    with psycopg.connect(admin_url, autocommit=True) as conn:
        for role in (OWNER, RUN_TIME):
            _provide_role(conn, role, secret(data_dir, role))
        if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            words = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            conn.execute(words)


def _provide_role(conn: psycopg.Connection, role: str, password: str) -> None:
    known = conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    words = "ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}"
    conn.execute(sql.SQL(words).format(sql.Identifier(role), sql.Literal(password)))
