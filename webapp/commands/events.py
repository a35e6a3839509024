"""`laurel events`: import events in bulk from JSON lines."""

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

from webapp.api.events.event_body import decode_event
from webapp.api.problems import ApiProblem
from webapp.api.request_body import InvalidValue
from webapp.commands.shared import APP, BY
from webapp.config import Settings
from webapp.services.pipeline.bulk_import import BATCH, Importer
from webapp.store.events.event_log import NewEvent, Status
from webapp.store.people import apps, audit
from webapp.store.system.connection import connect

LINE_BYTES_MAX = 1024 * 1024
REASONS = {
    Status.CONFLICT: "this id was used for another event",
    Status.FUTURE: "more than 5 minutes in the future",
}


@click.group()
def command() -> None:
    """Import events in bulk."""


class Tally:
    """What became of the lines so far; each bad one is named as soon as it is met."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.accepted = self.duplicate = self.left_out = 0

    def leave_out(self, line: int, reason: str) -> None:
        """Count a bad line, and say which and why."""
        self.left_out += 1
        self._console.print(f"line {line}: {reason}", markup=False, highlight=False, soft_wrap=True)

    def count(self, line: int, status: Status) -> None:
        """Count a line that was sent."""
        self.accepted += status is Status.ACCEPTED
        self.duplicate += status is Status.DUPLICATE
        if status in REASONS:
            self.leave_out(line, REASONS[status])

    def __str__(self) -> str:
        return f"{self.accepted} imported, {self.duplicate} already there, {self.left_out} left out"


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--app", type=APP, default=apps.DEFAULT_APP, show_default=True, help="The app that the events are of.")
def import_events(file: Path, app: str) -> None:
    """Import FILE, one event a line (.jsonl or .jsonl.gz); running it again imports nothing twice.

    Bad lines are listed and left out; the exit code is then 1.
    """
    settings = Settings.from_environment()
    with connect(settings.database_url) as conn:
        importer = Importer(settings, apps.ensure_app(conn, app))
        conn.commit()
    console = Console(stderr=True)
    tally = Tally(console)
    with _progress(console, file) as (source, bar, task):
        _import(importer, source, tally, bar, task)
    with connect(settings.database_url) as conn:
        audit.note(conn, BY, "events.imported", file.name, after={"app": app, "result": str(tally)})
        conn.commit()
    click.echo(str(tally))
    sys.exit(1 if tally.left_out else 0)


@contextmanager
def _progress(console: Console, file: Path) -> Iterator[tuple[BinaryIO, Progress, TaskID]]:
    """The file, and a bar over its bytes as they lie on the disk: of a packed file the packed ones."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with file.open("rb") as source, Progress(*columns, console=console) as bar:
        yield source, bar, bar.add_task(file.name, total=file.stat().st_size)


def _import(importer: Importer, source: BinaryIO, tally: Tally, bar: Progress, task: TaskID) -> None:
    waiting: list[tuple[int, NewEvent]] = []
    for line, text in _lines(source):
        event = _read(line, text, tally)
        if event is not None:
            waiting.append((line, event))
        if len(waiting) == BATCH:
            _send(importer, waiting, tally)
            bar.update(task, completed=source.tell(), description=str(tally))
            waiting = []
    _send(importer, waiting, tally)
    bar.update(task, completed=source.tell(), description=str(tally))


def _lines(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Every line that is not blank, with its number; of one that is far too long only its beginning."""
    packed = source.read(2) == b"\x1f\x8b"
    source.seek(0)
    lines = gzip.GzipFile(fileobj=source) if packed else source
    number = 0
    try:
        while text := lines.readline(LINE_BYTES_MAX):
            number += 1
            whole = text
            while len(text) == LINE_BYTES_MAX and not text.endswith(b"\n"):
                text = lines.readline(LINE_BYTES_MAX)
            if whole.strip():
                yield number, whole
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise click.ClickException(f"after line {number} the file cannot be unpacked: {error}") from error


def _read(line: int, text: bytes, tally: Tally) -> NewEvent | None:
    if len(text) == LINE_BYTES_MAX:
        tally.leave_out(line, f"longer than {LINE_BYTES_MAX} bytes")
        return None
    try:
        return decode_event(text.strip())
    except InvalidValue as wrong:
        flaw = wrong.field_error()
        tally.leave_out(line, f"{flaw.pointer}: {flaw.detail}" if flaw.pointer else flaw.detail)
    except ApiProblem as refused:
        tally.leave_out(line, f"no JSON: {refused.detail}")
    return None


def _send(importer: Importer, waiting: list[tuple[int, NewEvent]], tally: Tally) -> None:
    if not waiting:
        return
    appended = importer.send([event for _, event in waiting])
    for (line, _), status in zip(waiting, appended.statuses, strict=True):
        tally.count(line, status)
