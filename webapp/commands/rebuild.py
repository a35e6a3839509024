"""`laurel rebuild`: make anew what can be derived."""

import click
from rich.console import Console
from rich.progress import Progress

from webapp import projections
from webapp.config import Settings
from webapp.services.history.rebuild_state import rebuild_state


@click.command()
@click.option("--state", is_flag=True, help="Derived state from the log too, not only the projections.")
def command(state: bool) -> None:  # noqa: FBT001
    """Rebuild every projection in Redis from Postgres; with --state, derived state from the log first."""
    settings = Settings.from_environment()
    if state:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Recomputing", total=None)
            found = rebuild_state(settings, lambda done, total: bar.update(task, completed=done, total=total))
        for difference in found:
            click.echo(f"put right: {difference}")
        click.echo(f"{len(found)} differences put right")
    projections.rebuild(settings)
    click.echo("projections rebuilt")
