"""The content of a file as rows of cells, each line cut by itself."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

CELL_LENGTH_MAX = 10_000

SEPARATORS: Mapping[str, str] = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_UTF_16_MARKS = frozenset({b"\xff\xfe", b"\xfe\xff"})


class UnreadableCodeFile(ValueError):  # noqa: N818  (shown to whoever sent the file)
    """The file as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line cut into its cells; `problem` says why it cannot be cut, or that it is a comment."""

    number: int
    cells: list[str]
    problem: str = ""

    def cell(self, index: int) -> str:
        """The cell of a column; empty where the line ends before it."""
        return self.cells[index] if index < len(self.cells) else ""


def decode_file(content: bytes) -> tuple[str, str]:
    """The text of a file, and the encoding as people call it: UTF-8, UTF-16 with a mark, or else Windows' Latin-1.

    Raises UnreadableCodeFile, with the line, if this cannot be a file of codes.
    """
    if content[:2] in _UTF_16_MARKS:
        text, encoding = content.decode("utf-16", errors="replace"), "UTF-16"
    else:
        try:
            text, encoding = content.decode("utf-8-sig"), "UTF-8"
        except UnicodeDecodeError:
            text, encoding = content.decode("cp1252", errors="replace"), "Latin-1"
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise UnreadableCodeFile(f"line {line} contains a zero byte; this is not a CSV file")
    if not text.strip():
        raise UnreadableCodeFile("the file is empty")
    return text, encoding


def first_rows(text: str, separator: str, count: int) -> list[Row]:
    """The first rows that have content, for a person to look at."""
    return list(islice(rows_of(text, separator), count))


def rows_of(text: str, separator: str) -> Iterator[Row]:
    """The lines with content, each cut by itself: a quote that is not closed spoils its own line and no other."""
    lines = text.splitlines()
    are_comments_likely = not all(line.lstrip().startswith("#") for line in lines if line.strip())
    for number, line in enumerate(lines, 1):
        if not line.strip(" \t" + separator):
            continue
        if number == 1 and re.fullmatch(r"sep=.", line.strip(" \"'"), re.IGNORECASE):
            continue
        if are_comments_likely and line.lstrip().startswith("#"):
            yield Row(number, [line.strip()], "begins with #, as a comment does")
        elif len(line) > CELL_LENGTH_MAX:
            yield Row(number, [line[:CELL_LENGTH_MAX]], f"the line is longer than {CELL_LENGTH_MAX:,} characters")
        elif '"' not in line:
            yield Row(number, [cell.strip() for cell in line.split(separator)])
        else:
            yield _quoted_row(number, line, separator)


def _quoted_row(number: int, line: str, separator: str) -> Row:
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True))
    except csv.Error:
        return Row(number, [line.strip()], "opens a quote that it does not close")
    return Row(number, [cell.strip() for cell in cells])
