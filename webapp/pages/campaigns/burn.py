"""The geometry of a burn-down: coupons left against the plan, winners a minute below on the same axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEFT, RIGHT, TOP, FLOOR = 40.0, 520.0, 10.0, 210.0
BARS_TOP, BARS_FLOOR = 260.0, 316.0
BARS_MAX = 80


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


def burn_down(
    times: tuple[datetime, datetime, datetime], initial: int, left: int, minutes: Sequence[tuple[datetime, int]]
) -> Burn:
    """Draw it for (start, end, now): the coupons at the start, those left now, and the winners of each minute."""
    starts_at, ends_at, now = times
    shown = min(max(now, starts_at), ends_at)
    points = _points(minutes, starts_at, shown, left)
    top = max(initial, max((count for _, count in points), default=0), 1)
    line = " ".join(f"{_x(at, times):.1f},{_y(count, top):.1f}" for at, count in points)
    floor = f"{_x(shown, times):.1f},{FLOOR:g} {LEFT:g},{FLOOR:g}"
    elapsed = (shown - starts_at) / (ends_at - starts_at)
    plan = round(initial * (1 - elapsed))
    said = f"Coupons left from {starts_at:%H:%M}: {initial:,}, now {left:,} at {shown:%H:%M}, the plan is {plan:,}"
    return Burn(
        line, f"{line} {floor}", _x(shown, times) if now < ends_at else None, _y(left, top), left, plan,
        tuple((round(top * part / 4), _y(top * part / 4, top)) for part in range(4, -1, -1)),
        tuple(_marks(times)), tuple(_bars(minutes, times)), said, starts_at, shown,
    )  # fmt: skip


def _points(
    minutes: Sequence[tuple[datetime, int]], starts_at: datetime, shown: datetime, left: int
) -> list[tuple[datetime, int]]:
    """Coupons left at the end of each minute, counted back from now."""
    points, count = [(shown, left)], left
    for minute, won in reversed(minutes):
        points.append((min(minute + timedelta(minutes=1), shown), count))
        count += won
        points.append((max(minute, starts_at), count))
    points.append((starts_at, count))
    return points[::-1]


def _x(at: datetime, times: tuple[datetime, datetime, datetime]) -> float:
    share = (at - times[0]) / (times[1] - times[0])
    return round(LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share)), 1)


def _y(count: float, top: int) -> float:
    return round(FLOOR - (FLOOR - TOP) * count / top, 1)


def _marks(times: tuple[datetime, datetime, datetime]) -> list[tuple[str, float, str]]:
    starts_at, ends_at, _ = times
    form = "%H:%M" if ends_at - starts_at <= timedelta(days=1) else "%-d %b"
    parts = [starts_at + (ends_at - starts_at) * part / 4 for part in range(5)]
    anchors = ("start", "middle", "middle", "middle", "end")
    return [(f"{at:{form}}", _x(at, times), anchor) for at, anchor in zip(parts, anchors, strict=True)]


def _bars(minutes: Sequence[tuple[datetime, int]], times: tuple[datetime, datetime, datetime]) -> list[Bar]:
    """Winners in equal stretches of the game, at most eighty; the tallest fills the height."""
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
