"""`laurel pack`: ready-made rules."""

import sys

import click

import rules_library
from rules_library import Pack
from webapp.commands.rules import BY, PAST, apply_all, tell_problems
from webapp.config import Settings
from webapp.services.publishing.publish import FROM_NOW


@click.group()
def command() -> None:
    """List and install ready-made rules."""


@command.command("list")
def list_packs() -> None:
    """Name every pack, what it is for, how many rules it has and what it needs."""
    for pack in rules_library.packs():
        needs = f" Needs {', '.join(pack.needs)}." if pack.needs else ""
        click.echo(f"{pack.name:<14} {len(pack.documents):>3} rules  {pack.summary}{needs}")


@command.command()
@click.argument("name")
@click.option("--publish", is_flag=True, help="Make the rules live at once; otherwise they are kept as drafts.")
@click.option("--past", type=PAST, default=FROM_NOW, show_default=True, help="What to do with the past.")
def install(name: str, publish: bool, past: str) -> None:  # noqa: FBT001
    """Install the pack NAME after those that it needs; rules that are there unchanged stay as they are."""
    chosen = rules_library.pack(name)
    if chosen is None:
        known = ", ".join(each.name for each in rules_library.packs())
        raise click.ClickException(f"no pack {name!r}; there are: {known}")
    settings = Settings.from_environment()
    for pack in rules_library.with_needs(chosen):
        _install(settings, pack, publish=publish, past=past)


def _install(settings: Settings, pack: Pack, *, publish: bool, past: str) -> None:
    applied = apply_all(settings, list(pack.documents), BY, publish=publish, past=past)
    if applied.problems:
        tell_problems([(pack.name, each.path, each.message) for each in applied.problems])
        sys.exit(1)
    click.echo(f"{pack.name}: {len(applied.versions)} rules {'live' if publish else 'kept as drafts'}")
