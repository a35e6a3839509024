"""Messages to servers outside that are owed, and wins whose coupon an outside provider is asked for."""

from alembic import op

revision = "0012"
down_revision = "0011"

# What is sent is built from the redemption when it is sent: nothing here names a player.
DELIVERIES = """
CREATE TABLE delivery (
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
CREATE INDEX ON delivery (next_at) WHERE status = 'waiting';
"""
# A play that won is asked for as long as its row stands here; its coupon is reserved so long.
RESERVATIONS = """
CREATE TABLE reservation (
  play bigint PRIMARY KEY REFERENCES play,
  game text NOT NULL REFERENCES game,
  pool bigint NOT NULL REFERENCES pool,
  coupon bigint NOT NULL UNIQUE REFERENCES coupon,
  attempt int NOT NULL CHECK (attempt >= 0),
  until timestamptz NOT NULL,
  asked_until timestamptz,
  decided jsonb NOT NULL
);
CREATE INDEX ON reservation (until);
ALTER TABLE attempt DROP CONSTRAINT attempt_kind_check;
ALTER TABLE attempt ADD CONSTRAINT attempt_kind_check
  CHECK (kind IN ('opened', 'ruled', 'restocked', 'decided', 'reserved', 'redrawn', 'released'));
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT SELECT, INSERT, UPDATE ON delivery TO laurel_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON reservation TO laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(DELIVERIES)
    op.execute(RESERVATIONS)
