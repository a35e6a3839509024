-- What background work needs: slow jobs, leases, webhooks to deliver, settings.

-- The truth about slow jobs; what the queue holds only calls a worker. Whoever lets the lease lapse has lost the job.
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

-- One holder at a time for a chore that must not run twice.
CREATE TABLE lease (
  name text PRIMARY KEY,
  holder text NOT NULL,
  until timestamptz NOT NULL
);

CREATE TABLE setting (
  key text PRIMARY KEY,
  value jsonb NOT NULL
);

-- Messages owed to servers outside. The body is built from the redemption when it is sent: nothing here names a player,
-- so an erasure has nothing to look for.
CREATE TABLE webhook_delivery (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text NOT NULL CHECK (kind IN ('redemption.made', 'redemption.refunded', 'coupon.released')),
  redemption bigint REFERENCES redemption,
  signer text NOT NULL,
  url text NOT NULL,
  content jsonb NOT NULL DEFAULT '{}',
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'failed', 'cancelled')),
  attempts int NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  answer text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  closed_at timestamptz,
  CHECK ((status = 'waiting') = (closed_at IS NULL)),
  CHECK ((kind = 'coupon.released') = (redemption IS NULL)),
  UNIQUE (redemption, kind)
);
CREATE INDEX ON webhook_delivery (next_at) WHERE status = 'waiting';
