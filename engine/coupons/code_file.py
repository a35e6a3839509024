"""A file of coupon codes: which column holds them, which lines are headings, and which lines may become coupons.

Nothing here is certain, so nothing is hidden: the page shows what was recognised, and whoever sent the file corrects
it. A column is recognised by what its values are like (all different, alike in shape, no dates, no running numbers), a
heading by not being like the rest of its column. Words in a heading add weight and decide nothing alone.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice, pairwise
from typing import Any

from engine.coupons.issue import code_problem

LINES_MAX = 1_000_000
COLUMNS_MAX = 40
SAMPLE_ROWS = 1_000
HEADINGS_MAX = 3
CELL_LENGTH_MAX = 10_000

SEPARATORS: Mapping[str, str] = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
CODE_WORDS = ("code", "coupon", "voucher", "gutschein", "promo", "serial", "pin", "código", "codigo", "cupón", "bon")
UNTIL_WORDS = ("valid", "expir", "until", "gültig", "ablauf", "good", "ends", "best before")
NUMBER_HEADINGS = ("id", "nr", "no", "line", "row", "#")

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_UTF_16_MARKS = frozenset({b"\xff\xfe", b"\xfe\xff"})
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", re.ASCII)
_LOCAL_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?: .*)?", re.ASCII)
_AMOUNT = re.compile(r"[€$£]? ?-?\d{1,7}(?:[.,]\d{1,2})? ?(?:%|[€$£]|[A-Z]{3})?", re.ASCII)
_ROUNDED_NUMBER = re.compile(r"\d+(?:[.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)


class UnreadableCodeFile(ValueError):  # noqa: N818  (shown to whoever sent the file)
    """The file as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read. Columns count from 0; `code` is None where no column stands out and a person has to choose.

    `headings` are the numbers of the lines above the codes; `date_order` tells how `03/04/2026` is meant.
    """

    encoding: str
    separator: str
    columns: int
    code: int | None
    good_until: int | None = None
    headings: tuple[int, ...] = ()
    date_order: str = DAY_FIRST
    is_date_order_certain: bool = True
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The layout as it is stored."""
        return {name: getattr(self, name) for name in self.__slots__} | {"headings": list(self.headings)}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Layout":
        """The layout that `as_json` gave; other members are ignored."""
        members = {name: raw[name] for name in cls.__slots__}
        return cls(**members | {"headings": tuple(raw["headings"])})


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line: its number from 1, its code, why it is left out (empty if it is not), and the last day it is good."""

    number: int
    code: str
    problem: str = ""
    good_until: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line cut into its cells; `problem` says why it cannot be cut, or that it is a comment."""

    number: int
    cells: list[str]
    problem: str = ""


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
    return list(islice(_rows(text, separator), count))


def recognise_layout(text: str, encoding: str) -> Layout:
    """How a file is most probably meant. Raises UnreadableCodeFile where it has too many columns to be one of codes."""
    separator = _separator(text)
    rows = [row for row in first_rows(text, separator, SAMPLE_ROWS) if not row.problem]
    width = max((len(row.cells) for row in rows), default=1)
    if width > COLUMNS_MAX:
        raise UnreadableCodeFile(f"a line has {width} columns; a file of codes has at most {COLUMNS_MAX}")
    table = [row for row in rows if _filled(row) > 1] if width > 1 else rows
    body = _body(table, width)
    columns = [_Column.of([_cell(row, index) for row in body], _title(table, index)) for index in range(width)]
    code, reason = _choose_code_column(columns)
    good_until = _choose_date_column(columns, code)
    headings = () if code is None else _heading_lines(rows, columns, code)
    order, is_certain = _date_order(columns[good_until].values) if good_until is not None else (DAY_FIRST, True)
    return Layout(encoding, separator, width, code, good_until, headings, order, is_certain, reason)


