"""`laurel demo`: starts and stops the stream of real events that shows Laurel at work."""

from typing import Any

import click

from webapp.commands.parameters import ACTOR
from webapp.config import Settings
from webapp.services.demo import demo_events
from webapp.store.system.connection import connect


@click.group()
def command() -> None:
    """Start and stop the demo's stream of events."""


@command.command()
def start() -> None:
    """Resume the demo; `laurel up` replays it unless it was started with --no-demo."""
    settings = Settings.from_environment()
    demo_events.start_demo(settings, ACTOR)
    _print_state(settings)


@command.command()
def stop() -> None:
    """Send no more events; those that were sent stay."""
    settings = Settings.from_environment()
    demo_events.stop_demo(settings, ACTOR)
    _print_state(settings)


@command.command()
def status() -> None:
    """Show the state of the demo."""
    _print_state(Settings.from_environment())


def _print_state(settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        click.echo(state_line(demo_events.demo_state(conn)))


def state_line(state: dict[str, Any]) -> str:
    """The state of the demo in words."""
    if "weeks" not in state:
        return f"demo: {state['status']}"
    sent = f"{state['sent']:,} of {state['total']:,} events sent"
    rest, faster = state["total"] - state["past"], state["faster"]
    last = f"the last {rest:,} are replayed about {faster:,.0f} times as fast as they happened"
    return f"demo: {state['status']}, {sent}, shifted by {state['weeks']} weeks; {last}"
