"""The geometry of a burn-down: coupons left against the plan, winners a minute below on the same axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEFT, RIGHT, TOP, FLOOR = 40.0, 520.0, 10.0, 210.0
BARS_TOP, BARS_FLOOR = 260.0, 316.0
BARS_MAX = 80
MARKS = ((1, "%H:%M"), (5, "%a %H:%M"), (1_000_000, "%-d %b"))
"""How moments are marked on an axis of at most so many days."""


@dataclass(frozen=True, slots=True)
class Spread:
    """So many coupons that are to go evenly from one moment to another."""

    starts_at: datetime
    ends_at: datetime
    count: int

    def left(self, at: datetime) -> float:
        """How many the plan leaves at a moment."""
        share = (self.ends_at - at) / (self.ends_at - self.starts_at)
        return self.count * min(1.0, max(0.0, share))


def planned(spreads: Sequence[Spread], at: datetime) -> float:
    """How many coupons the plans of several games leave at a moment, together."""
    return sum(each.left(at) for each in spreads)


@dataclass(frozen=True, slots=True)
class Bar:
    """Winners of one stretch of time."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Burn:
    """The picture, ready to be printed as SVG, and what it says in numbers."""

    line: str
    area: str
    plan_line: str
    now_x: float | None
    now_y: float
    left: int
    plan: int
    ticks: tuple[tuple[int, float], ...]
    marks: tuple[tuple[str, float, str], ...]
    bars: tuple[Bar, ...]
    label: str
    starts_at: datetime
    now: datetime

    def empty_at(self, left: int, gone: int) -> datetime | None:
        """When a budget is empty if it goes on as so far; None where nothing is gone."""
        passed = self.now - self.starts_at
        return self.now + passed * (left / gone) if gone > 0 and passed > timedelta(0) else None


Times = tuple[datetime, datetime, datetime]


def burn_down(times: Times, spreads: Sequence[Spread], left: int, minutes: Sequence[tuple[datetime, int]]) -> Burn:
    """Draw it for (start, end, now): what was to be spread, the coupons left now, and the winners of each minute."""
    starts_at, ends_at, now = times
    shown, initial = min(max(now, starts_at), ends_at), sum(each.count for each in spreads)
    points = _points(minutes, starts_at, shown, left)
    top = max(initial, max((round(count) for _, count in points), default=0), 1)
    line = _line(points, times, top)
    floor = f"{_x(shown, times):.1f},{FLOOR:g} {LEFT:g},{FLOOR:g}"
    plan = round(planned(spreads, shown))
    said = f"Coupons left from {starts_at:%H:%M}: {initial:,}, now {left:,} at {shown:%H:%M}, the plan is {plan:,}"
    return Burn(
        line, f"{line} {floor}", _line(_planned_points(spreads), times, top),
        _x(shown, times) if now < ends_at else None, _y(left, top), left, plan,
        tuple((round(top * part / 4), _y(top * part / 4, top)) for part in range(4, -1, -1)),
        tuple(_marks(times)), tuple(_bars(minutes, times)), said, starts_at, shown,
    )  # fmt: skip


def _planned_points(spreads: Sequence[Spread]) -> list[tuple[datetime, float]]:
    """The plan bends only where a game begins or ends."""
    corners = sorted({at for each in spreads for at in (each.starts_at, each.ends_at)})
    return [(at, planned(spreads, at)) for at in corners]


def _points(
    minutes: Sequence[tuple[datetime, int]], starts_at: datetime, shown: datetime, left: int
) -> list[tuple[datetime, float]]:
    """Coupons left at the end of each minute, counted back from now."""
    points, count = list[tuple[datetime, float]]([(shown, left)]), left
    for minute, won in reversed(minutes):
        points.append((min(minute + timedelta(minutes=1), shown), count))
        count += won
        points.append((max(minute, starts_at), count))
    points.append((starts_at, count))
    return points[::-1]


def _line(points: Sequence[tuple[datetime, float]], times: Times, top: int) -> str:
    return " ".join(f"{_x(at, times):.1f},{_y(count, top):.1f}" for at, count in points)


def _x(at: datetime, times: Times) -> float:
    share = (at - times[0]) / (times[1] - times[0])
    return round(LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share)), 1)


def _y(count: float, top: int) -> float:
    return round(FLOOR - (FLOOR - TOP) * count / top, 1)


def _marks(times: Times) -> list[tuple[str, float, str]]:
    starts_at, ends_at, _ = times
    form = next(form for days, form in MARKS if ends_at - starts_at <= timedelta(days=days))
    parts = [starts_at + (ends_at - starts_at) * part / 4 for part in range(5)]
    anchors = ("start", "middle", "middle", "middle", "end")
    return [(f"{at:{form}}", _x(at, times), anchor) for at, anchor in zip(parts, anchors, strict=True)]


def _bars(minutes: Sequence[tuple[datetime, int]], times: Times) -> list[Bar]:
    """Winners in equal stretches, at most eighty; the tallest fills the height."""
    starts_at, ends_at, _ = times
    stretch = max(timedelta(minutes=1), (ends_at - starts_at) / BARS_MAX)
    counts: dict[int, int] = {}
    for minute, won in minutes:
        place = max(0, int((minute - starts_at) / stretch))
        counts[place] = counts.get(place, 0) + won
    most = max(counts.values(), default=1)
    width = (RIGHT - LEFT) * (stretch / (ends_at - starts_at))
    return [
        Bar(
            round(LEFT + place * width, 1),
            round(BARS_FLOOR - height, 1),
            max(1.0, round(width - 1.5, 1)),
            round(height, 1),
        )
        for place, won in sorted(counts.items())
        if (height := (BARS_FLOOR - BARS_TOP) * won / most) and LEFT + place * width < RIGHT
    ]
