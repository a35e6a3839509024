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

INSTANT = timedelta(microseconds=1)

Minutes = Sequence[tuple[datetime, int]]
"""Winners by minute; minutes without a winner are left out."""


Restocks = Sequence[tuple[datetime, int]]
"""When coupons came into a budget and how many, in order; less than none where they left it unassigned."""


@dataclass(frozen=True, slots=True)
class PlannedSpend:
    """Coupons that are to be spent evenly until a moment: from their start on, or from when they came."""

    starts_at: datetime
    ends_at: datetime
    restocks: Restocks

    @property
    def budget(self) -> int:
        """The coupons that are there to be spent, spent ones included."""
        return sum(change for _, change in self.restocks)

    @property
    def since(self) -> datetime:
        """From when on coupons can be spent: the start, or when the first came."""
        return max([self.starts_at, *(moment for moment, _ in self.restocks[:1])])

    def left(self, at: datetime) -> float:
        """How many coupons the plan leaves at a moment: what is left is spread anew whenever coupons come or go."""
        left, since = 0.0, self.starts_at
        for moment, change in self.restocks:
            if moment > at:
                break
            left = max(0.0, self._spent_until(moment, since, left) + change)
            since = max(since, moment)
        return self._spent_until(at, since, left)

    def _spent_until(self, at: datetime, since: datetime, left: float) -> float:
        """What is left of so many at a moment, spent evenly since an earlier one."""
        if at <= since:
            return left
        return left * (self.ends_at - at) / (self.ends_at - since) if at < self.ends_at else 0.0


def planned_left(plans: Sequence[PlannedSpend], at: datetime) -> float:
    """How many coupons the plans of several budgets leave at a moment, together."""
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


def burn_down_chart(time: ShownTime, plans: Sequence[PlannedSpend], left: int, minutes: Minutes) -> BurnDownChart:
    """Draw what was planned, the coupons left now, and the winners of each minute."""
    shown_until, budget = time.shown_until, sum(plan.budget for plan in plans)
    counts = _left_by_minute(minutes, _all_restocks(plans), time, left)
    top = max(budget, max((round(count) for _, count in counts), default=0), 1)
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
        plan_line=_line(_plan_corners(plans, time), time, top),
        now_mark=_now_mark(time, PLOT.y(left, top)) if time.now < time.ends_at else None,
        left=left,
        plan=plan,
        ticks=ticks(PLOT, top, TICKS)[::-1],
        labels=_labels(time),
        bars=tuple(_winner_bars(minutes, time)),
        label=_label(time, budget, left, plan),
    )


def _label(time: ShownTime, budget: int, left: int, plan: int) -> str:
    from_until = f"from {time.starts_at:%H:%M} to {time.shown_until:%H:%M}"
    if time.now >= time.ends_at:
        return f"Coupons left {from_until}: of {budget:,}, {left:,} were left at the end"
    return f"Coupons left {from_until}: of {budget:,}, {left:,} are left now, the plan is {plan:,}"


def _all_restocks(plans: Sequence[PlannedSpend]) -> list[tuple[datetime, int]]:
    return sorted(restock for plan in plans for restock in plan.restocks)


def _plan_corners(plans: Sequence[PlannedSpend], time: ShownTime) -> list[tuple[datetime, float]]:
    """The plan bends only where a game begins or ends, and jumps where coupons come or go."""
    bends = {at for plan in plans for at in (plan.starts_at, plan.ends_at)}
    jumps = {moment for moment, _ in _all_restocks(plans)}
    corners = []
    for at in sorted({at for at in bends | jumps if time.starts_at <= at <= time.ends_at} | {time.ends_at}):
        if at in jumps and at > time.starts_at:
            corners.append((at, planned_left(plans, at - INSTANT)))
        corners.append((at, planned_left(plans, at)))
    return corners


def _left_by_minute(minutes: Minutes, restocks: Restocks, time: ShownTime, left: int) -> list[tuple[datetime, float]]:
    """Coupons left at the end of each minute, counted back from now: without winners, and without what came since."""
    shown_until, starts_at = time.shown_until, time.starts_at
    count = left - sum(change for moment, change in restocks if moment > shown_until)
    counts = list[tuple[datetime, float]]([(shown_until, count)])
    steps = [(minute, winners, 0) for minute, winners in minutes]
    # To the minute, so that nothing comes or goes within a minute of winners.
    steps += [
        (moment.replace(second=0, microsecond=0), 0, change)
        for moment, change in restocks
        if starts_at < moment <= shown_until
    ]
    for minute, winners, change in sorted(steps, key=lambda step: (step[0], bool(step[1])), reverse=True):
        ends_at = minute + timedelta(minutes=1) if winners else minute
        counts.append((min(max(ends_at, starts_at), shown_until), count))
        count += winners - change
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
