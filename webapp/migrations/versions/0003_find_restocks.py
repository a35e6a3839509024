"""When coupons came into a game's stock, or left it, is found in its log without reading every play."""

from alembic import op

revision = "0003_find_restocks"
down_revision = "0002_split_player_scopes"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX IF NOT EXISTS game_log_game_n_idx ON game_log (game, n) WHERE kind IN ('opened', 'restocked')"
    )
