"""Campaigns, games, coupons and plays: what the law of the budget says is held by constraints here."""

from alembic import op

revision = "0008"
down_revision = "0004"

# The seed of a campaign is sealed; its commitment is public from the launch on, itself only after the close.
CAMPAIGNS = """
CREATE TABLE campaign (
  key text PRIMARY KEY,
  version int NOT NULL,
  document jsonb NOT NULL,
  seed_sealed bytea,
  seed_hash text,
  launched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  paused_at timestamptz,
  ended_at timestamptz,
  seed_published_at timestamptz
);
CREATE TABLE game (
  key text PRIMARY KEY,
  campaign text NOT NULL REFERENCES campaign,
  document jsonb NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
  n bigint NOT NULL DEFAULT 0,
  stand jsonb NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX ON game (campaign);
"""
# A pool belongs to one brand of one game, or to no game: then rules grant from it and rewards are fulfilled with it.
# The counters are true at every committed state, or the commit fails.
COUPONS = """
CREATE TABLE pool (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text UNIQUE,
  game text REFERENCES game,
  brand text,
  document jsonb NOT NULL DEFAULT '{}',
  made bigint NOT NULL DEFAULT 0,
  initial bigint NOT NULL DEFAULT 0,
  available bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
  reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  issued bigint NOT NULL DEFAULT 0 CHECK (issued >= 0),
  redeemed bigint NOT NULL DEFAULT 0 CHECK (redeemed >= 0),
  expired bigint NOT NULL DEFAULT 0 CHECK (expired >= 0),
  voided bigint NOT NULL DEFAULT 0 CHECK (voided >= 0),
  UNIQUE (game, brand),
  CHECK ((game IS NULL) = (key IS NOT NULL)),
  CONSTRAINT coupons_are_conserved
    CHECK (initial = available + reserved + issued + redeemed + expired + voided)
) WITH (fillfactor = 50);
CREATE TABLE coupon (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool bigint NOT NULL REFERENCES pool,
  code text NOT NULL UNIQUE,
  state text NOT NULL DEFAULT 'available'
    CHECK (state IN ('available', 'reserved', 'issued', 'redeemed', 'expired', 'voided')),
  play bigint UNIQUE,
  claim text UNIQUE,
  player bigint,
  reserved_until timestamptz,
  issued_at timestamptz,
  expires_at timestamptz,
  ended_at timestamptz,
  redemption text,
  CHECK (play IS NULL OR claim IS NULL),
  CHECK (state <> 'available' OR (play IS NULL AND claim IS NULL AND player IS NULL)),
  CHECK (state NOT IN ('reserved', 'issued', 'redeemed') OR player IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX ON coupon (pool, id) WHERE state = 'available';
CREATE INDEX ON coupon (reserved_until) WHERE state = 'reserved';
CREATE INDEX ON coupon (expires_at) WHERE state = 'issued' AND expires_at IS NOT NULL;
CREATE INDEX ON coupon (pool, issued_at) WHERE issued_at IS NOT NULL;
"""
PLAYS = """
CREATE TABLE play (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app_id int NOT NULL REFERENCES app,
  play_id text NOT NULL,
  game text NOT NULL REFERENCES game,
  player bigint NOT NULL,
  received_at timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'won', 'lost')),
  reason text,
  coupon bigint UNIQUE REFERENCES coupon,
  decided_at timestamptz,
  UNIQUE (app_id, play_id),
  CHECK ((status = 'queued') = (decided_at IS NULL)),
  CHECK ((status = 'won') = (coupon IS NOT NULL)),
  CHECK ((status = 'queued') = (reason IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX ON play (player, game);
CREATE INDEX ON play (game, received_at);
CREATE INDEX ON play (game, decided_at) WHERE status = 'won';
CREATE TABLE play_inbox (
  game text NOT NULL,
  number bigint NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (game, number)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE TABLE attempt (
  game text NOT NULL,
  n bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('opened', 'ruled', 'restocked', 'decided', 'released')),
  play bigint,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  content jsonb NOT NULL,
  PRIMARY KEY (game, n)
);
CREATE INDEX ON attempt (play) WHERE play IS NOT NULL;
CREATE TABLE player_game (
  player bigint NOT NULL,
  game text NOT NULL,
  plays int NOT NULL,
  wins int NOT NULL,
  days jsonb NOT NULL,
  brands jsonb NOT NULL,
  PRIMARY KEY (player, game)
) WITH (fillfactor = 70);
CREATE TABLE claim (
  id text PRIMARY KEY,
  pool text NOT NULL,
  player bigint NOT NULL,
  rule text NOT NULL,
  entry bigint NOT NULL,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'granted', 'exhausted')),
  coupon bigint UNIQUE REFERENCES coupon,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_at timestamptz,
  CHECK ((status = 'granted') = (coupon IS NOT NULL))
);
CREATE INDEX ON claim (pool, created_at) WHERE status = 'queued';
CREATE INDEX ON claim (player, created_at);
"""
# One trip to the server. An id that is known is answered before anybody asks whether the game is open.
ACCEPT = """
CREATE FUNCTION accept_play(
  app int, id text, which text, who text, home smallint,
  OUT verdict text, OUT number bigint, OUT stands text, OUT why text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  now_is timestamptz := clock_timestamp();
  person bigint;
  held record;
  place record;
BEGIN
  SELECT p.number, p.game, p.status, l.id AS player INTO held
    FROM play p LEFT JOIN player l ON l.number = p.player WHERE p.app_id = app AND p.play_id = accept_play.id;
  IF FOUND THEN
    number := held.number; stands := held.status;
    verdict := CASE WHEN held.game = which AND held.player = who THEN 'same' ELSE 'conflict' END;
    RETURN;
  END IF;
  SELECT g.starts_at, g.ends_at, c.paused_at, c.ended_at INTO place
    FROM game g JOIN campaign c ON c.key = g.campaign WHERE g.key = which;
  IF NOT FOUND THEN verdict := 'unknown'; RETURN; END IF;
  why := CASE WHEN place.ended_at IS NOT NULL OR now_is >= place.ends_at THEN 'late'
              WHEN place.paused_at IS NOT NULL THEN 'paused'
              WHEN now_is < place.starts_at THEN 'early' END;
  IF why IS NOT NULL THEN verdict := 'closed'; RETURN; END IF;
  LOOP
    SELECT l.number INTO person FROM player l WHERE l.id = who FOR KEY SHARE;
    EXIT WHEN FOUND;
    INSERT INTO player (id, shard) VALUES (who, home) ON CONFLICT (id) DO NOTHING;
  END LOOP;
  INSERT INTO play (app_id, play_id, game, player, received_at) VALUES (app, id, which, person, now_is)
    ON CONFLICT (app_id, play_id) DO NOTHING RETURNING play.number INTO number;
  IF number IS NULL THEN
    SELECT p.number, p.status, CASE WHEN p.game = which AND p.player = person THEN 'same' ELSE 'conflict' END
      INTO number, stands, verdict FROM play p WHERE p.app_id = app AND p.play_id = accept_play.id;
    RETURN;
  END IF;
  INSERT INTO play_inbox (game, number, received_at) VALUES (which, number, now_is);
  verdict := 'accepted'; stands := 'queued';
END $$;
"""
GRANTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON campaign, game, pool, coupon, play, play_inbox, player_game, claim
      TO laurel_app;
    GRANT SELECT, INSERT ON attempt TO laurel_app;
    REVOKE DELETE ON campaign, game, pool, coupon, play, claim FROM laurel_app;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    for statements in (CAMPAIGNS, COUPONS, PLAYS, GRANTS):
        op.execute(statements)
    op.get_bind().exec_driver_sql(ACCEPT)
