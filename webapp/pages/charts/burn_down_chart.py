"""A campaign's burn-down: coupons left against the plan, and below it, on the same axis, the winners a minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.pages.charts.axes import AxisLabel, ChartBar, PlotArea, Tick, points, ticks

WIDTH, HEIGHT = 520.0, 336.0
PLOT = PlotArea(left=40.0, right=520.0, top=10.0, bottom=210.0)
WINNERS_PLOT = PlotArea(left=40.0, right=520.0, top=260.0, bottom=316.0)
TICKS = 4
BARS_MAX, BAR_GAP = 80, 1.5
LABELS = 4
LABEL_FORMATS = ((1, "%H:%M"), (5, "%a %H:%M"), (1_000_000, "%-d %b"))
"""How moments are written under an axis of at most so many days."""

NOW_LABEL_GAP, NOW_LABEL_TURNS_AT = 6.0, 440.0
"""The time beside the line of now stands to its right, and to its left near the edge."""

Minutes = Sequence[tuple[datetime, int]]
"""Winners by minute; minutes without a winner are left out."""


@dataclass(frozen=True, slots=True)
class PlannedSpend:
    """So many coupons that are to be spent evenly from one moment to another."""

    starts_at: datetime
    ends_at: datetime
    count: int

    def left(self, at: datetime) -> float:
        """How many coupons the plan leaves at a moment."""
        share = (self.ends_at - at) / (self.ends_at - self.starts_at)
        return self.count * min(1.0, max(0.0, share))


def planned_left(plans: Sequence[PlannedSpend], at: datetime) -> float:
    """How many coupons the plans of several games leave at a moment, together."""
    return sum(plan.left(at) for plan in plans)


@dataclass(frozen=True, slots=True)
class ShownTime:
    """The time axis of a chart, and the present moment."""

    starts_at: datetime
    ends_at: datetime
    now: datetime

    @property
    def shown_until(self) -> datetime:
        """How far the line goes: now, within the axis."""
        return min(max(self.now, self.starts_at), self.ends_at)

    @property
    def duration(self) -> timedelta:
        """The length of the axis."""
        return self.ends_at - self.starts_at

    def x(self, at: datetime) -> float:
        """Where a moment lies on the axis."""
        return PLOT.x((at - self.starts_at) / self.duration)


@dataclass(frozen=True, slots=True)
class NowMark:
    """The line of the present moment, the point where it meets the burn-down, and its label."""

    x: float
    y: float
    top: float
    bottom: float
    label: AxisLabel
    label_y: float


@dataclass(frozen=True, slots=True)
class BurnDownChart:
    """The chart, ready to be printed, and what it says in numbers. `now_mark` is None once the end has passed."""

    width: float
    height: float
    plot: PlotArea
    winners_plot: PlotArea
    line: str
    area: str
    plan_line: str
    now_mark: NowMark | None
    left: int
    plan: int
    ticks: tuple[Tick, ...]
    labels: tuple[AxisLabel, ...]
    bars: tuple[ChartBar, ...]
    label: str
    starts_at: datetime
    shown_until: datetime

    def empty_at(self, left: int, gone: int) -> datetime | None:
        """When a budget is empty if it goes on as so far; None where nothing is gone yet."""
        passed = self.shown_until - self.starts_at
        return self.shown_until + passed * (left / gone) if gone > 0 and passed > timedelta(0) else None


def burn_down_chart(time: ShownTime, plans: Sequence[PlannedSpend], left: int, minutes: Minutes) -> BurnDownChart:
    """Draw what was planned, the coupons left now, and the winners of each minute."""
    shown_until, initial = time.shown_until, sum(plan.count for plan in plans)
    counts = _left_by_minute(minutes, time.starts_at, shown_until, left)
    top = max(initial, max((round(count) for _, count in counts), default=0), 1)
    line = _line(counts, time, top)
    under_line = points([(time.x(shown_until), PLOT.bottom), (PLOT.left, PLOT.bottom)])
    plan = round(planned_left(plans, shown_until))
    return BurnDownChart(
        width=WIDTH,
        height=HEIGHT,
        plot=PLOT,
        winners_plot=WINNERS_PLOT,
        line=line,
        area=f"{line} {under_line}",
        plan_line=_line(_plan_corners(plans), time, top),
        now_mark=_now_mark(time, PLOT.y(left, top)) if time.now < time.ends_at else None,
        left=left,
        plan=plan,
        ticks=ticks(PLOT, top, TICKS)[::-1],
        labels=_labels(time),
        bars=tuple(_winner_bars(minutes, time)),
        label=(
            f"Coupons left from {time.starts_at:%H:%M}: {initial:,}, now {left:,} at {shown_until:%H:%M},"
            f" the plan is {plan:,}"
        ),
        starts_at=time.starts_at,
        shown_until=shown_until,
    )


def _plan_corners(plans: Sequence[PlannedSpend]) -> list[tuple[datetime, float]]:
    """The plan bends only where a game begins or ends."""
    corners = sorted({at for plan in plans for at in (plan.starts_at, plan.ends_at)})
    return [(at, planned_left(plans, at)) for at in corners]


def _left_by_minute(
    minutes: Minutes, starts_at: datetime, shown_until: datetime, left: int
) -> list[tuple[datetime, float]]:
    """Coupons left at the end of each minute, counted back from now: top-ups need not be known."""
    counts, count = list[tuple[datetime, float]]([(shown_until, left)]), left
    for minute, winners in reversed(minutes):
        counts.append((min(minute + timedelta(minutes=1), shown_until), count))
        count += winners
        counts.append((max(minute, starts_at), count))
    counts.append((starts_at, count))
    return counts[::-1]


def _line(counts: Sequence[tuple[datetime, float]], time: ShownTime, top: int) -> str:
    return points((time.x(at), PLOT.y(count, top)) for at, count in counts)


def _now_mark(time: ShownTime, y: float) -> NowMark:
    x = time.x(time.shown_until)
    turns_left = x > NOW_LABEL_TURNS_AT
    label_x = x - NOW_LABEL_GAP if turns_left else x + NOW_LABEL_GAP
    label = AxisLabel(label_x, f"{time.shown_until:%H:%M}", "end" if turns_left else "start")
    return NowMark(x, y, PLOT.top - 4, WINNERS_PLOT.bottom, label, PLOT.top + 4)


def _labels(time: ShownTime) -> tuple[AxisLabel, ...]:
    form = next(form for days, form in LABEL_FORMATS if time.duration <= timedelta(days=days))
    moments = [time.starts_at + time.duration * step / LABELS for step in range(LABELS + 1)]
    anchors = ("start", "middle", "middle", "middle", "end")
    return tuple(AxisLabel(time.x(at), f"{at:{form}}", anchor) for at, anchor in zip(moments, anchors, strict=True))


def _winner_bars(minutes: Minutes, time: ShownTime) -> list[ChartBar]:
    """Winners in equal stretches of time, at most eighty; the tallest fills the height."""
    stretch = max(timedelta(minutes=1), time.duration / BARS_MAX)
    counts: dict[int, int] = {}
    for minute, winners in minutes:
        index = max(0, int((minute - time.starts_at) / stretch))
        counts[index] = counts.get(index, 0) + winners
    most = max(counts.values(), default=1)
    width = (WINNERS_PLOT.right - WINNERS_PLOT.left) * (stretch / time.duration)
    bars = []
    for index, winners in sorted(counts.items()):
        x = WINNERS_PLOT.left + index * width
        y = WINNERS_PLOT.y(winners, most)
        height = round(WINNERS_PLOT.bottom - y, 1)
        if height and x < WINNERS_PLOT.right:
            bars.append(ChartBar(round(x, 1), y, max(1.0, round(width - BAR_GAP, 1)), height))
    return bars
