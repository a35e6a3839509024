"""The pool: lends what works, rolls back what was not committed, and notices a server that is gone."""

import os
from dataclasses import replace

import psycopg
import pytest

from webapp import create_app
from webapp.store.system import connection
from webapp.store.system.connection import Pool, connect


def test_uncommitted_changes_are_rolled_back(postgres_url):
    with connect(postgres_url) as conn:
        conn.execute("INSERT INTO setting VALUES ('a', '1')")
    with connect(postgres_url) as conn:
        assert conn.execute("SELECT count(*) FROM setting").fetchone() == (0,)


def test_the_last_returned_connection_is_lent_next(postgres_url):
    with connect(postgres_url) as first:
        pass
    with connect(postgres_url) as second:
        assert second is first


def test_a_session_that_the_server_ended_is_never_lent_again(postgres_url, servers):
    with connect(postgres_url) as first:
        pid = first.info.backend_pid
    with psycopg.connect(servers.admin_url) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 2000)", (pid,))
    with connect(postgres_url) as second:
        assert second.execute("SELECT 1").fetchone() == (1,)


def test_an_absent_server_is_an_operational_error():
    with pytest.raises(psycopg.OperationalError), connect("postgresql://nobody@127.0.0.1:1/none"):
        pass


def test_a_process_opens_as_many_connections_as_its_settings_allow(settings, monkeypatch):
    monkeypatch.setattr(connection, "POOL_WAIT_SECONDS_MAX", 0.01)
    apart = f"{settings.database_url}{'&' if '?' in settings.database_url else '?'}keepalives=1"
    create_app(replace(settings, database_url=apart, pool_size=2))
    with connect(apart), connect(apart), pytest.raises(connection.PoolExhausted), connect(apart):
        pass
    connection.bound_pools(settings.pool_size)


@pytest.fixture
def only_one(postgres_url):
    pool = Pool(postgres_url, 1)
    yield pool
    pool.close(os.getpid())


def test_a_broken_connection_does_not_occupy_a_slot(only_one):
    for _ in range(3):
        with only_one.connection() as conn:
            conn.close()
    with only_one.connection() as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_waiting_too_long_for_a_connection_raises(only_one, monkeypatch):
    monkeypatch.setattr(connection, "POOL_WAIT_SECONDS_MAX", 0.01)
    with only_one.connection(), pytest.raises(connection.PoolExhausted), only_one.connection():
        pass


def test_every_session_is_bounded(conn):
    for name, value in connection.SESSION.items():
        row = conn.execute("SELECT current_setting(%s)", (name,)).fetchone()
        assert row is not None
        assert row[0].lower() == value.lower()


def test_the_run_time_role_can_neither_rewrite_history_nor_change_tables(conn):
    for statement in ("UPDATE entry SET type = ''", "DELETE FROM ledger", "DELETE FROM applied", "DROP TABLE inbox"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute(statement)
