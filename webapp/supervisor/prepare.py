"""Preparation before anything serves: migrations, checkpoints and, on the first start, an operator and packs."""

import os
import subprocess
import sys

from webapp import migrations
from webapp.config import Settings
from webapp.services.history.checkpoints import write_if_changed
from webapp.store.people import audit, operators
from webapp.store.system import settings as store_settings
from webapp.store.system.connection import Connection, open_connection

FIRST_OPERATOR = "admin@localhost"
FIRST_PACKS = ("assessments",)  # and the pack that it needs: `starter`
PACKS_DONE = "first_packs"


def main(arguments: list[str]) -> None:
    """Prepare the database; every step is a no-op the second time. `--packs` also installs the first packs."""
    settings = Settings.from_environment()
    try:
        migrations.upgrade(os.environ["LAUREL_OWNER_URL"])
    except migrations.UnknownRevision as unknown:
        raise SystemExit(str(unknown)) from None
    if kept := write_if_changed(settings):
        print(f"time zones or engine changed: {kept} players keep their present state as a checkpoint", flush=True)
    with open_connection(settings.database_url) as conn:
        invite_first_operator(conn, settings)
        has_packs = _has_packs(conn)
    if "--packs" in arguments and not has_packs:
        _install_packs(settings)


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
    print(f"  {settings.web_url}/sign-in/{operators.new_link(conn, number)}", flush=True)


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
