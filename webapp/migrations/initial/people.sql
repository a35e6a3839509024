-- People who sign in, apps with their API keys, and the record of who changed what.

CREATE TABLE operator (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'author', 'publisher', 'admin')),
  password_hash text,  -- null until the first sign-in link is used
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  disabled_at timestamptz
);

-- Links and sessions hold only hashes: whoever reads a backup cannot sign in with it.
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
-- Laurel's own entries in the log (`laurel.*`) need a source too, whose event ids cannot collide with anybody's.
INSERT INTO app (key, name) VALUES ('default', 'Default'), ('laurel', 'Laurel itself');

CREATE TABLE api_key (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app_id int NOT NULL REFERENCES app,
  name text NOT NULL,
  prefix text NOT NULL,  -- the part that people recognise a key by; the secret itself is shown once
  secret_hash bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- Append-only. `subject` and `actor` are plain text, so that an entry outlives what it is about.
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
