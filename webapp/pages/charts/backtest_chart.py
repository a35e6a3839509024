"""The chart of a backtest: awards a day as bars, what the live version gives as a line over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LEFT, RIGHT, TOP, FLOOR = 30.0, 372.0, 6.0, 116.0
BARS_MAX = 45


@dataclass(frozen=True, slots=True)
class Bar:
    """One day, or one span of days."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Ready to be printed as SVG: bars, the line of the live version, ticks, and the first and last day."""

    bars: tuple[Bar, ...]
    line: str
    ticks: tuple[tuple[str, float], ...]
    first: str
    last: str
    label: str


def chart(draft: Mapping[str, int], live: Mapping[str, int], first: date, last: date) -> Chart:
    """Draw both from the first day to the last; long histories in spans of equally many days."""
    days = max(1, -(-((last - first).days + 1) // BARS_MAX))
    starts = [first + timedelta(days=index) for index in range(0, (last - first).days + 1, days)]
    ours, theirs = _summed(draft, starts, days), _summed(live, starts, days)
    top = _round_top(max([*ours, *theirs, 1]))
    step = (RIGHT - LEFT) / len(starts)
    bars = tuple(_bar(LEFT + index * step, step, value, top, starts[index]) for index, value in enumerate(ours))
    line = " ".join(f"{LEFT + (i + 0.5) * step:.1f},{_height(value, top):.1f}" for i, value in enumerate(theirs))
    span = "a day" if days == 1 else f"every {days} days"
    return Chart(
        bars=bars,
        line=line if any(theirs) else "",
        ticks=tuple((f"{top * part // 2:,}", round(_height(top * part / 2, top), 1)) for part in range(3)),
        first=f"{first:%-d %b}",
        last=f"{last:%-d %b}",
        label=f"Awards {span}, {first:%-d %B %Y} to {last:%-d %B %Y}: {sum(ours):,}, at most {max(ours):,}",
    )


def _summed(days: Mapping[str, int], starts: Sequence[date], span: int) -> list[int]:
    return [sum(days.get((start + timedelta(days=day)).isoformat(), 0) for day in range(span)) for start in starts]


def _bar(x: float, step: float, value: int, top: int, start: date) -> Bar:
    gap = min(3.6, step * 0.3)
    height = FLOOR - _height(value, top)
    return Bar(
        round(x + gap / 2, 1),
        round(FLOOR - height, 1),
        round(step - gap, 1),
        round(height, 1),
        f"{start:%-d %B}: {value:,}",
    )


def _height(value: float, top: int) -> float:
    return FLOOR - (FLOOR - TOP) * value / top


def _round_top(highest: int) -> int:
    """The next 2, 4, 6, 8, 10, 20, 30, 40, 60 …: half of it is a whole number."""
    size = 1
    while True:
        for step in (2, 4, 6, 8, 10) if size == 1 else (2, 3, 4, 6, 8, 10):
            if highest <= step * size:
                return step * size
        size *= 10
