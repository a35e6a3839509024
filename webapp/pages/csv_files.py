"""Tables that people download as CSV: sent page by page, and without a cell that a spreadsheet takes for a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from flask import Response, stream_with_context

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
"""Before the first column's name, it lets spreadsheets read the file as UTF-8."""


def csv_download(name: str, columns: Sequence[str], pages: Iterable[Iterable[Sequence[object]]]) -> Response:
    """A file with these rows, which are read while it is sent: no more than one page of them is held at once."""
    response = Response(stream_with_context(_parts(columns, pages)), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _parts(columns: Sequence[str], pages: Iterable[Iterable[Sequence[object]]]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _text([columns])
    for page in pages:
        yield _text([_without_formula(cell) for cell in row] for row in page)


def _text(rows: Iterable[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _without_formula(cell: object) -> object:
    """A text gets an apostrophe where it begins like a formula; a negative number is none."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
