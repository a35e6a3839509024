"""`laurel webhooks`: what receivers of webhooks need."""

import click

from webapp.channels.signature import receiver_secret
from webapp.config import Settings


@click.group()
def command() -> None:
    """Show the secrets that webhooks are signed with."""


@command.command()
@click.argument("key")
def secret(key: str) -> None:
    """Print the secret with which the receiver of a reward's or game's webhooks (KEY) verifies their signatures."""
    click.echo(receiver_secret(Settings.from_environment().secret_key, key))
