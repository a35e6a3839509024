"""`laurel events`: imports events in bulk from JSON lines."""

import codecs
import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from webapp.api.body_flaws import InvalidValue
from webapp.api.events.event_body import decode_event
from webapp.commands.parameters import ACTOR, APP
from webapp.config import Settings
from webapp.http.problems import ApiProblem
from webapp.services.pipeline.bulk_import import BATCH, Importer, begin_import, record_import
from webapp.store.events.event_log import NewEvent, Status
from webapp.store.people.apps import DEFAULT_APP

LINE_BYTES_MAX = 1024 * 1024
REASONS = {
    Status.CONFLICT: "this id was already used for a different event",
    Status.FUTURE: "more than 5 minutes in the future",
}


@click.group()
def command() -> None:
    """Import events in bulk."""


class Tally:
    """The results of the lines so far; each bad line is reported as soon as it is read."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.accepted = self.duplicate = self.skipped = 0

    def skip(self, line: int, reason: str) -> None:
        """Count a bad line and report its number and the reason."""
        self.skipped += 1
        self._console.print(f"line {line}: {reason}", markup=False, highlight=False, soft_wrap=True)

    def count(self, line: int, status: Status) -> None:
        """Count a line that was sent."""
        self.accepted += status is Status.ACCEPTED
        self.duplicate += status is Status.DUPLICATE
        if status in REASONS:
            self.skip(line, REASONS[status])

    def __str__(self) -> str:
        return f"{self.accepted} imported, {self.duplicate} already there, {self.skipped} left out"


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--app", type=APP, default=DEFAULT_APP, show_default=True, help="The app that the events belong to.")
def import_events(file: Path, app: str) -> None:
    """Import FILE, one event a line (.jsonl or .jsonl.gz); running it again imports nothing twice.

    Bad lines are reported and left out; the exit code is then 1.
    """
    settings = Settings.from_environment()
    importer = begin_import(settings, app)
    console = Console(stderr=True)
    tally = Tally(console)
    with _progress(console, file) as (source, bar, task):
        _import(importer, source, tally, bar, task)
    record_import(settings, file.name, app, str(tally), ACTOR)
    click.echo(str(tally))
    sys.exit(1 if tally.skipped else 0)


@contextmanager
def _progress(console: Console, file: Path) -> Iterator[tuple[BinaryIO, Progress, TaskID]]:
    """The file, and a bar over its bytes on disk: of a compressed file the compressed ones."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with file.open("rb") as source, Progress(*columns, console=console) as bar:
        yield source, bar, bar.add_task(file.name, total=file.stat().st_size)


def _import(importer: Importer, source: BinaryIO, tally: Tally, bar: Progress, task: TaskID) -> None:
    batch: list[tuple[int, NewEvent]] = []
    for line, text in _lines(source):
        event = _read(line, text, tally)
        if event is not None:
            batch.append((line, event))
        if len(batch) == BATCH:
            _send(importer, batch, tally)
            bar.update(task, completed=source.tell(), description=str(tally))
            batch = []
    _send(importer, batch, tally)
    bar.update(task, completed=source.tell(), description=str(tally))


def _lines(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Every line that is not blank, with its number; of a line that is far too long only the beginning."""
    is_gzip = source.read(2) == b"\x1f\x8b"
    source.seek(0)
    lines = gzip.GzipFile(fileobj=source) if is_gzip else source
    number = 0
    try:
        while text := lines.readline(LINE_BYTES_MAX):
            number += 1
            first = text.removeprefix(codecs.BOM_UTF8) if number == 1 else text
            while len(text) == LINE_BYTES_MAX and not text.endswith(b"\n"):
                text = lines.readline(LINE_BYTES_MAX)
            if first.strip():
                yield number, first
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise click.ClickException(f"the file cannot be decompressed after line {number}: {error}") from error


def _read(line: int, text: bytes, tally: Tally) -> NewEvent | None:
    if len(text) == LINE_BYTES_MAX:
        tally.skip(line, f"longer than {LINE_BYTES_MAX} bytes")
        return None
    try:
        return decode_event(text.strip())
    except InvalidValue as invalid:
        error = invalid.field_error()
        tally.skip(line, f"{error.pointer}: {error.detail}" if error.pointer else error.detail)
    except ApiProblem as problem:
        tally.skip(line, f"invalid JSON: {problem.detail}")
    return None


def _send(importer: Importer, batch: list[tuple[int, NewEvent]], tally: Tally) -> None:
    if not batch:
        return
    appended = importer.send([event for _, event in batch])
    for (line, _), status in zip(batch, appended.statuses, strict=True):
        tally.count(line, status)
