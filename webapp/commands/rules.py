"""`laurel rules`: applies, exports, pauses and archives rule documents as code."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from webapp.commands.parameters import ACTOR
from webapp.config import Settings
from webapp.services.publishing import rule_changes
from webapp.services.publishing.publish import FROM_NOW, PASTS, PublicationResult
from webapp.services.publishing.rule_changes import RuleNeeded, UnknownRule
from webapp.store.rules import rule_versions
from webapp.store.system.connection import connect

PAST = click.Choice(PASTS)
Origin = tuple[Path, str]
"""The file of a document, and its pointer there."""


@click.group()
def command() -> None:
    """Apply, export, pause and archive rules."""


@command.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="Publish the rules; otherwise they are saved as drafts.")
@click.option(
    "--past",
    type=PAST,
    default=FROM_NOW,
    show_default=True,
    help="What to do with history on publishing; `award` reaches whoever would have earned a rule and did not.",
)
def apply(files: tuple[Path, ...], publish: bool, past: str) -> None:  # noqa: FBT001
    """Apply the rule documents in FILES: all of them or, if one has a problem, none."""
    if past != FROM_NOW and not publish:
        raise click.UsageError("--past requires --publish: drafts award nothing")
    documents, origins = _read_files(files)
    applied = save_and_finish(Settings.from_environment(), documents, publish=publish, past=past)
    if applied.problems:
        report_problems([(*_origin(problem.path, origins), problem.message) for problem in applied.problems])
        sys.exit(1)
    state = f"live in rulebook {applied.rulebook}" if publish else "saved as drafts"
    click.echo(f"{len(applied.versions)} rules applied, {state}")
    for key, starts_at in applied.scheduled.items():
        click.echo(f"{key}: v{applied.versions[key]} takes over on {starts_at:%Y-%m-%d %H:%M} UTC")


def save_and_finish(settings: Settings, documents: list[Any], *, publish: bool, past: str) -> PublicationResult:
    """Apply documents and, if history has to be counted or awarded, wait until the publication is finished."""
    applied = rule_changes.save_rules(settings, documents, ACTOR, is_published=publish, past=past)
    _finish(settings, applied)
    return applied


def _finish(settings: Settings, applied: PublicationResult) -> None:
    if applied.job is None:
        return
    from webapp.services.publishing.finish_publication import finish_now

    click.echo("counting history…", err=True)
    result = finish_now(settings, applied.job)
    if result and result["awarded"]:
        click.echo(f"{result['awarded']} awards from history", err=True)


def _read_files(files: tuple[Path, ...]) -> tuple[list[Any], list[Origin]]:
    """All documents, and the origin of each."""
    documents: list[Any] = []
    origins: list[Origin] = []
    for file in files:
        file_documents = _read_file(file)
        documents += file_documents
        origins += [(file, f"/{index}") for index in range(len(file_documents))]
    return documents, origins


def _read_file(file: Path) -> list[Any]:
    try:
        documents = json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=_object_of_unique_keys)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise click.ClickException(f"{file}: invalid JSON: {error}") from error
    if not isinstance(documents, list):
        raise click.ClickException(f"{file}: expected a JSON list of rule documents")
    return documents


def _object_of_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        duplicate = min(key for key in members if keys.count(key) > 1)
        raise ValueError(f"duplicate key {duplicate!r}")
    return members


def _origin(path: str, origins: list[Origin]) -> tuple[str, str]:
    """The file, and the pointer in it, of a pointer into the documents of all files together."""
    index, _, rest = path.removeprefix("/").partition("/")
    if not index.isdigit():
        return "all files", path
    file, pointer = origins[int(index)]
    return str(file), f"{pointer}/{rest}" if rest else pointer


def report_problems(problems: Sequence[tuple[str, str, str]]) -> None:
    """Print each (origin, path, message) on a line, and that nothing was applied."""
    for origin, path, message in problems:
        click.echo(f"{origin}: {path or '/'}: {message}", err=True)
    count = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
    click.echo(f"nothing was applied: {count}", err=True)


@command.command()
@click.argument("keys", nargs=-1)
def export(keys: tuple[str, ...]) -> None:
    """Print the documents of all rules in use, or of those with KEYS, as a JSON list."""
    with connect(Settings.from_environment().database_url) as conn:
        documents = rule_versions.export(conn, keys or None)
    missing = sorted(set(keys) - {document["key"] for document in documents})
    if missing:
        raise click.ClickException(f"no such rule: {', '.join(missing)}")
    click.echo(json.dumps(documents, indent=2, ensure_ascii=False))


@command.command()
@click.argument("key")
def pause(key: str) -> None:
    """Pause the rule KEY; what it has awarded remains."""
    _remove(key, rule_changes.pause_rule, "paused")


@command.command()
@click.argument("key")
def archive(key: str) -> None:
    """Archive the rule KEY; what it has awarded remains."""
    _remove(key, rule_changes.archive_rule, "archived")


def _remove(key: str, change: Callable[[Settings, str, str], int], effect: str) -> None:
    with _as_errors():
        number = change(Settings.from_environment(), key, ACTOR)
    click.echo(f"{key}: {effect}, rulebook {number}")


@command.command()
@click.argument("key")
def resume(key: str) -> None:
    """Resume the paused rule KEY."""
    settings = Settings.from_environment()
    with _as_errors():
        applied = rule_changes.resume_rule(settings, key, ACTOR)
    if applied.problems:
        report_problems([(key, problem.path, problem.message) for problem in applied.problems])
        sys.exit(1)
    _finish(settings, applied)
    click.echo(f"{key}: live, rulebook {applied.rulebook}")


@contextmanager
def _as_errors() -> Iterator[None]:
    try:
        yield
    except UnknownRule as error:
        raise click.ClickException(f"no such rule: {error}") from None
    except RuleNeeded as error:
        raise click.ClickException(str(error)) from None
