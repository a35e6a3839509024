"""Files of coupon codes on their way into a pool: read into a staging table, looked at, then taken or thrown away."""

from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = """
CREATE TABLE coupon_upload (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool bigint NOT NULL REFERENCES pool,
  name text NOT NULL,
  content bytea,
  status text NOT NULL DEFAULT 'reading'
    CHECK (status IN ('reading', 'ready', 'taking', 'taken', 'discarded', 'failed')),
  job uuid,
  lines bigint NOT NULL DEFAULT 0,
  good bigint NOT NULL DEFAULT 0,
  added bigint NOT NULL DEFAULT 0,
  detail text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON coupon_upload (pool, id DESC);
CREATE TABLE coupon_upload_line (
  upload bigint NOT NULL REFERENCES coupon_upload ON DELETE CASCADE,
  line int NOT NULL,
  code text NOT NULL,
  problem text,
  PRIMARY KEY (upload, line)
);
CREATE INDEX ON coupon_upload_line (upload, line) WHERE problem IS NOT NULL;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT SELECT, INSERT, UPDATE ON coupon_upload TO laurel_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON coupon_upload_line TO laurel_app;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(TABLES)
