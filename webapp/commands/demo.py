"""`laurel demo`: the real events that show Laurel at work."""

from typing import Any

import click

from webapp.config import Settings
from webapp.services.demo import demo_events
from webapp.store.system.connection import connect


@click.group()
def command() -> None:
    """Start and stop the demo's trickle of events."""


@command.command()
def start() -> None:
    """Let the demo go on; `laurel up` plays it, unless it was started with --no-demo."""
    with connect(Settings.from_environment().database_url) as conn:
        demo_events.start_demo(conn)
        conn.commit()
        click.echo(told(demo_events.demo_state(conn)))


@command.command()
def stop() -> None:
    """Send nothing more; what was sent stays."""
    with connect(Settings.from_environment().database_url) as conn:
        demo_events.stop_demo(conn)
        conn.commit()
        click.echo(told(demo_events.demo_state(conn)))


@command.command()
def status() -> None:
    """Say what the demo is doing."""
    with connect(Settings.from_environment().database_url) as conn:
        click.echo(told(demo_events.demo_state(conn)))


def told(known: dict[str, Any]) -> str:
    """The state of the demo in words."""
    if "weeks" not in known:
        return f"demo: {known['status']}"
    sent = f"{known['sent']:,} of {known['total']:,} events sent"
    rest, faster = known["total"] - known["past"], known["faster"]
    last = f"the last {rest:,} are played some {faster:,.0f} times faster than they came"
    return f"demo: {known['status']}, {sent}, moved by {known['weeks']} weeks; {last}"
