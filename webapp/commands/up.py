"""`laurel up`: starts everything in one command."""

import os
from pathlib import Path

import click

from webapp.config import InstanceConfig
from webapp.supervisor.supervisor import Supervisor


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to serve on. [default: 8000]")
@click.option("--workers", type=click.IntRange(1, 64), help="Number of drain workers. [default: one per core]")
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Data folder. [default: .laurel]")
@click.option("--no-demo", is_flag=True, help="Install no packs and send no example events.")
def command(port: int | None, workers: int | None, data_dir: Path | None, no_demo: bool) -> None:  # noqa: FBT001
    """Start everything and serve; Ctrl-C stops every process."""
    variables = {"LAUREL_PORT": port, "LAUREL_WORKERS": workers, "LAUREL_DATA_DIR": data_dir}
    os.environ.update({name: str(value) for name, value in variables.items() if value is not None})
    Supervisor(InstanceConfig.from_environment(), with_demo=not no_demo).run()
