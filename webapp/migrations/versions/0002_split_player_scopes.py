"""Keys that may write players keep what they could do before granting and erasing got scopes of their own.

The tables of a database that was made before get the shape that `initial` gives to new ones by now.
"""

from alembic import op

revision = "0002_split_player_scopes"
down_revision = "0001_initial"

KEEP_WHAT_KEYS_COULD_DO = """
UPDATE api_key SET scopes = ARRAY(
  SELECT DISTINCT scope FROM unnest(scopes || ARRAY['players:grant', 'players:erase']) AS scope ORDER BY scope
) WHERE 'players:write' = ANY(scopes)
"""


SHAPE_OF_A_NEW_DATABASE = """
ALTER TABLE operator DROP COLUMN IF EXISTS failed_sign_ins, DROP COLUMN IF EXISTS locked_until;
ALTER TABLE coupon ADD COLUMN IF NOT EXISTS good_until timestamptz;
CREATE INDEX IF NOT EXISTS coupon_good_until_idx ON coupon (good_until)
  WHERE state = 'available' AND good_until IS NOT NULL;
ALTER TABLE coupon_upload ADD COLUMN IF NOT EXISTS layout jsonb;
ALTER TABLE coupon_upload_line ADD COLUMN IF NOT EXISTS good_until timestamptz;
ALTER TABLE play DROP CONSTRAINT IF EXISTS play_app_id_fkey, DROP CONSTRAINT IF EXISTS play_game_fkey;
ALTER TABLE play SET (fillfactor = 50);
DROP INDEX IF EXISTS play_player_game_idx, play_game_decided_at_idx, game_log_play_idx;
ALTER TABLE applied DROP CONSTRAINT IF EXISTS applied_rulebook_fkey;
"""
"""Tries of passwords are counted in Redis now; the reasons for the others stand beside the tables in `initial`."""


def upgrade() -> None:
    op.execute(KEEP_WHAT_KEYS_COULD_DO)
    op.execute(SHAPE_OF_A_NEW_DATABASE)
