"""Publications with a date: a version that is to take over from the live one then."""

from alembic import op

revision = "0015"
down_revision = "0014"

SCHEDULED = """
CREATE TABLE scheduled_publication (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  version int NOT NULL,
  base_version int NOT NULL,
  starts_at timestamptz NOT NULL,
  past text NOT NULL,
  approved_by text NOT NULL,
  approved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'done', 'replaced', 'withdrawn')),
  tried_at timestamptz,
  obstacle text,
  ended_by text,
  ended_at timestamptz,
  FOREIGN KEY (key, version) REFERENCES rule_version (key, version),
  CHECK ((status = 'waiting') = (ended_at IS NULL))
);
-- A rule has one next version at most.
CREATE UNIQUE INDEX ON scheduled_publication (key) WHERE status = 'waiting';
CREATE INDEX ON scheduled_publication (starts_at) WHERE status = 'waiting';
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT SELECT, INSERT, UPDATE ON scheduled_publication TO laurel_app;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(SCHEDULED)
