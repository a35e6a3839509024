"""How a file of codes is meant: which column holds them, which lines are headings, how days are written.

Nothing here is certain, so nothing is hidden: the page shows what was recognised, and whoever sent the file corrects
it. A column is recognised by what its values are like (all different, alike in shape, no dates, no running numbers), a
heading by not being like the rest of its column. Words in a heading add weight and decide nothing alone.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from engine.coupons.code_file.code_shape import letter_shape
from engine.coupons.code_file.dates import DAY_FIRST, date_order, is_date
from engine.coupons.code_file.split_rows import SEPARATORS, Row, UnreadableCodeFile, first_rows

COLUMNS_MAX = 40
SAMPLE_ROWS = 1_000
HEADINGS_MAX = 3

CODE_WORDS = ("code", "coupon", "voucher", "gutschein", "promo", "serial", "pin", "código", "codigo", "cupón", "bon")
UNTIL_WORDS = ("valid", "expir", "until", "gültig", "ablauf", "good", "ends", "best before")
NUMBER_HEADINGS = ("id", "nr", "no", "line", "row", "#")
_AMOUNT = re.compile(r"[€$£]? ?-?\d{1,7}(?:[.,]\d{1,2})? ?(?:%|[€$£]|[A-Z]{3})?", re.ASCII)


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


def recognise_layout(text: str, encoding: str) -> Layout:
    """How a file is most probably meant. Raises UnreadableCodeFile where it has too many columns to be one of codes."""
    separator = _separator(text)
    rows = [row for row in first_rows(text, separator, SAMPLE_ROWS) if not row.problem]
    width = max((len(row.cells) for row in rows), default=1)
    if width > COLUMNS_MAX:
        raise UnreadableCodeFile(f"a line has {width} columns; a file of codes has at most {COLUMNS_MAX}")
    table = [row for row in rows if _filled(row) > 1] if width > 1 else rows
    columns = _columns(table, width)
    code, reason = _choose_code_column(columns)
    good_until = _choose_date_column(columns, code)
    headings = () if code is None else _heading_lines(rows, columns, code)
    order, is_certain = date_order(columns[good_until].values) if good_until is not None else (DAY_FIRST, True)
    return Layout(encoding, separator, width, code, good_until, headings, order, is_certain, reason)


def with_choices(layout: Layout, text: str, code: int, good_until: int | None, *, has_heading: bool) -> Layout:
    """The layout with the columns that a person chose; headings are looked for in the column of codes.

    A heading that Laurel would not see is the first line: that is what the switch on the page says.
    """
    rows = [row for row in first_rows(text, layout.separator, SAMPLE_ROWS) if not row.problem]
    columns = _columns(rows, layout.columns)
    headings = (_heading_lines(rows, columns, code) or tuple(row.number for row in rows[:1])) if has_heading else ()
    order, is_certain = layout.date_order, layout.is_date_order_certain
    if good_until is not None and good_until != layout.good_until:
        order, is_certain = date_order(columns[good_until].values)
    return replace(
        layout,
        code=code,
        good_until=good_until,
        headings=headings,
        date_order=order,
        is_date_order_certain=is_certain,
        reason="",
    )


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


def _columns(rows: Sequence[Row], width: int) -> list["_Column"]:
    body = _body(rows, width)
    return [_Column.of([row.cell(index) for row in body], _title(rows, index)) for index in range(width)]


def _body(rows: Sequence[Row], width: int) -> Sequence[Row]:
    """The rows by which the others are judged: none that may be a heading, where there are rows enough.

    A table has one heading: what stands above it fills only one cell. A single column may have a title, too.
    """
    return rows[1:] if width > 1 else rows[min(HEADINGS_MAX, max(1, len(rows) // 2)) :]


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell)


def _title(rows: Sequence[Row], index: int) -> str:
    return rows[0].cell(index).lower() if rows else ""


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
        return _most(self.values, is_date, 0.8)

    @property
    def have_dates(self) -> bool:
        return any(map(is_date, self.values))

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
            or (self.are_dates and not is_date(cell))
        )


def _most(values: Sequence[str], holds: Callable[[str], bool], share: float) -> bool:
    return bool(values) and sum(1 for value in values if holds(value)) >= share * len(values)


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
    untitled = [index for index in others if columns[index].are_dates and is_date(columns[index].title)]
    candidates = named or untitled
    return candidates[0] if len(candidates) == 1 else None


def _heading_lines(rows: Sequence[Row], columns: Sequence[_Column], code: int) -> tuple[int, ...]:
    """The numbers of the first lines that are not like the rest: a heading, and what may stand above it."""
    headings: list[int] = []
    for row in rows[:HEADINGS_MAX]:
        is_title = len(columns) > 1 and _filled(row) == 1 and len(rows) > 1
        is_named = any(word in row.cell(code).lower() for word in CODE_WORDS) and not any(
            word in value.lower() for word in CODE_WORDS for value in columns[code].values[:20]
        )
        is_unlike = any(
            row.cell(index) and not column.is_like_the_rest(row.cell(index))
            for index, column in enumerate(columns)
            if index == code or column.are_dates or column.are_running_numbers
        )
        if len(rows) > 1 and not (is_title or is_named or is_unlike):
            break
        if len(rows) == 1 and not is_named:
            break
        headings.append(row.number)
    return tuple(headings)
