"""Pictures of badges that authors upload; a picture's name is the hash of what it holds, so it never changes."""

from alembic import op

revision = "0014"
down_revision = "0013"

PICTURES = """
CREATE TABLE picture (
  id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
  kind text NOT NULL CHECK (kind IN ('image/png', 'image/webp')),
  body bytea NOT NULL CHECK (octet_length(body) <= 65536),
  made_by text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT SELECT, INSERT ON picture TO laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(PICTURES)
