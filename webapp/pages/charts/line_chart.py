"""The geometry of the pictures that pages draw on the server: sparklines, the area chart, the streak calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

LEFT, RIGHT, TOP, FLOOR = 40.0, 540.0, 10.0, 172.0
WEEKS, STEP = 12, 23


@dataclass(frozen=True, slots=True)
class Tick:
    """One horizontal line of a chart."""

    value: int
    y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One label under a chart."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Area:
    """An area chart, ready to be printed as SVG points."""

    ticks: tuple[Tick, ...]
    line: str
    area: str
    earlier: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Square:
    """One day of the streak calendar."""

    kind: str
    x: int
    y: int
    title: str


@dataclass(frozen=True, slots=True)
class Month:
    """The name of a month over the first of its weeks."""

    x: int
    name: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Twelve weeks of days, Monday on top, with the sentence that says the same in words."""

    label: str
    squares: tuple[Square, ...]
    months: tuple[Month, ...]


def spark_points(values: Sequence[float]) -> str:
    """The points of a sparkline 96 wide and 24 high; equal values lie flat in the middle."""
    low, high = min(values), max(values)
    span = high - low
    across = 96 / max(len(values) - 1, 1)
    heights = (12.0 if span == 0 else 22 - 20 * (value - low) / span for value in values)
    return _points((index * across, height) for index, height in enumerate(heights))


def area_chart(values: Sequence[int], marks: Sequence[str], earlier: Sequence[int] = ()) -> Area:
    """A chart of the values from 0 up, `earlier` dashed behind them on the same axes, `marks` spread evenly below."""
    top = _round_top(max([*values, *earlier, 1]))
    line = _line(values, top)
    return Area(
        ticks=tuple(Tick(top * part // 4, round(_height(top * part / 4, top), 1)) for part in range(5)),
        line=line,
        area=f"{LEFT:g},{FLOOR:g} {line} {RIGHT:g},{FLOOR:g}",
        earlier=_line(earlier, top) if earlier else "",
        marks=_marks(marks),
    )


def calendar(counts: Mapping[date, int], today: date, frozen: frozenset[date] = frozenset()) -> Calendar:
    """The twelve weeks that end with `today`; a day's colour is its share of the busiest day."""
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    days = [monday + timedelta(days=offset) for offset in range((today - monday).days + 1)]
    busiest = max([counts.get(day, 0) for day in days] + [1])
    squares = [_square(day, monday, _kind(counts.get(day, 0), busiest, is_frozen=day in frozen)) for day in days]
    squares.append(_square(today, monday, "d-today"))
    active = sum(1 for day in days if counts.get(day, 0))
    label = f"Last twelve weeks: {active} active days, {sum(1 for day in days if day in frozen)} frozen"
    return Calendar(label=label, squares=tuple(squares), months=_months(monday))


def _points(pairs: object) -> str:
    return " ".join(f"{x:.4g},{y:.4g}" for x, y in pairs)  # type: ignore[attr-defined]


def _line(values: Sequence[int], top: int) -> str:
    across = (RIGHT - LEFT) / max(len(values) - 1, 1)
    return _points((LEFT + index * across, _height(value, top)) for index, value in enumerate(values))


def _height(value: float, top: int) -> float:
    return FLOOR - (FLOOR - TOP) * value / top


def _round_top(highest: int) -> int:
    """The next 4, 8, 20, 40, 80 … so that four ticks are whole numbers."""
    size = 1
    while True:
        for step in (4, 8, 20):
            if highest <= step * size:
                return step * size
        size *= 10


def _marks(texts: Sequence[str]) -> tuple[Mark, ...]:
    if not texts:
        return ()
    across = (RIGHT - LEFT) / max(len(texts) - 1, 1)
    anchors = ["start", *["middle"] * (len(texts) - 2), "end"]
    return tuple(
        Mark(round(LEFT + index * across, 1), text, anchor)
        for index, (text, anchor) in enumerate(zip(texts, anchors, strict=False))
    )


def _kind(count: int, busiest: int, *, is_frozen: bool) -> str:
    if count == 0:
        return "d-freeze" if is_frozen else "d0"
    return f"d{1 + min(2, 3 * (count - 1) // busiest)}"


def _square(day: date, monday: date, kind: str) -> Square:
    week, weekday = divmod((day - monday).days, 7)
    return Square(kind, 32 + week * STEP, 2 + weekday * STEP, f"{day:%-d %B}")


def _months(monday: date) -> tuple[Month, ...]:
    starts = [monday + timedelta(weeks=week) for week in range(WEEKS)]
    first = [Month(32, f"{monday:%b}")] if starts[1].month == monday.month else []
    later = [
        Month(32 + week * STEP, f"{after:%b}")
        for week, (before, after) in enumerate(pairwise(starts), start=1)
        if before.month != after.month
    ]
    return (*first, *later)
