"""Keys that may write players keep what they could do before granting and erasing got scopes of their own."""

from alembic import op

revision = "0002_split_player_scopes"
down_revision = "0001_initial"

KEEP_WHAT_KEYS_COULD_DO = """
UPDATE api_key SET scopes = ARRAY(
  SELECT DISTINCT scope FROM unnest(scopes || ARRAY['players:grant', 'players:erase']) AS scope ORDER BY scope
) WHERE 'players:write' = ANY(scopes)
"""


def upgrade() -> None:
    op.execute(KEEP_WHAT_KEYS_COULD_DO)
    # Tries of passwords are counted in Redis now.
    op.execute("ALTER TABLE operator DROP COLUMN IF EXISTS failed_sign_ins, DROP COLUMN IF EXISTS locked_until")
