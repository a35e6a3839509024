-- Players, what they were awarded, and the standings they end up in.

-- `state` is one document, written at each drain: free space keeps the update on its page. An erased player keeps the
-- number, which the log and the ledger refer to, and loses the id.
CREATE TABLE player (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text UNIQUE,
  shard smallint NOT NULL,
  state bytea,
  version int NOT NULL DEFAULT 0,
  due_at timestamptz,  -- when time alone changes the player next
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  erased_at timestamptz,
  flag text
) WITH (fillfactor = 80);
CREATE INDEX ON player (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ON player (id text_pattern_ops);  -- search by the start of an id
-- Not every build of Postgres knows lz4 (the embedded one does not); its own method serves there.
DO $$ BEGIN
  ALTER TABLE player ALTER COLUMN state SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;

-- What is too large for `state` and is read only on demand: keys that count once, and counters of older days.
CREATE TABLE player_set_member (
  player bigint,
  set text,
  hash bytea,
  PRIMARY KEY (player, set, hash)
);

CREATE TABLE player_series (
  player bigint,
  series text,
  bucket int,
  value jsonb NOT NULL,
  PRIMARY KEY (player, series, bucket)
);
CREATE INDEX ON player_series (series, bucket) WHERE series LIKE 'b:%';  -- the scores of a leaderboard

-- A player's whole state after n entries, taken as given by whoever recomputes what came later.
CREATE TABLE checkpoint (
  shard smallint NOT NULL,
  player bigint NOT NULL,
  n bigint NOT NULL,
  reason text NOT NULL,
  engine_version text NOT NULL,
  state bytea,
  memory bytea,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (player, n)
);
CREATE INDEX ON checkpoint (shard);

-- Append-only; the newest line of a currency holds its balance, and no balance is ever negative.
CREATE TABLE ledger (
  shard smallint NOT NULL,
  n bigint NOT NULL,
  line smallint NOT NULL,
  player bigint NOT NULL,
  currency text NOT NULL CHECK (currency IN ('xp', 'coins')),
  amount bigint NOT NULL CHECK (amount <> 0),
  balance bigint NOT NULL CHECK (balance >= 0),
  rule text NOT NULL,
  rule_version int,
  reason text,
  at timestamptz NOT NULL,
  PRIMARY KEY (shard, n, line)
);
CREATE INDEX ON ledger (player, n);

CREATE TABLE badge_award (
  player bigint NOT NULL,
  badge text NOT NULL,
  period text NOT NULL DEFAULT '',
  shard smallint NOT NULL,
  n bigint NOT NULL,
  seq bigint NOT NULL,
  tier text,
  rule_version int,
  at timestamptz NOT NULL,
  revoked_n bigint,
  PRIMARY KEY (player, badge, period, n)
);
CREATE UNIQUE INDEX badge_held_once ON badge_award (player, badge, period) WHERE revoked_n IS NULL;
CREATE INDEX ON badge_award (badge) WHERE revoked_n IS NULL;

-- Append-only: a mission is completed once in a period.
CREATE TABLE mission_completion (
  player bigint NOT NULL,
  mission text NOT NULL,
  period text NOT NULL,
  shard smallint NOT NULL,
  n bigint NOT NULL,
  seq bigint NOT NULL,
  rule_version int,
  at timestamptz NOT NULL,
  PRIMARY KEY (player, mission, period)
);

CREATE TABLE board_run (
  board text,
  run text,
  starts_at timestamptz,
  ends_at timestamptz,
  finalised_at timestamptz,
  total int,
  PRIMARY KEY (board, run)
);

-- `place` numbers the rows without gaps, `rank` is shared by players with the same score.
CREATE TABLE final_standing (
  board text,
  run text,
  segment text DEFAULT '',
  place int,
  rank int NOT NULL,
  player bigint NOT NULL,
  score double precision NOT NULL,
  PRIMARY KEY (board, run, segment, place)
);
CREATE INDEX ON final_standing (board, run, player);
