"""`laurel rules`: rule documents as code."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from webapp.config import Settings
from webapp.services.publishing import publish as publishing
from webapp.services.publishing.publish import FROM_NOW, PASTS, PublicationResult, apply_documents
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection, connect

BY = "command line"
PAST = click.Choice(PASTS)
Place = tuple[Path, str]


@click.group()
def command() -> None:
    """Apply, export, pause and archive rules."""


@command.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="Make the rules live; otherwise they are kept as drafts.")
@click.option("--past", type=PAST, default=FROM_NOW, show_default=True, help="What to do with the past.")
def apply(files: tuple[Path, ...], publish: bool, past: str) -> None:  # noqa: FBT001
    """Apply rule documents from FILES: all of them or, where one has a problem, none."""
    if past != FROM_NOW and not publish:
        raise click.UsageError("--past needs --publish: drafts award nothing")
    documents, places = _read(files)
    applied = apply_all(Settings.from_environment(), documents, BY, publish=publish, past=past)
    if applied.problems:
        tell_problems([(*_place(each.path, places), each.message) for each in applied.problems])
        sys.exit(1)
    book = f"live in rulebook {applied.rulebook}" if publish else "kept as drafts"
    click.echo(f"{len(applied.versions)} rules applied, {book}")
    for key, starts_at in applied.scheduled.items():
        click.echo(f"{key}: v{applied.versions[key]} takes over on {starts_at:%Y-%m-%d %H:%M} UTC")


def apply_all(settings: Settings, documents: list[Any], by: str, *, publish: bool, past: str) -> PublicationResult:
    """Apply documents and see a publication through to its end, where history has to be counted or awarded."""
    with connect(settings.database_url) as conn:
        applied = apply_documents(conn, documents, by, publish=publish, past=past)
        if not applied.problems:
            conn.commit()
    _see_through(settings, applied)
    return applied


def _see_through(settings: Settings, applied: PublicationResult) -> None:
    if applied.job is None:
        return
    from webapp.services.publishing.finish_publication import finish_now

    click.echo("counting history…", err=True)
    result = finish_now(settings, applied.job)
    if result and result["awarded"]:
        click.echo(f"{result['awarded']} awards from history", err=True)


def _read(files: tuple[Path, ...]) -> tuple[list[Any], list[Place]]:
    """All documents, and for each the file and the pointer that it has there."""
    documents: list[Any] = []
    places: list[Place] = []
    for file in files:
        listed = _listed(file)
        documents += listed
        places += [(file, f"/{index}") for index in range(len(listed))]
    return documents, places


def _listed(file: Path) -> list[Any]:
    try:
        listed = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_once_each)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise click.ClickException(f"{file}: not JSON: {error}") from error
    if not isinstance(listed, list):
        raise click.ClickException(f"{file}: must be a JSON list of rule documents")
    return listed


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    doubled = (
        {name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1} if len(found) < len(pairs) else ()
    )
    if doubled:
        raise ValueError(f"{min(doubled)!r} stands twice in one object")
    return found


def _place(path: str, places: list[Place]) -> tuple[str, str]:
    """The file and the pointer there of a pointer into all documents together."""
    index, _, rest = path.removeprefix("/").partition("/")
    if not index.isdigit():
        return "all files", path
    file, own = places[int(index)]
    return str(file), f"{own}/{rest}" if rest else own


def tell_problems(problems: Sequence[tuple[str, str, str]]) -> None:
    """Print (where, path, message), a line each, and that nothing was done."""
    for where, path, message in problems:
        click.echo(f"{where}: {path or '/'}: {message}", err=True)
    count = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
    click.echo(f"nothing was applied: {count}", err=True)


@command.command()
@click.argument("keys", nargs=-1)
def export(keys: tuple[str, ...]) -> None:
    """Print the documents of all rules in use, or of those named by KEYS, as a JSON list."""
    with connect(Settings.from_environment().database_url) as conn:
        found = rule_versions.export(conn, keys or None)
    missing = sorted(set(keys) - {each["key"] for each in found})
    if missing:
        raise click.ClickException(f"no such rule: {', '.join(missing)}")
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


@command.command()
@click.argument("key")
def pause(key: str) -> None:
    """Take the rule KEY out of force; what it gave stays."""
    _leave(key, publishing.pause)


@command.command()
@click.argument("key")
def archive(key: str) -> None:
    """Take the rule KEY out of use."""
    _leave(key, publishing.archive)


def _leave(key: str, leave: Callable[[Connection, str, str], int]) -> None:
    with connect(Settings.from_environment().database_url) as conn:
        _refuse_unknown(conn, key)
        rule_versions.lock(conn)
        if needing := publishing.dependent_rules(conn, key):
            raise click.ClickException(f"{key} is needed by {', '.join(needing)}")
        number = leave(conn, key, BY)
        conn.commit()
    click.echo(f"{key}: out of force, rulebook {number}")


@command.command()
@click.argument("key")
def resume(key: str) -> None:
    """Put the paused rule KEY back into force."""
    settings = Settings.from_environment()
    with connect(settings.database_url) as conn:
        _refuse_unknown(conn, key)
        applied = publishing.resume(conn, key, BY)
        if not applied.problems:
            conn.commit()
    if applied.problems:
        tell_problems([(key, each.path, each.message) for each in applied.problems])
        sys.exit(1)
    _see_through(settings, applied)
    click.echo(f"{key}: in force, rulebook {applied.rulebook}")


def _refuse_unknown(conn: Connection, key: str) -> None:
    if rule_versions.rule(conn, key) is None:
        raise click.ClickException(f"there is no rule {key!r}")
