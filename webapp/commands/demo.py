"""`laurel demo`: the trickle of real events that shows Laurel at work."""

from collections.abc import Callable

import click

from webapp.config import Settings
from webapp.jobs import demo
from webapp.store.connection import Connection, connect


@click.group()
def command() -> None:
    """Start and stop the demo's trickle of events."""


@command.command()
def start() -> None:
    """Let the demo go on; a running `laurel up` plays it."""
    _change(demo.start)


@command.command()
def stop() -> None:
    """Stop the demo; what it has sent stays."""
    _change(demo.stop)


def _change(change: Callable[[Connection], None]) -> None:
    with connect(Settings.from_environment().database_url) as conn:
        change(conn)
        conn.commit()
        click.echo(f"demo: {demo.state(conn).get('status')}")


@command.command()
def status() -> None:
    """Say what the demo is doing."""
    with connect(Settings.from_environment().database_url) as conn:
        known = demo.state(conn)
    if not known:
        click.echo("demo: not begun")
        return
    click.echo(f"demo: {known['status']}, {known.get('sent', 0):,} events sent, moved by {known['weeks']} weeks")
