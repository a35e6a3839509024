"""`laurel key`: creates, lists and revokes API keys."""

import click

from webapp.commands.parameters import ACTOR, APP
from webapp.config import Settings
from webapp.services.people import api_keys
from webapp.store.people import apps
from webapp.store.system.connection import connect


@click.group()
def command() -> None:
    """Create, list and revoke API keys."""


@command.command()
@click.argument("name")
@click.option("--app", type=APP, default=apps.DEFAULT_APP, show_default=True, help="The key's app; created if new.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(apps.SCOPES),
    help="May be repeated.",
)
@click.argument("more_scopes", nargs=-1, type=click.Choice(apps.SCOPES), metavar="[SCOPE]…")
def new(name: str, app: str, scopes: tuple[str, ...], more_scopes: tuple[str, ...]) -> None:
    """Create an API key and print it, alone and only this once."""
    chosen = sorted({*scopes, *more_scopes})
    click.echo(api_keys.create_api_key(Settings.from_environment(), app, name, chosen, ACTOR))


@command.command("list")
def list_keys() -> None:
    """List all keys: number, app, name, prefix, scopes, state."""
    with connect(Settings.from_environment().database_url) as conn:
        for key in apps.keys(conn):
            state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else _last_use(key)
            click.echo("\t".join((str(key.id), key.app, key.name, f"{key.prefix}…", " ".join(key.scopes), state)))


def _last_use(key: apps.ApiKey) -> str:
    return f"last used {key.last_used_at:%Y-%m-%d %H:%M}Z" if key.last_used_at else "never used"


@command.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Revoke the key with this NUMBER (see `laurel key list`), from its next request on."""
    if not api_keys.revoke_api_key(Settings.from_environment(), number, ACTOR):
        raise click.ClickException(f"no such live key: {number}")
