"""How often each rule matched, hour by hour: what the list of rules draws."""

from alembic import op

revision = "0016"
down_revision = "0015"

# One row of each shard, so that drains of different shards never wait for each other.
HOURS = """
CREATE TABLE rule_hour (
  hour int NOT NULL,
  shard smallint NOT NULL,
  rule text NOT NULL,
  matches int NOT NULL CHECK (matches > 0),
  PRIMARY KEY (hour, shard, rule)
) WITH (fillfactor = 50);
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON rule_hour TO laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(HOURS)
