"""An index for the coupons of a player, who may be one among many."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("CREATE INDEX ON coupon (player, id) WHERE player IS NOT NULL")
