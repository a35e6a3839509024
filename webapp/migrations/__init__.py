"""The history of the database's shape, run by whoever owns it, one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config

HERE = Path(__file__).parent


def configuration(database_url: str) -> Config:
    """Give Alembic's configuration for one database; the address never enters a file."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["database_url"] = database_url
    return config


def upgrade(database_url: str) -> None:
    """Bring the database to the newest shape; a second call, or a second process, finds nothing to do."""
    command.upgrade(configuration(database_url), "head")
