-- The way of an event: the log, what waits in it, what was applied at which place of a shard's history, what failed.

CREATE SEQUENCE entry_seq;

-- The log. Append-only and partitioned by month; `make_log_partitions` makes the months ahead.
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
  replay_of bigint,  -- the parked entry that this one queues again
  PRIMARY KEY (received_on, seq)
) PARTITION BY RANGE (received_on);
CREATE INDEX ON entry (player, seq);

-- Deduplication. Its own table, because a unique key of a partitioned table would have to hold the partition's date.
-- `content_hash` tells a duplicate from a conflict.
CREATE TABLE event_key (
  key bytea PRIMARY KEY,
  content_hash bytea NOT NULL,
  seq bigint NOT NULL,
  received_on date NOT NULL
);

-- What waits for its shard's drain. Rows come and go all day: vacuum follows closely.
CREATE TABLE inbox (
  shard smallint NOT NULL,
  seq bigint NOT NULL,
  received_on date NOT NULL,
  received_at timestamptz NOT NULL,
  player bigint NOT NULL,
  PRIMARY KEY (shard, seq)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX ON inbox (player);

-- The lock on a shard's players, and how many entries it has applied. Nearly empty pages keep each update on its page.
CREATE TABLE shard (
  number smallint PRIMARY KEY,
  n bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 20);
INSERT INTO shard (number) SELECT generate_series(0, 63);

-- Append-only: each shard's history in the order it was applied, without gaps in `n`. An entry is applied once. No
-- foreign key to the rulebook, which is never deleted: to check it would lock the rulebook's row for each entry.
CREATE TABLE applied (
  shard smallint NOT NULL,
  n bigint NOT NULL,
  seq bigint NOT NULL UNIQUE,
  received_on date NOT NULL,
  player bigint NOT NULL,
  rulebook int NOT NULL,
  outcome bytea,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  gives boolean NOT NULL DEFAULT false,  -- whether the player gained anything by it
  PRIMARY KEY (shard, n)
);
CREATE INDEX ON applied USING brin (applied_at);
CREATE INDEX ON applied (applied_at) WHERE gives;

-- How often an entry was begun alone and not finished: it survives the crash of whoever counted it.
CREATE TABLE strike (
  seq bigint PRIMARY KEY,
  shard smallint NOT NULL,
  started_at timestamptz,
  count int NOT NULL DEFAULT 0,
  detail text
);

-- Entries that failed and need a person; the others of their player went on without them.
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

-- Changes that Valkey must still learn: written with the state, deleted once they were sent.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard smallint NOT NULL,
  payload bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
