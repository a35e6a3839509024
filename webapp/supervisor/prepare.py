"""What must be so before anything serves: newest tables, room for the log, and on a first start somebody to sign in."""

import os
import sys

from webapp import migrations
from webapp.config import Settings
from webapp.store import entries
from webapp.store.connection import open_connection


def main(words: list[str]) -> None:
    """Prepare the database; every step finds nothing to do the second time."""
    settings = Settings.from_environment()
    migrations.upgrade(os.environ["LAUREL_OWNER_URL"])
    with open_connection(settings.database_url) as conn:
        entries.make_partitions(conn)
        conn.commit()


if __name__ == "__main__":
    main(sys.argv[1:])
