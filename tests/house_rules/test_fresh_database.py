"""Each test begins with the database that the migrations left: the quick way there is as good as a new copy."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.database import DATABASE, LARGE_BYTES, TEMPLATE
from tests.servers import Servers

# One value for each type of column that has no default; a table whose constraints refuse them stays empty.
VALUES = {
    "bigint": "7",
    "integer": "7",
    "smallint": "7",
    "text": "'x'",
    "character varying": "'x'",
    "character": "'x'",
    "uuid": "gen_random_uuid()",
    "integer[]": "'{7}'",
    "smallint[]": "'{7}'",
    "bytea": "'x'",
    "double precision": "7",
    "numeric": "7",
    "boolean": "true",
    "jsonb": "'{}'",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "text[]": "'{x}'",
    "bigint[]": "'{7}'",
}
COLUMNS = """
SELECT attrelid::regclass::text, array_agg(attname::text), array_agg(format_type(atttypid, NULL))
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND attnum > 0 AND NOT attisdropped AND NOT atthasdef AND attidentity = ''
GROUP BY attrelid ORDER BY 1
"""
RELATIONS = """
SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = %s ORDER BY 1
"""
SCHEMA = """
SELECT relname::text, concat(relkind, relacl, reloptions) FROM pg_class
WHERE relnamespace = 'public'::regnamespace
UNION SELECT concat(attrelid::regclass, ' ', attname), concat(atttypid, attnotnull, atthasdef, attacl)
FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace
UNION SELECT concat(conrelid::regclass, ' ', conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION SELECT concat(tgrelid::regclass, ' ', tgtype, tgfoid::regproc, tgconstrrelid::regclass, tgqual), tgenabled::text
FROM pg_trigger WHERE tgrelid >= 16384
UNION SELECT proname::text, concat(prosrc, proacl, proconfig)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2
"""
CHANGES = {
    "a partition more": "SELECT make_log_partitions(9)",
    "a table more": "CREATE TABLE more (number int)",
    "a constraint less": "ALTER TABLE event_key DROP CONSTRAINT event_key_pkey",
    "a right more": "GRANT DELETE ON ledger TO laurel_app",
    "another function": "CREATE OR REPLACE FUNCTION erase_log_entries(player_number bigint)"
    " RETURNS void LANGUAGE sql AS ''",
    "a silent trigger": "ALTER TABLE coupon DISABLE TRIGGER ALL",
    "a default less": "ALTER TABLE applied ALTER applied_at DROP DEFAULT",
    "a setting": "ALTER DATABASE laurel_test SET work_mem = '1MB'",
}


def rows(conn: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """Every row of every table, and where each sequence stands."""
    tables = [name for (name,) in conn.execute(RELATIONS, ["r"])]
    sequences = [name for (name,) in conn.execute(RELATIONS, ["S"])]
    rows_of_tables = {name: conn.execute(f"SELECT t::text FROM {name} AS t ORDER BY 1").fetchall() for name in tables}
    return rows_of_tables | {
        name: conn.execute(f"SELECT last_value, is_called FROM {name}").fetchall() for name in sequences
    }


def schema(conn: psycopg.Connection[Any]) -> list[Any]:
    return conn.execute(SCHEMA).fetchall()


@dataclass(frozen=True)
class AsMigrated:
    rows: dict[str, list[Any]]
    schema: list[Any]


@pytest.fixture(scope="module")
def as_migrated(servers: Servers) -> AsMigrated:
    with psycopg.connect(servers.admin_url, dbname=TEMPLATE) as conn:
        return AsMigrated(rows(conn), schema(conn))


@pytest.fixture
def dirty(servers: Servers) -> Iterator[psycopg.Connection[Any]]:
    """An administrator's connection to the database that the last test left."""
    servers.renew()
    with psycopg.connect(servers.admin_url, dbname=DATABASE, autocommit=True) as connection:
        yield connection


def fill(conn: psycopg.Connection[Any]) -> int:
    """Insert a row into every table that accepts one; give how many did."""
    conn.execute("SET session_replication_role = replica")
    filled = 0
    for table, columns, types in conn.execute(COLUMNS).fetchall():
        values = ", ".join(VALUES[kind] for kind in types)
        with suppress(psycopg.errors.IntegrityError):
            conn.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})")
            filled += 1
    return filled


def test_every_row_and_every_sequence_is_as_migrated(dirty, as_migrated, servers):
    assert fill(dirty) >= 35
    dirty.execute("DELETE FROM shard WHERE number > 7")
    dirty.execute("SELECT nextval(oid::regclass) FROM pg_class WHERE relkind = 'S'")
    servers.renew()
    assert rows(dirty) == as_migrated.rows


def test_a_table_that_grew_is_as_small_as_before(dirty, as_migrated, servers):
    dirty.execute("INSERT INTO rulebook (number, members) SELECT n, '{}' FROM generate_series(1, 9000) AS n")
    servers.renew()
    assert rows(dirty) == as_migrated.rows
    assert dirty.execute("SELECT pg_table_size('rulebook')").fetchone() < (LARGE_BYTES,)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_schema_is_created_anew(dirty, as_migrated, servers, change):
    dirty.execute(change)
    servers.renew()
    with psycopg.connect(servers.admin_url, dbname=DATABASE) as conn:
        assert rows(conn) == as_migrated.rows
        assert schema(conn) == as_migrated.schema
        assert conn.execute("SELECT count(*) FROM pg_db_role_setting").fetchone() == (0,)


def test_a_session_in_the_middle_of_a_transaction_is_ended(dirty, servers):
    with closing(psycopg.connect(servers.database_url)) as busy:
        busy.execute("INSERT INTO setting VALUES ('a', '1')")
        servers.renew()
        with pytest.raises(psycopg.OperationalError):
            busy.execute("SELECT 1")


def test_a_session_that_holds_a_lock_is_ended_and_an_idle_one_is_not(dirty, servers):
    with (
        closing(psycopg.connect(servers.database_url, autocommit=True)) as holder,
        closing(psycopg.connect(servers.database_url, autocommit=True)) as idle,
    ):
        holder.execute("SELECT pg_advisory_lock(1)")
        idle.execute("SELECT 1")
        servers.renew()
        assert idle.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)


def test_a_staged_world_is_what_was_built_and_leaves_nothing_behind(dirty, as_migrated, servers):
    def build():
        fill(dirty)
        dirty.execute("DELETE FROM shard WHERE number > 7")
        dirty.execute("SELECT nextval(oid::regclass) FROM pg_class WHERE relkind = 'S'")
        servers.valkey.zadd("board", {"ada": 3})
        servers.valkey_cache.set("name", "ada")

    def rebuild():
        raise AssertionError("it was built already")

    servers.stage("test_of_staging", build)
    world = rows(dirty)
    servers.renew()
    assert rows(dirty) == as_migrated.rows
    assert servers.valkey_cache.get("name") is None
    servers.stage("test_of_staging", rebuild)
    assert rows(dirty) == world
    assert servers.valkey.zrange("board", 0, -1, withscores=True) == [(b"ada", 3)]
    assert servers.valkey_cache.get("name") == b"ada"


def test_a_state_is_forgotten_with_the_schema_that_it_was_saved_of(dirty, servers):
    servers.database.save("test_of_forgetting")
    dirty.execute("ALTER TABLE coupon DISABLE TRIGGER ALL")
    assert not servers.database.restore("test_of_forgetting")
