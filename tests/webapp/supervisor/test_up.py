"""`laurel up` with real processes: whoever is killed comes back, and nothing is ever left behind."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from tests.running import RunningLaurel, free_port, running_laurel, wait_until
from webapp.config import read_servers_file
from webapp.supervisor import paths

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("supervisor")]
ROLES = ["web", "worker", "beat", "valkey", "postgres"]


@pytest.fixture(scope="module")
def laurel() -> Iterator[RunningLaurel]:
    """One Laurel for all tests here, started in an empty folder; each leaves it ready."""
    with running_laurel(workers=2, is_prepared=False, LAUREL_HANG_SECONDS="8") as running:
        yield running


@pytest.mark.parametrize("role", ROLES)
def test_a_killed_child_comes_back_and_laurel_serves_again(laurel, role):
    killed = laurel.kill(role)
    laurel.wait_until_replaced(role, killed)
    wait_until(laurel.is_ready, "not ready again", laurel.log)


def test_there_is_a_worker_for_each_lane_and_one_for_slow_jobs(laurel):
    assert len(laurel.pids("worker")) == 2 * laurel.workers + 1


def test_a_killed_web_server_leaves_no_orphan_on_its_port(laurel):
    orphans = psutil.Process(laurel.pids("web")[0]).children()
    laurel.wait_until_replaced("web", laurel.kill("web"))
    assert psutil.wait_procs(orphans, 20)[1] == []
    wait_until(laurel.is_ready, "not ready again", laurel.log)


def test_after_a_crash_it_starts_again_from_the_same_folder(laurel):
    before = laurel.processes()
    laurel.kill("supervisor")
    laurel.restart()
    assert laurel.is_ready()
    assert [p for p in before if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_a_second_laurel_from_the_same_folder_is_refused(laurel):
    done = laurel.laurel_process("up", "--no-demo")
    assert done.returncode != 0
    assert "already running" in done.stderr


def test_a_taken_port_is_refused_in_one_line_before_anything_starts(tmp_path):
    with socket.socket() as holder:
        port = free_port()
        holder.bind(("127.0.0.1", port))
        holder.listen()
        done = run("up", "--no-demo", "--port", str(port), "--data-dir", str(tmp_path / "data"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"port {port}" in done.stderr
    assert not (tmp_path / "data" / "log" / "postgres.log").exists()


def run(*words):
    command = [sys.executable, "-m", "webapp.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_clean_stop_leaves_no_process_and_the_data_stays(laurel_up, how):
    laurel = laurel_up(workers=1)
    laurel.laurel("operator", "new", "ada@example.org", "--role", "viewer")
    before = laurel.processes()
    assert laurel.stop(how) == 0
    assert [p for p in before if p.is_running()] == laurel.processes() == []
    laurel.restart()
    assert ask(laurel, "SELECT count(*) FROM operator WHERE email = 'ada@example.org'") == (1,)


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_the_database_is_as_safe_as_postgres_ships_it(laurel, name):
    assert ask(laurel, f"SELECT current_setting('{name}')") == ("on",)


def test_laurel_runs_without_a_superusers_rights(laurel):
    rights = "rolsuper, rolcreatedb, rolcreaterole, rolbypassrls"
    assert ask(laurel, f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") == (False,) * 4


def ask(laurel, question):
    with psycopg.connect(read_servers_file(laurel.data_dir)["database_url"]) as conn:
        return conn.execute(question).fetchone()


def test_secrets_and_sockets_are_for_their_owner_alone(laurel):
    sockets = paths.home_of(laurel.data_dir) / "s"
    assert sockets.stat().st_mode & 0o077 == 0
    assert (laurel.data_dir / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_web_server_that_hangs_is_replaced_and_laurel_serves_again(laurel):
    server = laurel.pids("web")[0]
    for process in [psutil.Process(server), *psutil.Process(server).children()]:
        process.suspend()
    laurel.wait_until_replaced("web", server)
    wait_until(laurel.is_ready, "not ready again", laurel.log)


def test_one_process_of_the_web_server_that_hangs_is_replaced_alone(laurel):
    wait_until(laurel.is_ready, "not ready", laurel.log)
    server = psutil.Process(laurel.pids("web")[0])
    hanging = server.children()[0]
    hanging.suspend()
    wait_until(lambda: server.children() and hanging not in server.children(), "it still hangs", laurel.log)
    assert laurel.pids("web") == [server.pid]
    wait_until(laurel.is_ready, "not ready again", laurel.log)


def test_the_port_of_streams_of_earlier_versions_is_ignored_with_a_notice(tmp_path, monkeypatch):
    monkeypatch.setenv("LAUREL_LIVE_PORT", "8001")
    with running_laurel(workers=1) as running:
        assert "LAUREL_LIVE_PORT is ignored" in running.log.read_text()
