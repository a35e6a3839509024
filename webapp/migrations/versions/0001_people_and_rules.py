"""Operators, apps, keys, the audit log, rules and what jobs need."""

from alembic import op

revision = "0001"
down_revision = None

PEOPLE = """
CREATE TABLE operator (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'author', 'publisher', 'admin')),
  password_hash text,
  failed_sign_ins int NOT NULL DEFAULT 0,
  locked_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  disabled_at timestamptz
);
CREATE TABLE sign_in_link (
  token_hash bytea PRIMARY KEY,
  operator_id bigint NOT NULL REFERENCES operator,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE TABLE operator_session (
  token_hash bytea PRIMARY KEY,
  operator_id bigint NOT NULL REFERENCES operator,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  user_agent text NOT NULL DEFAULT ''
);
CREATE INDEX ON operator_session (operator_id);
CREATE TABLE app (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO app (key, name) VALUES ('default', 'Default'), ('laurel', 'Laurel itself');
CREATE TABLE api_key (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app_id int NOT NULL REFERENCES app,
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE TABLE audit_entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  before jsonb,
  after jsonb
);
CREATE INDEX ON audit_entry (subject, id);
"""

RULES = """
CREATE TABLE rule (
  key text PRIMARY KEY,
  kind text NOT NULL,
  name text NOT NULL,
  status text NOT NULL CHECK (status IN ('draft', 'counting', 'live', 'paused', 'archived')),
  live_version int,
  latest_version int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_by text NOT NULL
);
CREATE TABLE rule_version (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL REFERENCES rule,
  version int NOT NULL,
  document jsonb NOT NULL,
  hash bytea NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (key, version)
);
CREATE TABLE rulebook (
  number int PRIMARY KEY,
  members bigint[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO rulebook (number, members) VALUES (0, '{}');
CREATE TABLE rule_fault (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text NOT NULL,
  rule_version int NOT NULL,
  seq bigint NOT NULL,
  detail text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON rule_fault (rule, at);
CREATE TABLE event_type_seen (
  type text NOT NULL,
  property text NOT NULL,
  kinds jsonb NOT NULL,
  examples jsonb NOT NULL,
  count bigint NOT NULL,
  last_seen timestamptz NOT NULL,
  PRIMARY KEY (type, property)
);
"""

WORK = """
CREATE TABLE job (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  params jsonb NOT NULL DEFAULT '{}',
  progress bigint NOT NULL DEFAULT 0,
  total bigint,
  result jsonb,
  detail text,
  lease_until timestamptz,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
CREATE INDEX ON job (status, lease_until);
CREATE TABLE lease (name text PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL);
CREATE TABLE setting (key text PRIMARY KEY, value jsonb NOT NULL);
"""


def upgrade() -> None:
    for statements in (PEOPLE, RULES, WORK):
        op.execute(statements)
