"""`laurel verify`: recomputes everything derived from the log and compares."""

import sys

import click
from rich.console import Console
from rich.progress import Progress

from webapp.config import Settings
from webapp.services.history.verify import Verdict, verify

SHOWN_MAX = 50


@click.command()
def command() -> None:
    """Recompute all derived state from the log and compare; exit 1 and list the differences if there are any."""
    settings = Settings.from_environment()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Recomputing", total=None)
        verdict = verify(settings, lambda done, total: bar.update(task, completed=done, total=total))
    for difference in verdict.differences[:SHOWN_MAX]:
        click.echo(str(difference))
    if len(verdict.differences) > SHOWN_MAX:
        click.echo(f"… and {len(verdict.differences) - SHOWN_MAX} more")
    click.echo(summary_line(verdict))
    sys.exit(1 if verdict.differences else 0)


def summary_line(verdict: Verdict) -> str:
    """The last line: the result, and the hash of the state."""
    result = f"{len(verdict.differences)} differences" if verdict.differences else "clean"
    return f"{result}: {verdict.entries} entries, {verdict.players} players, state {verdict.state_hash}"
