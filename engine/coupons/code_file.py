"""A file of coupon codes, line by line: which may become coupons, and what is wrong with the others."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from engine.coupons.issue import code_problem

CODE_HEADINGS = ("code", "coupon", "coupon code", "coupon_code", "voucher")
SEPARATORS = ",;\t"
LINES_MAX = 1_000_000
NOT_UNICODE = "is not UTF-8; save the file as CSV UTF-8"
_UTF_16_MARKS = frozenset({b"\xff\xfe", b"\xfe\xff"})
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line: its number from 1, the code as it is read, and why it is refused (empty if it is not)."""

    number: int
    code: str
    problem: str = ""


class UnreadableCodeFile(ValueError):  # noqa: N818  (shown to whoever sent the file)
    """The file as a whole cannot be read."""


def decode_file(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one; other bytes become U+FFFD.

    Raises UnreadableCodeFile, with the line, if this cannot be a file of codes.
    """
    encoding = "utf-16" if content[:2] in _UTF_16_MARKS else "utf-8-sig"
    text = content.decode(encoding, errors="replace")
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise UnreadableCodeFile(f"line {line} contains a zero byte; this is not a CSV file")
    return text


def read_lines(text: str) -> Iterator[CodeLine]:
    """The lines of a file that are not empty: the first cell of each, or the cell in the column headed as a code.

    A duplicate code is refused, with the number of the line where it came first. Raises UnreadableCodeFile where the
    file breaks off or has too many lines.
    """
    rows = csv.reader(text.splitlines(), delimiter=_separator(text))
    column: int | None = None
    line_of_code: dict[str, int] = {}
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if column is None:
                heading = _code_column(row)
                column = heading or 0
                if heading is not None:
                    continue
            code = row[column].strip() if column < len(row) else ""
            yield _read_line(rows.line_num, code, line_of_code)
    except csv.Error as error:
        raise UnreadableCodeFile(f"line {rows.line_num}: {error}") from None


def _separator(text: str) -> str:
    first_line = text.partition("\n")[0]
    return max(SEPARATORS, key=first_line.count)


def _code_column(row: list[str]) -> int | None:
    """The column that a first row heads as the code; None if that row is no heading."""
    for column, cell in enumerate(row):
        if cell.strip().lower() in CODE_HEADINGS:
            return column
    return None


def _read_line(number: int, code: str, line_of_code: dict[str, int]) -> CodeLine:
    if number > LINES_MAX:
        raise UnreadableCodeFile(f"a file may have {LINES_MAX:,} lines; split it")
    problem = NOT_UNICODE if _REPLACEMENT in code else code_problem(code)
    if not problem and code in line_of_code:
        problem = f"is already on line {line_of_code[code]}"
    if not problem:
        line_of_code[code] = number
    return CodeLine(number, code, problem)
