"""`laurel rebuild`: rebuilds projections and derived state."""

import click
from rich.console import Console
from rich.progress import Progress

from webapp import projections
from webapp.config import Settings
from webapp.services.history.rebuild_state import rebuild_state


@click.command()
@click.option("--state", is_flag=True, help="Also recompute derived state from the log.")
def command(state: bool) -> None:  # noqa: FBT001
    """Rebuild every projection in Redis from Postgres; with --state, first recompute derived state from the log."""
    settings = Settings.from_environment()
    if state:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Recomputing", total=None)
            differences = rebuild_state(settings, lambda done, total: bar.update(task, completed=done, total=total))
        for difference in differences:
            click.echo(f"corrected: {difference}")
        click.echo(f"{len(differences)} differences corrected")
    projections.rebuild(settings)
    click.echo("projections rebuilt")
