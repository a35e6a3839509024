"""Preparation before anything serves: migrations, checkpoints and, on the first start, an operator and packs."""

import os
import subprocess
import sys

import psycopg
from sqlalchemy.exc import DBAPIError

from webapp import migrations
from webapp.config import Settings
from webapp.services.history.checkpoints import write_if_changed
from webapp.store.people import audit, operators
from webapp.store.system import monitoring
from webapp.store.system import settings as store_settings
from webapp.store.system.connection import Connection, open_connection

FIRST_OPERATOR = "admin@localhost"
FIRST_PACKS = ("assessments",)  # and the pack that it needs: `starter`
PACKS_DONE = "first_packs"
UNPROTECTED = (
    "the role in LAUREL_DATABASE_URL owns the tables, so nothing stops it from rewriting events, ledger and audit log;"
    " let LAUREL_OWNER_URL name the owner and LAUREL_DATABASE_URL the role laurel_app"
)


def main(arguments: list[str]) -> None:
    """Prepare the database; every step is a no-op the second time. `--packs` also installs the first packs."""
    settings = Settings.from_environment()
    try:
        migrations.upgrade(os.environ["LAUREL_OWNER_URL"])
    except migrations.UnknownRevision as unknown:
        raise SystemExit(str(unknown)) from None
    except (psycopg.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = str(cause).strip().partition("\n")[0]
        raise SystemExit(f"LAUREL_OWNER_URL: the tables cannot be made or changed: {reason}") from None
    if players := write_if_changed(settings):
        print(f"time zones or engine changed; players whose state is kept as a checkpoint: {players}", flush=True)
    with open_connection(settings.database_url) as conn:
        warn_of_unprotected_history(conn)
        invite_first_operator(conn, settings)
        has_packs = _has_packs(conn)
    if "--packs" in arguments and not has_packs:
        _install_packs(settings)


def warn_of_unprotected_history(conn: Connection) -> None:
    """Say where the database does not hold what the log promises: that nobody rewrites it."""
    if not monitoring.is_history_protected(conn):
        print(f"warning: {UNPROTECTED}", file=sys.stderr, flush=True)


def invite_first_operator(conn: Connection, settings: Settings) -> None:
    """Print a new sign-in link for the first operator, at every start until somebody has set a password."""
    everyone = operators.all_operators(conn)
    if any(operator.has_password for operator in everyone):
        return
    admins = [operator for operator in everyone if operator.role == "admin" and not operator.disabled_at]
    email = admins[0].email if admins else FIRST_OPERATOR
    number = admins[0].id if admins else operators.new_operator(conn, email, "admin", "Administrator")
    assert number is not None
    audit.note(conn, "laurel", "operator.invited", email, after={"role": "admin"})
    print(f"sign in as {email} with this link (valid once, for {operators.LINK_HOURS} hours):", flush=True)
    print(f"  {settings.public_url}/sign-in/{operators.new_link(conn, number)}", flush=True)


def _has_packs(conn: Connection) -> bool:
    return store_settings.read(conn, PACKS_DONE) is not None


def _install_packs(settings: Settings) -> None:
    """Install and publish the first packs; after a crash half-way it repeats, and rules that exist stay as they are."""
    for name in FIRST_PACKS:
        arguments = [sys.executable, "-m", "webapp.cli", "pack", "install", name, "--publish"]
        subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL)
    with open_connection(settings.database_url) as conn:
        store_settings.write(conn, PACKS_DONE, value=True)


if __name__ == "__main__":
    main(sys.argv[1:])
