"""The history of the database's shape, run by whoever owns it, one process at a time."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from webapp.store.events.event_log import make_partitions
from webapp.store.system.connection import plain_url
from webapp.store.system.sql_functions import recreate_functions

HERE = Path(__file__).parent
UPGRADE_LOCK = 0x1A0_4E1
BEFORE_FIRST_RELEASE = {f"{number:04}" for number in range(1, 17)}


class UnknownRevision(Exception):  # noqa: N818  (it says what is unknown)
    """The database has a shape from which this version of Laurel knows no way on."""


def configuration(database_url: str) -> Config:
    """Give Alembic's configuration for one database; the address never enters a file."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["database_url"] = database_url
    return config


def upgrade(database_url: str) -> None:
    """Bring the database to the newest shape; a second call, or a second process, finds nothing to do.

    The lock lets one process upgrade at a time. The functions and the first partitions come last, in one transaction,
    because they need the tables. Raises `UnknownRevision` before anything is changed.
    """
    config = configuration(database_url)
    with psycopg.connect(plain_url(database_url)) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", (UPGRADE_LOCK,))
        _refuse_unknown_revision(conn, ScriptDirectory.from_config(config))
        conn.commit()
        command.upgrade(config, "head")
        recreate_functions(conn)
        make_partitions(conn)


def _refuse_unknown_revision(conn: psycopg.Connection, scripts: ScriptDirectory) -> None:
    if conn.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return
    known = {script.revision for script in scripts.walk_revisions()}
    for (revision,) in conn.execute("SELECT version_num FROM alembic_version"):
        if revision in BEFORE_FIRST_RELEASE:
            raise UnknownRevision(
                f"This database was made by a version of Laurel before 0.1 (revision {revision})"
                " and cannot be upgraded. Start with an empty data folder, or an empty database of your own,"
                " and send the events again."
            )
        if revision not in known:
            raise UnknownRevision(
                f"This database was made by a newer version of Laurel (revision {revision})."
                " Run that version or a later one, or restore a backup from before the upgrade."
            )
