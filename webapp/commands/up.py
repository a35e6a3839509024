"""`laurel up`: everything that Laurel is, in one command."""

import os
from pathlib import Path

import click

from webapp.config import InstanceConfig
from webapp.supervisor.supervisor import Supervisor

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65_534), help="Where to serve. [default: 8000; live updates: the next port]"
)
@click.option("--workers", type=click.IntRange(1, 64), help="How many drain workers. [default: one a core]")
@click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="The data folder. [default: .laurel]"
)
@click.option("--no-demo", is_flag=True, help="Neither packs of rules nor example events.")
def command(port: int | None, workers: int | None, data_dir: Path | None, no_demo: bool) -> None:  # noqa: FBT001
    """Start everything and serve; Ctrl-C stops every process."""
    given = {"LAUREL_PORT": port, "LAUREL_WORKERS": workers, "LAUREL_DATA_DIR": data_dir}
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    Supervisor(InstanceConfig.from_environment(), with_demo=not no_demo).run()
