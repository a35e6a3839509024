"""Entries that gave something are marked as such, so that they are counted and found among all others.

Of those that were applied before, the last day is marked, and the newest ones of all: no page looks further back.
"""

from alembic import op

revision = "0004_mark_awards"
down_revision = "0003_find_restocks"

MARK = """
ALTER TABLE applied ADD COLUMN IF NOT EXISTS gives boolean NOT NULL DEFAULT false;
UPDATE applied a SET gives = true FROM (
  SELECT a.shard, a.n, convert_from(outcome, 'UTF8')::jsonb AS content FROM applied a
  JOIN entry e ON e.received_on = a.received_on AND e.seq = a.seq
  WHERE outcome IS NOT NULL AND applied_at >= LEAST(clock_timestamp() - interval '1 day', (
    SELECT min(applied_at) FROM (SELECT applied_at FROM applied ORDER BY applied_at DESC LIMIT 5000) AS newest
  )) AND e.type <> 'laurel.refund'
) AS o WHERE a.shard = o.shard AND a.n = o.n AND (
  (content->>'xp')::numeric > 0 OR (content->>'coins')::numeric > 0 OR content ?| ARRAY['badges', 'claims']
  OR content->'missions' @> '[{"state": "completed"}]'
  OR (content#>>'{level,number}')::int > (content#>>'{level,before}')::int
);
CREATE INDEX IF NOT EXISTS applied_applied_at_idx1 ON applied (applied_at) WHERE gives;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(MARK, execution_options={"no_parameters": True})
