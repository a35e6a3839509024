"""Rewards that players redeem for coins: their stock and every redemption."""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = """
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
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    GRANT SELECT, INSERT, UPDATE ON reward_stock, redemption TO laurel_app;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO laurel_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(TABLES)
