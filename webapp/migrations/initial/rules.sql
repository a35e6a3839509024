-- Rules from the first draft to the rulebook that the drain applies, and what is recorded about them.

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

-- Append-only: an explanation of an old award shows the version that gave it.
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

-- Append-only. A rulebook is the set of versions that apply together; each applied entry names the one it met.
CREATE TABLE rulebook (
  number int PRIMARY KEY,
  members bigint[] NOT NULL,  -- rule_version.id
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Events may arrive before anybody has published a rule.
INSERT INTO rulebook (number, members) VALUES (0, '{}');

-- What goes with a version beside its document: the author's own tree, and why and by whom it was published.
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

-- A version that is to replace the live one at a moment in the future.
CREATE TABLE scheduled_publication (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  version int NOT NULL,
  base_version int NOT NULL,
  starts_at timestamptz NOT NULL,
  past text NOT NULL,  -- what publication does about events that were applied before
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

-- Free space in each page lets the many small saves of one draft stay on its page.
CREATE TABLE draft (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  kind text NOT NULL,
  document jsonb NOT NULL,
  tree jsonb NOT NULL,
  hash bytea NOT NULL,
  base_version int,
  step int NOT NULL DEFAULT 0,      -- the last one
  revision int NOT NULL DEFAULT 0,  -- grows with each save: a page that shows an older one must not overwrite it
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
  merge_key text,  -- typing in one field for a while is one step: steps with the same key are merged
  revision int NOT NULL DEFAULT 0,  -- of the draft after it
  reverses int,                     -- the step that this one took back: undo and redo are steps, too
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (draft, step)
);

-- By the key of the rule, which is open in the editor before it has a draft.
CREATE TABLE draft_presence (
  key text NOT NULL,
  operator text NOT NULL,
  node text,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (key, operator)
);

CREATE TABLE test_case (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  name text NOT NULL,
  given jsonb NOT NULL,
  expected boolean NOT NULL,
  verdict boolean,
  detail text,
  judged_hash bytea,  -- the hash of the document that `verdict` is about
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (key, name)
);

-- What is approved is exactly what was sent, whatever happens to the draft meanwhile.
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

-- Errors of a rule while the others of its rulebook went on.
CREATE TABLE rule_fault (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text NOT NULL,
  rule_version int NOT NULL,
  seq bigint NOT NULL,
  detail text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON rule_fault (rule, at);

-- Matches by the hour. One row for each shard, so that drains of different shards never wait for each other.
CREATE TABLE rule_activity (
  hour int NOT NULL,
  shard smallint NOT NULL,
  rule text NOT NULL,
  matches int NOT NULL CHECK (matches > 0),
  PRIMARY KEY (hour, shard, rule)
) WITH (fillfactor = 50);

-- Append-only: the id is the hash of the content, so a URL of a picture may be cached for ever.
CREATE TABLE badge_picture (
  id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
  kind text NOT NULL CHECK (kind IN ('image/png', 'image/webp')),
  body bytea NOT NULL CHECK (octet_length(body) <= 65536),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What real events carried: authors choose from it. `kinds` and `examples` are bounded by whoever writes them.
CREATE TABLE seen_property (
  type text NOT NULL,
  property text NOT NULL,
  kinds jsonb NOT NULL,
  examples jsonb NOT NULL,
  count bigint NOT NULL,
  last_seen timestamptz NOT NULL,
  PRIMARY KEY (type, property)
);
