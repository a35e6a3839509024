"""An upgrade makes the tables once and the functions every time; a database that it does not know it leaves alone."""

import psycopg
import pytest

from webapp import migrations
from webapp.commands import status
from webapp.store.system import monitoring
from webapp.store.system.sql_functions import recreate_functions
from webapp.supervisor import prepare

FUNCTION = "SELECT pg_get_function_arguments(oid) FROM pg_proc WHERE proname = 'erase_log_entries'"


def revise(owner_conn, revision):
    owner_conn.execute("UPDATE alembic_version SET version_num = %s", (revision,))
    owner_conn.commit()


def test_a_second_upgrade_leaves_everything_as_it_is(settings, conn):
    migrations.upgrade(settings.owner_url)
    assert conn.execute("SELECT count(*) FROM shard").fetchone() == (64,)


SHAPE = """
SELECT table_name, column_name || ' ' || data_type FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
UNION ALL SELECT relname, reloptions::text FROM pg_class WHERE reloptions IS NOT NULL
ORDER BY 1, 2
"""
BACK_TO_THE_FIRST_SHAPE = """
ALTER TABLE operator ADD COLUMN failed_sign_ins int NOT NULL DEFAULT 0, ADD COLUMN locked_until timestamptz;
ALTER TABLE coupon DROP COLUMN good_until;
ALTER TABLE coupon_upload DROP COLUMN layout;
ALTER TABLE coupon_upload_line DROP COLUMN good_until;
ALTER TABLE play ADD FOREIGN KEY (app_id) REFERENCES app, ADD FOREIGN KEY (game) REFERENCES game;
ALTER TABLE play SET (fillfactor = 70);
CREATE INDEX ON play (player, game);
CREATE INDEX ON play (game, decided_at) WHERE status = 'won';
CREATE INDEX ON game_log (play) WHERE play IS NOT NULL;
ALTER TABLE applied ADD FOREIGN KEY (rulebook) REFERENCES rulebook;
DROP INDEX game_log_game_n_idx;
ALTER TABLE applied DROP COLUMN gives;
ALTER TABLE draft_step DROP COLUMN revision, DROP COLUMN reverses;
ALTER TABLE draft_presence DROP COLUMN key, ADD COLUMN draft bigint NOT NULL REFERENCES draft ON DELETE CASCADE,
  ADD PRIMARY KEY (draft, operator);
"""


def test_a_database_of_the_first_revision_gets_the_shape_of_a_new_one(settings, owner_conn):
    new = owner_conn.execute(SHAPE).fetchall()
    owner_conn.execute(BACK_TO_THE_FIRST_SHAPE)
    assert owner_conn.execute(SHAPE).fetchall() != new
    revise(owner_conn, "0001_initial")
    migrations.upgrade(settings.owner_url)
    assert owner_conn.execute(SHAPE).fetchall() == new


@pytest.mark.parametrize("revision", ["0001", "0016"])
def test_a_database_from_before_the_first_release_is_refused_with_a_way_out(settings, owner_conn, revision):
    revise(owner_conn, revision)
    with pytest.raises(migrations.UnknownRevision, match=r"before 0\.1.*empty data folder"):
        migrations.upgrade(settings.owner_url)


def test_a_database_of_a_newer_version_is_refused_as_such(settings, owner_conn):
    revise(owner_conn, "0999_from_the_future")
    with pytest.raises(migrations.UnknownRevision, match="newer version"):
        migrations.upgrade(settings.owner_url)


def test_a_refused_upgrade_says_so_without_a_traceback(settings, owner_conn, monkeypatch):
    revise(owner_conn, "0016")
    monkeypatch.setenv("LAUREL_OWNER_URL", settings.owner_url)
    monkeypatch.setattr("webapp.config.Settings.from_environment", lambda: settings)
    with pytest.raises(SystemExit, match=r"before 0\.1"):
        prepare.main([])


def test_an_owner_who_may_not_make_tables_is_one_clear_line(settings, owner_conn, monkeypatch):
    owner_conn.execute("DROP TABLE alembic_version")
    owner_conn.commit()
    monkeypatch.setenv("LAUREL_OWNER_URL", settings.database_url)
    monkeypatch.setattr("webapp.config.Settings.from_environment", lambda: settings)
    with pytest.raises(SystemExit, match=r"\ALAUREL_OWNER_URL: the tables cannot be made or changed: .*\Z"):
        prepare.main([])


def test_a_role_that_may_rewrite_history_is_told_of(settings, conn, owner_conn, capsys):
    assert monitoring.is_history_protected(conn)
    assert not monitoring.is_history_protected(owner_conn)
    prepare.warn_of_unprotected_history(owner_conn)
    prepare.warn_of_unprotected_history(conn)
    assert capsys.readouterr().err.count("rewriting events, ledger and audit log") == 1
    assert "may rewrite history" in status.postgres_line("18", is_protected=False)


def test_a_function_with_other_parameters_is_replaced(owner_conn):
    owner_conn.execute(
        "DROP FUNCTION erase_log_entries; CREATE FUNCTION erase_log_entries(x text, y int) RETURNS int RETURN 1"
    )
    recreate_functions(owner_conn)
    assert owner_conn.execute(FUNCTION).fetchall() == [("player_number bigint",)]


def test_the_run_time_role_may_call_what_was_created_anew(owner_conn, conn):
    recreate_functions(owner_conn)
    owner_conn.commit()
    conn.execute("SELECT erase_log_entries(1)")


@pytest.mark.parametrize("change", ["UPDATE {} SET type = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_history_cannot_be_rewritten_through_a_partition(conn, change):
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'entry'::regclass"
    (partition,) = conn.execute(query).fetchone()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(change.format(partition))


def test_nobody_else_may_empty_entries(owner_conn):
    allowed = "SELECT has_function_privilege('pg_monitor', 'erase_log_entries(bigint)', 'EXECUTE')"
    assert owner_conn.execute(allowed).fetchone() == (False,)


def test_the_run_time_role_cannot_claim_another_revision(conn):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("UPDATE alembic_version SET version_num = 'x'")
