"""The chart of a backtest: the draft's awards a day as bars, the live version's as a line over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.pages.charts.axes import AxisLabel, ChartBar, PlotArea, Tick, axis_labels, points, round_top, ticks

WIDTH, HEIGHT = 372.0, 132.0
PLOT = PlotArea(left=30.0, right=372.0, top=6.0, bottom=116.0)
BARS_MAX, BAR_GAP_MAX = 45, 3.6
TICKS = 2
TOP_STEPS, TOP_STEPS_OF_ONES = (2, 3, 4, 6, 8, 10), (2, 4, 6, 8, 10)
"""Half of the top is a whole number."""


@dataclass(frozen=True, slots=True)
class BacktestChart:
    """Ready to be printed: the draft's bars, the live version's line (empty where it awarded nothing), the axes."""

    width: float
    height: float
    plot: PlotArea
    bars: tuple[ChartBar, ...]
    line: str
    ticks: tuple[Tick, ...]
    labels: tuple[AxisLabel, ...]
    label: str


def backtest_chart(draft: Mapping[str, int], live: Mapping[str, int], first: date, last: date) -> BacktestChart:
    """Draw the awards of each day (ISO date → count) from the first to the last; long histories in spans of days."""
    days = (last - first).days + 1
    span = max(1, -(-days // BARS_MAX))
    starts = [first + timedelta(days=offset) for offset in range(0, days, span)]
    draft_counts, live_counts = _sums(draft, starts, span), _sums(live, starts, span)
    top = round_top(max([*draft_counts, *live_counts, 1]), TOP_STEPS, TOP_STEPS_OF_ONES)
    step = (PLOT.right - PLOT.left) / len(starts)
    middles = [PLOT.left + (index + 0.5) * step for index in range(len(starts))]
    line = points((x, PLOT.y(count, top)) for x, count in zip(middles, live_counts, strict=True))
    every = "a day" if span == 1 else f"every {span} days"
    return BacktestChart(
        width=WIDTH,
        height=HEIGHT,
        plot=PLOT,
        bars=tuple(
            _bar(PLOT.left + index * step, step, count, top, starts[index]) for index, count in enumerate(draft_counts)
        ),
        line=line if any(live_counts) else "",
        ticks=ticks(PLOT, top, TICKS),
        labels=axis_labels(PLOT, [f"{first:%-d %b}", f"{last:%-d %b}"]),
        label=(
            f"Awards {every}, {first:%-d %B %Y} to {last:%-d %B %Y}: {sum(draft_counts):,},"
            f" at most {max(draft_counts):,}"
        ),
    )


def _sums(by_day: Mapping[str, int], starts: Sequence[date], span: int) -> list[int]:
    return [sum(by_day.get((start + timedelta(days=day)).isoformat(), 0) for day in range(span)) for start in starts]


def _bar(x: float, step: float, count: int, top: int, start: date) -> ChartBar:
    gap = min(BAR_GAP_MAX, step * 0.3)
    y = PLOT.y(count, top)
    return ChartBar(
        round(x + gap / 2, 1), y, round(step - gap, 1), round(PLOT.bottom - y, 1), f"{start:%-d %B}: {count:,}"
    )
