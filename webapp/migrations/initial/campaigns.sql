-- The way of a play: campaigns and games, coupons in their pools, plays and what was decided; and rewards, which are
-- redeemed for coins.

-- The seed stays sealed until the campaign is over; its hash is public from the launch on.
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

-- A game's row is the lock under which its plays are decided, and holds the state that this needs.
CREATE TABLE game (
  key text PRIMARY KEY,
  campaign text NOT NULL REFERENCES campaign,
  document jsonb NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
  n bigint NOT NULL DEFAULT 0,
  state jsonb NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX ON game (campaign);

-- A pool belongs to one brand of one game, or to no game: then rules grant from it and rewards are fulfilled with it.
-- The counters are true at every committed state, or the commit fails.
CREATE TABLE coupon_pool (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text UNIQUE,
  game text REFERENCES game,
  brand text,
  document jsonb NOT NULL DEFAULT '{}',
  generated bigint NOT NULL DEFAULT 0,
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

-- A coupon goes to one play or one claim, and to none twice.
CREATE TABLE coupon (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool bigint NOT NULL REFERENCES coupon_pool,
  code text NOT NULL UNIQUE,
  state text NOT NULL DEFAULT 'available'
    CHECK (state IN ('available', 'reserved', 'issued', 'redeemed', 'expired', 'voided')),
  play bigint UNIQUE,
  claim text UNIQUE,
  player bigint,
  reserved_until timestamptz,
  issued_at timestamptz,
  good_until timestamptz,  -- what the partner's file says of this code; nobody gets it after that
  expires_at timestamptz,
  ended_at timestamptz,
  redeemed_as text,  -- the name under which a shop's till took it
  CHECK (play IS NULL OR claim IS NULL),
  CHECK (state <> 'available' OR (play IS NULL AND claim IS NULL AND player IS NULL)),
  CHECK (state NOT IN ('reserved', 'issued', 'redeemed') OR player IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX ON coupon (pool, id) WHERE state = 'available';
CREATE INDEX ON coupon (reserved_until) WHERE state = 'reserved';
CREATE INDEX ON coupon (expires_at) WHERE state = 'issued' AND expires_at IS NOT NULL;
CREATE INDEX ON coupon (good_until) WHERE state = 'available' AND good_until IS NOT NULL;
CREATE INDEX ON coupon (pool, issued_at) WHERE issued_at IS NOT NULL;
CREATE INDEX ON coupon (player, id) WHERE player IS NOT NULL;

-- A file of codes on its way into a pool: read line by line, looked at, then taken as a whole or discarded.
CREATE TABLE coupon_upload (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool bigint NOT NULL REFERENCES coupon_pool,
  name text NOT NULL,
  content bytea,  -- until it is settled: it is read once more when other columns are chosen
  layout jsonb,
  status text NOT NULL DEFAULT 'reading'
    CHECK (status IN ('reading', 'ready', 'taking', 'taken', 'discarded', 'failed')),
  job uuid,
  lines bigint NOT NULL DEFAULT 0,
  valid bigint NOT NULL DEFAULT 0,
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
  good_until timestamptz,
  PRIMARY KEY (upload, line)
);
CREATE INDEX ON coupon_upload_line (upload, line) WHERE problem IS NOT NULL;

-- Accepted once under its app's own id, decided once; what was decided never changes. No foreign keys where a row is
-- accepted: apps and games are never deleted, `accept_play` reads the game, and to check them would lock their rows for
-- each play. No index on what a decision writes, but for wins: so the free space keeps nearly each update on its page,
-- and out of every index.
CREATE TABLE play (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app_id int NOT NULL,
  play_id text NOT NULL,
  game text NOT NULL,
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
) WITH (fillfactor = 50);
CREATE INDEX ON play (game, received_at);

-- What waits for its game's lane; short and busy like the inbox of events.
CREATE TABLE play_inbox (
  game text NOT NULL,
  number bigint NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (game, number)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- Append-only: a game's history without gaps in `n`, from which an audit draws everything once more.
CREATE TABLE game_log (
  game text NOT NULL,
  n bigint NOT NULL,
  kind text NOT NULL
    CHECK (kind IN ('opened', 'ruled', 'restocked', 'decided', 'reserved', 'redrawn', 'released')),
  play bigint,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  content jsonb NOT NULL,
  PRIMARY KEY (game, n)
);
CREATE INDEX ON game_log (game, n) WHERE kind IN ('opened', 'restocked');

-- What a player has had in a game, for the limits on plays and wins; `days` holds the newest three.
CREATE TABLE player_game (
  player bigint NOT NULL,
  game text NOT NULL,
  plays int NOT NULL,
  wins int NOT NULL,
  days jsonb NOT NULL,
  brands jsonb NOT NULL,
  PRIMARY KEY (player, game)
) WITH (fillfactor = 70);

-- A coupon that a rule grants: filed together with the award, filled from its pool afterwards.
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

-- A win whose coupon an outside provider has to confirm. The coupon is reserved for as long as the row exists.
CREATE TABLE reservation (
  play bigint PRIMARY KEY REFERENCES play,
  game text NOT NULL REFERENCES game,
  pool bigint NOT NULL REFERENCES coupon_pool,
  coupon bigint NOT NULL UNIQUE REFERENCES coupon,
  attempt int NOT NULL CHECK (attempt >= 0),
  deadline timestamptz NOT NULL,
  next_request_at timestamptz,  -- null: at once; infinity: a request is under way
  decision jsonb NOT NULL
);
CREATE INDEX ON reservation (deadline);

-- `stock` is null where a reward never runs out. All who redeem one update its row: hence the free space.
CREATE TABLE reward_stock (
  reward text PRIMARY KEY,
  stock bigint,
  taken bigint NOT NULL DEFAULT 0 CHECK (taken >= 0),
  CONSTRAINT stock_is_kept CHECK (stock IS NULL OR taken <= stock)
) WITH (fillfactor = 50);

CREATE TABLE redemption (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app_id int NOT NULL REFERENCES app,
  redemption_id text NOT NULL,
  reward text NOT NULL,
  version int NOT NULL,
  player bigint NOT NULL,
  coins bigint NOT NULL CHECK (coins >= 0),
  balance bigint NOT NULL CHECK (balance >= 0),
  fulfilment text NOT NULL CHECK (fulfilment IN ('hand', 'coupon_pool', 'webhook')),
  status text NOT NULL CHECK (status IN ('pending', 'fulfilled', 'refunded')),
  coupon bigint UNIQUE REFERENCES coupon,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  closed_at timestamptz,
  closed_by text,
  note text,
  UNIQUE (app_id, redemption_id),
  CHECK (fulfilment <> 'coupon_pool' OR coupon IS NOT NULL)
);
CREATE INDEX ON redemption (player, number);
CREATE INDEX ON redemption (reward, number);
CREATE INDEX ON redemption (number) WHERE status = 'pending';
