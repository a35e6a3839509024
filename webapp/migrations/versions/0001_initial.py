"""The tables of the first release, by subject; `webapp/migrations/initial` holds their SQL."""

from pathlib import Path

from alembic import op

revision = "0001_initial"
down_revision = None

INITIAL = Path(__file__).parent.parent / "initial"
# In this order, because rules, events and campaigns refer to what comes before them.
SUBJECTS = ("people", "rules", "events", "players", "campaigns", "system", "privileges")


def upgrade() -> None:
    for subject in SUBJECTS:
        statements = (INITIAL / f"{subject}.sql").read_text("utf-8")
        op.get_bind().exec_driver_sql(statements, execution_options={"no_parameters": True})
