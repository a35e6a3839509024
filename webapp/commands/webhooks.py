"""`laurel webhooks`: what receivers of messages need."""

import click

from webapp.channels.signature import secret_of
from webapp.config import Settings


@click.group()
def command() -> None:
    """Messages to servers outside."""


@command.command()
@click.argument("key")
def secret(key: str) -> None:
    """Print the secret with which the server of a reward or game KEY checks that a message comes from here."""
    click.echo(secret_of(Settings.from_environment().secret_key, key))
