"""`laurel pack`: ready-made rules."""

import sys

import click

import rules_library
from webapp.config import Settings
from webapp.jobs.publish import apply_documents
from webapp.store.connection import connect

BY = "command line"


@click.group()
def command() -> None:
    """List and install ready-made rules."""


@command.command("list")
def list_packs() -> None:
    """Name every pack, what it is for and how many rules it has."""
    for pack in rules_library.packs():
        click.echo(f"{pack.name:<14} {len(pack.documents):>3} rules  {pack.summary}")


@command.command()
@click.argument("name")
@click.option("--publish", is_flag=True, help="Make the rules live at once; otherwise they are kept as drafts.")
def install(name: str, publish: bool) -> None:  # noqa: FBT001
    """Install the pack NAME; rules that are there unchanged stay as they are."""
    pack = rules_library.pack(name)
    if pack is None:
        known = ", ".join(each.name for each in rules_library.packs())
        raise click.ClickException(f"no pack {name!r}; there are: {known}")
    settings = Settings.from_environment()
    with connect(settings.database_url) as conn:
        applied = apply_documents(conn, list(pack.documents), BY, publish=publish)
        if not applied.problems:
            conn.commit()
    for problem in applied.problems:
        click.echo(f"{name}: {problem.path}: {problem.message}", err=True)
    if applied.problems:
        sys.exit(1)
    click.echo(f"{name}: {len(applied.versions)} rules {'live' if publish else 'kept as drafts'}")
