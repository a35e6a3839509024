"""The lines of a file that may become coupons, and what is wrong with the others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.coupons.code_file.dates import read_date
from engine.coupons.code_file.layout import Layout
from engine.coupons.code_file.split_rows import Row, UnreadableCodeFile, rows_of
from engine.coupons.issue import code_problem

LINES_MAX = 1_000_000
DUPLICATE = "is already on line"
"""How the problem of a duplicate begins; the number of the earlier line follows."""
_ROUNDED_NUMBER = re.compile(r"\d+(?:[.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line: its number from 1, its code, why it is left out (empty if it is not), and the last day it is good."""

    number: int
    code: str
    problem: str = ""
    good_until: date | None = None


def read_lines(text: str, layout: Layout, today: date) -> Iterator[CodeLine]:
    """The lines of a file that are not empty and no headings, with what is wrong with them.

    Left out is a code whose last day is before `today`, and a duplicate, with the number of the line where it came
    first. Raises UnreadableCodeFile where the file has too many lines. Gives nothing where no column is chosen.
    """
    if layout.code is None:
        return
    line_of_code: dict[str, int] = {}
    for row in rows_of(text, layout.separator):
        if row.number > LINES_MAX:
            raise UnreadableCodeFile(f"a file may have {LINES_MAX:,} lines; split it")
        if row.number in layout.headings:
            continue
        line = _read_line(row, layout, today)
        if not line.problem and line.code in line_of_code:
            line = replace(line, problem=f"{DUPLICATE} {line_of_code[line.code]}")
        if not line.problem:
            line_of_code[line.code] = line.number
        yield line


def _read_line(row: Row, layout: Layout, today: date) -> CodeLine:
    code = row.cell(layout.code or 0)
    if row.problem:
        return CodeLine(row.number, layout.separator.join(row.cells), row.problem)
    problem = _code_problem(code)
    if problem or layout.good_until is None:
        return CodeLine(row.number, code, problem)
    text = row.cell(layout.good_until)
    day = read_date(text, layout.date_order)
    if text and day is None:
        return CodeLine(row.number, code, f"is good until “{text[:40]}”, which is not a date")
    if day is not None and day < today:
        return CodeLine(row.number, code, f"was good until {day}")
    return CodeLine(row.number, code, "", day)


def _code_problem(code: str) -> str:
    if "\ufffd" in code:
        return "has a character that cannot be read; save the file as CSV UTF-8"
    if _ROUNDED_NUMBER.fullmatch(code):
        return "is a number that a spreadsheet has rounded; format the column as text and save the file again"
    return code_problem(code)
