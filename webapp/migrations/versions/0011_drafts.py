"""Drafts with their steps, who is in them, test cases, what was sent for approval, and what is told of versions."""

from alembic import op

revision = "0011"
down_revision = "0010"

DRAFTS = """
CREATE TABLE draft (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  kind text NOT NULL,
  document jsonb NOT NULL,
  tree jsonb NOT NULL,
  hash bytea NOT NULL,
  base_version int,
  step int NOT NULL DEFAULT 0,
  revision int NOT NULL DEFAULT 0,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 60);
CREATE TABLE draft_step (
  draft bigint NOT NULL REFERENCES draft ON DELETE CASCADE,
  step int NOT NULL,
  document jsonb NOT NULL,
  tree jsonb NOT NULL,
  hash bytea NOT NULL,
  label text NOT NULL,
  merge_key text,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (draft, step)
);
CREATE TABLE draft_presence (
  draft bigint NOT NULL REFERENCES draft ON DELETE CASCADE,
  operator text NOT NULL,
  node text,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (draft, operator)
);
"""

REVIEW = """
CREATE TABLE test_case (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  name text NOT NULL,
  given jsonb NOT NULL,
  expected boolean NOT NULL,
  verdict boolean,
  detail text,
  judged bytea,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (key, name)
);
CREATE TABLE submission (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  base_version int,
  hash bytea NOT NULL,
  document jsonb NOT NULL,
  tree jsonb NOT NULL,
  comment text NOT NULL,
  past text NOT NULL,
  sent_by text NOT NULL,
  sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  decision text CHECK (decision IN ('approved', 'returned', 'withdrawn')),
  decided_by text,
  decided_at timestamptz,
  reply text,
  CHECK ((decision IS NULL) = (decided_by IS NULL))
);
CREATE INDEX ON submission (key, id);
CREATE UNIQUE INDEX ON submission (key) WHERE decision IS NULL;
CREATE TABLE version_note (
  key text NOT NULL,
  version int NOT NULL,
  tree jsonb,
  comment text NOT NULL,
  sent_by text NOT NULL,
  approved_by text NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (key, version),
  FOREIGN KEY (key, version) REFERENCES rule_version (key, version)
);
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON draft, draft_step, draft_presence, test_case TO laurel_app;
    GRANT SELECT, INSERT, UPDATE ON submission, version_note TO laurel_app;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    for statements in (DRAFTS, REVIEW):
        op.execute(statements)
