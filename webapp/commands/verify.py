"""`laurel verify`: recomputes everything derived from the log and compares."""

import sys

import click
from rich.console import Console
from rich.progress import Progress

from webapp.config import Settings
from webapp.services.history.verify import VerifyReport, verify

SHOWN_MAX = 50


@click.command()
def command() -> None:
    """Recompute all derived state from the log and compare; exit 1 and list the differences if there are any."""
    settings = Settings.from_environment()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Recomputing", total=None)
        report = verify(settings, lambda done, total: bar.update(task, completed=done, total=total))
    for difference in report.differences[:SHOWN_MAX]:
        click.echo(str(difference))
    if len(report.differences) > SHOWN_MAX:
        click.echo(f"… and {len(report.differences) - SHOWN_MAX} more")
    click.echo(summary_line(report))
    sys.exit(1 if report.differences else 0)


def summary_line(report: VerifyReport) -> str:
    """The last line: the result, and the hash of the state."""
    result = f"{len(report.differences)} differences" if report.differences else "clean"
    return f"{result}: {report.entries} entries, {report.players} players, state {report.state_hash}"
