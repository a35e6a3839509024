"""A file of coupon codes, line by line: which may become coupons, and what is wrong with the others."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from engine.coupons.issue import code_problem

HEADS = ("code", "coupon", "coupon code", "coupon_code", "voucher")
SEPARATORS = ",;\t"
LINES_MAX = 1_000_000
NOT_UNICODE = "is not UTF-8; save the file as CSV UTF-8"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, the code as it is read, and why it is refused (empty where it is not)."""

    number: int
    code: str
    problem: str = ""


class Unreadable(ValueError):  # noqa: N818  (told to whoever sent the file)
    """The file as a whole cannot be read."""


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a mark, or UTF-16 with one; what is neither is marked by U+FFFD.

    Raises Unreadable, with the place, where this cannot be a file of codes.
    """
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = content.decode(encoding, errors="replace")
    if "\x00" in text:
        raise Unreadable(f"line {text[: text.index(chr(0))].count(chr(10)) + 1} holds a zero byte; this is no CSV file")
    return text


def lines(text: str) -> Iterator[Line]:
    """The lines of a file that are not empty: of each the first cell, or the column that is headed as a code.

    A code that stands twice is refused the second time, with the number of the line where it stood first.
    """
    rows = csv.reader(text.splitlines(), delimiter=_separator(text))
    column, seen = None, dict[str, int]()
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if column is None:
                column, is_head = _head(row)
                if is_head:
                    continue
            yield _line(rows.line_num, row[column].strip() if column < len(row) else "", seen)
    except csv.Error as error:
        raise Unreadable(f"line {rows.line_num}: {error}") from None


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def _head(row: list[str]) -> tuple[int, bool]:
    for place, cell in enumerate(row):
        if cell.strip().lower() in HEADS:
            return place, True
    return 0, False


def _line(number: int, code: str, seen: dict[str, int]) -> Line:
    if number > LINES_MAX:
        raise Unreadable(f"a file may have {LINES_MAX:,} lines; split it")
    problem = NOT_UNICODE if "\ufffd" in code else code_problem(code)
    if not problem and code in seen:
        problem = f"stands on line {seen[code]} already"
    if not problem:
        seen[code] = number
    return Line(number, code, problem)
