"""`laurel rules`: rule documents as code."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from webapp.config import Settings
from webapp.jobs.publish import Applied, apply_documents
from webapp.store import rules
from webapp.store.connection import connect

BY = "command line"
PAST = click.Choice(["from_now", "award_silently", "award"])


@click.group()
def command() -> None:
    """Apply and export rule documents."""


@command.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="Make the rules live; otherwise they are kept as drafts.")
@click.option("--past", type=PAST, default="from_now", show_default=True, help="What to do with the past.")
def apply(files: tuple[Path, ...], publish: bool, past: str) -> None:  # noqa: FBT001
    """Apply rule documents from FILES, all of them or, where one has a problem, none."""
    if past != "from_now":
        raise click.UsageError("awarding history from the command line is not built yet; publish with --past from_now")
    documents, places = _read(files)
    settings = Settings.from_environment()
    with connect(settings.database_url) as conn:
        applied = apply_documents(conn, documents, BY, publish=publish)
        if not applied.problems:
            conn.commit()
    _tell(applied, places)


def _read(files: tuple[Path, ...]) -> tuple[list[Any], list[tuple[Path, int]]]:
    """All documents, and for each the file and the index that it has there."""
    documents: list[Any] = []
    places: list[tuple[Path, int]] = []
    for file in files:
        try:
            listed = json.loads(file.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise click.ClickException(f"{file}: not JSON: {error}") from error
        if not isinstance(listed, list):
            raise click.ClickException(f"{file}: must be a JSON list of rule documents")
        documents += listed
        places += [(file, index) for index in range(len(listed))]
    return documents, places


def _tell(applied: Applied, places: list[tuple[Path, int]]) -> None:
    for problem in applied.problems:
        _, index, *rest = problem.path.split("/") if problem.path else ("", "", "")
        file, own = places[int(index)] if index.isdigit() else (Path("-"), 0)
        click.echo(f"{file}: /{'/'.join([str(own), *rest])}: {problem.message}", err=True)
    if applied.problems:
        click.echo(f"nothing was applied: {len(applied.problems)} problems", err=True)
        sys.exit(1)
    book = f", live in rulebook {applied.rulebook}" if applied.rulebook is not None else ", kept as drafts"
    click.echo(f"{len(applied.versions)} rules applied{book}")


@command.command()
@click.argument("keys", nargs=-1)
def export(keys: tuple[str, ...]) -> None:
    """Print the documents of all rules in use, or of those named by KEYS, as a JSON list."""
    settings = Settings.from_environment()
    with connect(settings.database_url) as conn:
        found = rules.export(conn, keys or None)
    missing = sorted(set(keys) - {each["key"] for each in found})
    if missing:
        raise click.ClickException(f"no such rule: {', '.join(missing)}")
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))