def with_choices(layout: Layout, text: str, code: int, good_until: int | None, *, has_heading: bool) -> Layout:
    """The layout with the columns that a person chose; headings are looked for in the column of codes.

    A heading that Laurel would not see is the first line: that is what the switch on the page says.
    """
    rows = [row for row in first_rows(text, layout.separator, SAMPLE_ROWS) if not row.problem]
    body = _body(rows, layout.columns)
    columns = [_Column.of([_cell(row, index) for row in body], _title(rows, index)) for index in range(layout.columns)]
    headings = (_heading_lines(rows, columns, code) or tuple(row.number for row in rows[:1])) if has_heading else ()
    order, is_certain = layout.date_order, layout.is_date_order_certain
    if good_until is not None and good_until != layout.good_until:
        order, is_certain = _date_order(columns[good_until].values)
    return replace(
        layout,
        code=code,
        good_until=good_until,
        headings=headings,
        date_order=order,
        is_date_order_certain=is_certain,
        reason="",
    )


def read_lines(text: str, layout: Layout, today: date) -> Iterator[CodeLine]:
    """The lines of a file that are not empty and no headings, with what is wrong with them.

    Left out is a code whose last day is before `today`, and a duplicate, with the number of the line where it came
    first. Raises UnreadableCodeFile where the file has too many lines. Gives nothing where no column is chosen.
    """
    if layout.code is None:
        return
    line_of_code: dict[str, int] = {}
    for row in _rows(text, layout.separator):
        if row.number > LINES_MAX:
            raise UnreadableCodeFile(f"a file may have {LINES_MAX:,} lines; split it")
        if row.number in layout.headings:
            continue
        line = _read_line(row, layout, today)
        if not line.problem and line.code in line_of_code:
            line = replace(line, problem=f"is already on line {line_of_code[line.code]}")
        if not line.problem:
            line_of_code[line.code] = line.number
        yield line


def _read_line(row: Row, layout: Layout, today: date) -> CodeLine:
    code = _cell(row, layout.code or 0)
    if row.problem:
        return CodeLine(row.number, layout.separator.join(row.cells), row.problem)
    problem = _code_problem(code)
    if problem or layout.good_until is None:
        return CodeLine(row.number, code, problem)
    text = _cell(row, layout.good_until)
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


def read_date(text: str, order: str) -> date | None:
    """The day that a cell names: `2026-12-31`, `31.12.2026`, `12/31/2026`; None if it names none."""
    iso, local = _ISO_DATE.fullmatch(text), _LOCAL_DATE.fullmatch(text)
    if iso:
        year, month, day = iso.groups()
    elif local:
        first, separator, second, year = local.groups()
        day, month = (first, second) if order == DAY_FIRST or separator == "." else (second, first)
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _separator(text: str) -> str:
    """The separator that a `sep=` line names, or the one that cuts most lines into equally many cells."""
    lines = text.splitlines()
    named = re.fullmatch(r"sep=(.)", lines[0].strip(" \"'"), re.IGNORECASE) if lines else None
    if named and named[1] in SEPARATORS:
        return named[1]
    sample = [line for line in lines[:SAMPLE_ROWS] if line.strip()]

    def agreement(separator: str) -> int:
        counts = Counter(line.count(separator) for line in sample)
        del counts[0]
        return max(counts.values(), default=0)

    return max(SEPARATORS, key=agreement)


def _rows(text: str, separator: str) -> Iterator[Row]:
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


