"""The role that Laurel runs under: it may neither change the tables' shape nor rewrite history."""

from alembic import op

revision = "0003"
down_revision = "0002"

APPEND_ONLY = ("audit_entry", "ledger", "applied", "entry", "rule_version", "rulebook", "completion")
PARTITIONS = """
CREATE FUNCTION make_log_partitions(months int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE first date; made int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(421);
  FOR i IN -1..months LOOP
    first := (date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + make_interval(months => i))::date;
    IF to_regclass('entry_' || to_char(first, 'YYYYMM')) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF entry FOR VALUES FROM (%L) TO (%L)',
                     'entry_' || to_char(first, 'YYYYMM'), first, (first + interval '1 month')::date);
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END $$;
"""
FORGET = """
CREATE FUNCTION forget_player(who bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  UPDATE entry SET payload = '{}', profile = NULL, event_id = '' WHERE player = who;
$$;
"""
ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    CREATE ROLE laurel_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
END $$;
"""
GRANTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT USAGE ON SCHEMA public TO laurel_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO laurel_app;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO laurel_app;
    GRANT EXECUTE ON FUNCTION make_log_partitions(int), forget_player(bigint) TO laurel_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON {tables} FROM laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    for statement in (PARTITIONS, FORGET, "SELECT make_log_partitions(3)", ROLE):
        op.execute(statement)
    op.execute(GRANTS.format(tables=", ".join(APPEND_ONLY)))
