"""The log, what waits in it, what was applied, and everything that follows from it."""

from alembic import op

revision = "0002"
down_revision = "0001"

LOG = """
CREATE SEQUENCE entry_seq;
CREATE TABLE entry (
  seq bigint NOT NULL,
  received_on date NOT NULL,
  received_at timestamptz NOT NULL,
  shard smallint NOT NULL,
  player bigint NOT NULL,
  app_id int NOT NULL,
  type text NOT NULL,
  event_id text NOT NULL,
  occurred_at timestamptz NOT NULL,
  payload bytea NOT NULL,
  profile bytea,
  replays bigint,
  PRIMARY KEY (received_on, seq)
) PARTITION BY RANGE (received_on);
CREATE INDEX ON entry (player, seq);
CREATE TABLE event_key (key bytea PRIMARY KEY, body bytea NOT NULL, seq bigint NOT NULL, received_on date NOT NULL);
CREATE TABLE inbox (
  shard smallint NOT NULL,
  seq bigint NOT NULL,
  received_on date NOT NULL,
  received_at timestamptz NOT NULL,
  player bigint NOT NULL,
  PRIMARY KEY (shard, seq)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX ON inbox (player);
CREATE TABLE shard (number smallint PRIMARY KEY, n bigint NOT NULL DEFAULT 0) WITH (fillfactor = 20);
INSERT INTO shard (number) SELECT generate_series(0, 63);
CREATE TABLE applied (
  shard smallint NOT NULL,
  n bigint NOT NULL,
  seq bigint NOT NULL UNIQUE,
  received_on date NOT NULL,
  player bigint NOT NULL,
  rulebook int NOT NULL REFERENCES rulebook,
  outcome bytea,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (shard, n)
);
CREATE INDEX ON applied USING brin (applied_at);
CREATE TABLE strike (
  seq bigint PRIMARY KEY,
  shard smallint NOT NULL,
  started_at timestamptz,
  count int NOT NULL DEFAULT 0,
  detail text
);
CREATE TABLE parked (
  seq bigint PRIMARY KEY,
  received_on date NOT NULL,
  shard smallint NOT NULL,
  player bigint NOT NULL,
  reason text NOT NULL,
  rule text,
  detail text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  replayed_at timestamptz,
  replay_seq bigint
);
"""

PLAYERS = """
CREATE TABLE player (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text UNIQUE,
  shard smallint NOT NULL,
  state bytea,
  version int NOT NULL DEFAULT 0,
  due_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  erased_at timestamptz,
  flag text
) WITH (fillfactor = 80);
CREATE INDEX ON player (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ON player (id text_pattern_ops);
CREATE TABLE player_key (player bigint, set text, hash bytea, PRIMARY KEY (player, set, hash));
CREATE TABLE player_day (
  player bigint, series text, bucket int, value jsonb NOT NULL, PRIMARY KEY (player, series, bucket)
);
CREATE INDEX ON player_day (series, bucket) WHERE series LIKE 'b:%';
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
"""

# Not every build of Postgres knows lz4 (the embedded one does not); its own method serves there.
COMPRESSION = """
DO $$ BEGIN
  ALTER TABLE player ALTER COLUMN state SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
"""

AWARDS = """
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
CREATE TABLE completion (
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
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard smallint NOT NULL,
  payload bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE board_run (
  board text, run text, starts_at timestamptz, ends_at timestamptz, finalised_at timestamptz, total int,
  PRIMARY KEY (board, run)
);
CREATE TABLE final_standing (
  board text, run text, segment text DEFAULT '', place int, rank int NOT NULL, player bigint NOT NULL,
  score double precision NOT NULL, PRIMARY KEY (board, run, segment, place)
);
CREATE INDEX ON final_standing (board, run, player);
"""


def upgrade() -> None:
    for statements in (LOG, PLAYERS, COMPRESSION, AWARDS):
        op.execute(statements)
