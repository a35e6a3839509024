"""`laurel pack`: lists and installs packs of ready-made rules."""

import sys

import click

import rules_library
from rules_library import Pack
from webapp.commands.rules import PAST, report_problems, save_and_finish
from webapp.config import Settings
from webapp.services.publishing.publish import FROM_NOW


@click.group()
def command() -> None:
    """List and install packs of ready-made rules."""


@command.command("list")
def list_packs() -> None:
    """List every pack: how many rules it has, what it is for and which packs it needs."""
    for pack in rules_library.packs():
        needs = f" Needs {', '.join(pack.needs)}." if pack.needs else ""
        click.echo(f"{pack.name:<14} {len(pack.documents):>3} rules  {pack.summary}{needs}")


@command.command()
@click.argument("name")
@click.option("--publish", is_flag=True, help="Publish the rules at once; otherwise they are saved as drafts.")
@click.option("--past", type=PAST, default=FROM_NOW, show_default=True, help="What to do with history on publishing.")
def install(name: str, publish: bool, past: str) -> None:  # noqa: FBT001
    """Install the pack NAME and the packs it needs; rules that exist unchanged stay as they are."""
    chosen = rules_library.pack(name)
    if chosen is None:
        names = ", ".join(pack.name for pack in rules_library.packs())
        raise click.ClickException(f"no such pack: {name!r}; available: {names}")
    settings = Settings.from_environment()
    for pack in rules_library.with_needs(chosen):
        _install(settings, pack, publish=publish, past=past)


def _install(settings: Settings, pack: Pack, *, publish: bool, past: str) -> None:
    applied = save_and_finish(settings, list(pack.documents), publish=publish, past=past)
    if applied.problems:
        report_problems([(pack.name, problem.path, problem.message) for problem in applied.problems])
        sys.exit(1)
    click.echo(f"{pack.name}: {len(applied.versions)} rules {'live' if publish else 'saved as drafts'}")