def _body(rows: Sequence[Row], width: int) -> Sequence[Row]:
    """The rows by which the others are judged: none that may be a heading, where there are rows enough.

    A table has one heading: what stands above it fills only one cell. A single column may have a title, too.
    """
    return rows[1:] if width > 1 else rows[min(HEADINGS_MAX, max(1, len(rows) // 2)) :]


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell)


def _cell(row: Row, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""


def _title(rows: Sequence[Row], index: int) -> str:
    return _cell(rows[0], index).lower() if rows else ""


@dataclass(frozen=True, slots=True)
class _Column:
    """What the values of a column have in common, from which its part in the file is guessed."""

    values: list[str]
    title: str
    shapes: frozenset[str]
    have_digits: bool
    have_letters: bool
    are_without_spaces: bool
    are_without_small_letters: bool
    lengths: tuple[int, int]

    @classmethod
    def of(cls, cells: Sequence[str], title: str) -> "_Column":
        values = [cell for cell in cells if cell]
        return cls(
            values=values,
            title=title,
            shapes=frozenset(letter_shape(value) for value in values),
            have_digits=_most(values, lambda value: any(map(str.isdigit, value)), 0.95),
            have_letters=_most(values, lambda value: any(map(str.isalpha, value)), 0.95),
            are_without_spaces=_most(values, lambda value: " " not in value, 1),
            are_without_small_letters=_most(values, lambda value: value == value.upper(), 1),
            lengths=(min(map(len, values), default=0), max(map(len, values), default=0)),
        )

    @property
    def are_dates(self) -> bool:
        return _most(self.values, _is_date, 0.8)

    @property
    def have_dates(self) -> bool:
        return any(map(_is_date, self.values))

    @property
    def are_amounts(self) -> bool:
        return _most(self.values, lambda value: bool(_AMOUNT.fullmatch(value)), 0.8)

    @property
    def are_running_numbers(self) -> bool:
        numbers = [int(value) for value in self.values if value.isdecimal() and len(value) < 10]
        return len(numbers) == len(self.values) > 1 and all(after - before == 1 for before, after in pairwise(numbers))

    @property
    def code_score(self) -> int:
        """How much these values look like codes; 0 and less for what cannot be a column of codes."""
        if not self.values or self.are_dates or any("@" in value or "://" in value for value in self.values[:20]):
            return 0
        score = 3 if any(word in self.title for word in CODE_WORDS) else 0
        are_different = len(set(self.values)) >= 0.9 * len(self.values)
        score += 2 if are_different and len(self.values) > 1 else 0
        score -= 0 if are_different else 3
        score += 1 if self.lengths[0] >= 4 else -1
        score += 1 if self.have_digits and self.have_letters and self.are_without_spaces else 0
        score += 1 if len(self.shapes) == 1 and len(self.values) > 1 else 0
        score -= 3 if self.are_amounts and self.lengths[1] < 8 else 0
        score -= 3 if self.are_running_numbers or self.title.strip(" .:") in NUMBER_HEADINGS else 0
        return score - (0 if self.are_without_spaces else 1)

    def is_like_the_rest(self, cell: str) -> bool:
        """Whether a cell could be one of the column's values, by its shape."""
        if not self.values or letter_shape(cell) in self.shapes:
            return True
        return not (
            (self.are_without_spaces and " " in cell)
            or (self.have_digits and not any(map(str.isdigit, cell)))
            or (self.are_without_small_letters and self.have_letters and cell != cell.upper())
            or (not self.have_letters and any(map(str.isalpha, cell)))
            or (self.are_dates and not _is_date(cell))
        )


def _is_date(text: str) -> bool:
    return bool(_ISO_DATE.fullmatch(text) or _LOCAL_DATE.fullmatch(text))


def _most(values: Sequence[str], holds: Any, share: float) -> bool:
    return bool(values) and sum(1 for value in values if holds(value)) >= share * len(values)


def letter_shape(text: str) -> str:
    """A text with every digit as `#` and every letter as `A` or `a`: BOLT-0001 and FERN-9999 have one shape."""
    return "".join(
        "#" if letter.isdigit() else ("A" if letter == letter.upper() else "a") if letter.isalpha() else letter
        for letter in text
    )


def _choose_code_column(columns: Sequence[_Column]) -> tuple[int | None, str]:
    """The column that stands out as the one of codes, and why; None if none does."""
    if len(columns) == 1:
        return 0, ""
    ranking = sorted(range(len(columns)), key=lambda index: -columns[index].code_score)
    best, second = columns[ranking[0]], columns[ranking[1]]
    if best.code_score <= 0 or best.code_score == second.code_score:
        return None, ""
    is_named = any(word in best.title for word in CODE_WORDS)
    reason = "of its heading" if is_named else "all its values differ and look alike"
    return ranking[0], f"Column {ranking[0] + 1} was chosen because {reason}."


def _choose_date_column(columns: Sequence[_Column], code: int | None) -> int | None:
    """The column of the last days: the one whose heading says so, or the only one of dates without another heading."""
    others = [index for index in range(len(columns)) if index != code]
    named = [
        index
        for index in others
        if columns[index].have_dates and any(word in columns[index].title for word in UNTIL_WORDS)
    ]
    untitled = [index for index in others if columns[index].are_dates and _is_date(columns[index].title)]
    candidates = named or untitled
    return candidates[0] if len(candidates) == 1 else None


def _heading_lines(rows: Sequence[Row], columns: Sequence[_Column], code: int) -> tuple[int, ...]:
    """The numbers of the first lines that are not like the rest: a heading, and what may stand above it."""
    headings: list[int] = []
    for row in rows[:HEADINGS_MAX]:
        is_title = len(columns) > 1 and _filled(row) == 1 and len(rows) > 1
        is_named = any(word in _cell(row, code).lower() for word in CODE_WORDS) and not any(
            word in value.lower() for word in CODE_WORDS for value in columns[code].values[:20]
        )
        is_unlike = any(
            _cell(row, index) and not column.is_like_the_rest(_cell(row, index))
            for index, column in enumerate(columns)
            if index == code or column.are_dates or column.are_running_numbers
        )
        if len(rows) > 1 and not (is_title or is_named or is_unlike):
            break
        if len(rows) == 1 and not is_named:
            break
        headings.append(row.number)
    return tuple(headings)


def _date_order(values: Sequence[str]) -> tuple[str, bool]:
    """Whether days or months come first in these dates, and whether the dates themselves decide it."""
    local = [parts for value in values if (parts := _LOCAL_DATE.fullmatch(value))]
    if not local or all(parts[2] == "." for parts in local) or any(int(parts[1]) > 12 for parts in local):
        return DAY_FIRST, True
    if any(int(parts[3]) > 12 for parts in local):
        return MONTH_FIRST, True
    return DAY_FIRST, False


@dataclass(frozen=True, slots=True)
class CodeShape:
    """The shape that nearly all codes share: `pattern` as people read it, such as `BOLT-####`."""

    pattern: str
    key: str
    are_letters_alike: bool

    def fits(self, code: str) -> bool:
        """Whether a code has this shape."""
        return _shape_key(code, are_letters_alike=self.are_letters_alike) == self.key


def common_shape(codes: Sequence[str]) -> CodeShape | None:
    """The shape of at least four fifths of the codes; None where they have none in common."""
    if len(codes) < 2:
        return None
    for are_letters_alike in (False, True):
        keys = [_shape_key(code, are_letters_alike=are_letters_alike) for code in codes]
        key, count = Counter(keys).most_common(1)[0]
        if count >= 0.8 * len(codes):
            same = [code for code, its_key in zip(codes, keys, strict=True) if its_key == key]
            return CodeShape(_pattern(same), key, are_letters_alike)
    return None


def _shape_key(code: str, *, are_letters_alike: bool) -> str:
    shape = letter_shape(code)
    return re.sub(r"[Aa#]", "#", shape) if are_letters_alike else shape


def _pattern(codes: Sequence[str]) -> str:
    """The letters that all these codes share, with `#` for what differs from code to code."""
    return "".join(
        letters[0] if len(set(letters)) == 1 and not letters[0].isdigit() else "#"
        for letters in zip(*codes, strict=True)
    )
