"""`laurel key`: make, list and revoke API keys."""

import sys

import click

from webapp.commands.shared import APP, BY
from webapp.config import Settings
from webapp.store.people import apps, audit
from webapp.store.system.connection import connect


@click.group()
def command() -> None:
    """Make, list and revoke API keys."""


@command.command()
@click.argument("name")
@click.option("--app", type=APP, default=apps.DEFAULT_APP, show_default=True, help="Made if it is new.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(apps.SCOPES),
    help="May be given several times.",
)
@click.argument("more_scopes", nargs=-1, type=click.Choice(apps.SCOPES), metavar="[SCOPE]…")
def new(name: str, app: str, scopes: tuple[str, ...], more_scopes: tuple[str, ...]) -> None:
    """Make an API key and print it, alone and only this once."""
    chosen = sorted({*scopes, *more_scopes})
    with connect(Settings.from_environment().database_url) as conn:
        number, key = apps.new_key(conn, apps.ensure_app(conn, app), name, chosen)
        audit.note(conn, BY, "key.made", name, after={"key": number, "app": app, "scopes": chosen})
        conn.commit()
    click.echo(key)


@command.command("list")
def list_keys() -> None:
    """List all keys: number, app, name, beginning, scopes, state."""
    with connect(Settings.from_environment().database_url) as conn:
        for key in apps.keys(conn):
            state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else _use(key)
            click.echo("\t".join((str(key.id), key.app, key.name, f"{key.prefix}…", " ".join(key.scopes), state)))


def _use(key: apps.ApiKey) -> str:
    return f"last used {key.last_used_at:%Y-%m-%d %H:%M}Z" if key.last_used_at else "never used"


@command.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """End the key of that NUMBER (see `laurel key list`), from its next request on."""
    with connect(Settings.from_environment().database_url) as conn:
        if not apps.revoke_key(conn, number):
            click.echo(f"there is no live key {number}", err=True)
            sys.exit(1)
        audit.note(conn, BY, "key.revoked", str(number))
        conn.commit()
