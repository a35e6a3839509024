"""Charts without axes: sparklines, bars of days, and the outline of a burn-down."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.pages.charts.axes import ChartBar, PlotArea, points

SPARKLINE = PlotArea(left=0.0, right=96.0, top=2.0, bottom=22.0)
DAY_BARS = PlotArea(left=0.0, right=280.0, top=4.0, bottom=66.0)
DAY_WIDTH, DAY_GAP = 20.0, 4.0


def sparkline_points(values: Sequence[float]) -> str:
    """The points of a sparkline between the lowest and the highest value; equal values lie flat in the middle."""
    low, high = min(values), max(values)
    if low == high:
        middle = (SPARKLINE.top + SPARKLINE.bottom) / 2
        return points((x, middle) for x in SPARKLINE.x_of_each(len(values)))
    return SPARKLINE.line([value - low for value in values], high - low)


def day_bars(values: Sequence[int]) -> list[ChartBar]:
    """A bar for each day, at least a unit high, so that a day without anything is seen too."""
    highest = max([*values, 1])
    bars = []
    for index, value in enumerate(values):
        y = DAY_BARS.y(value, highest)
        height = max(1.0, round(DAY_BARS.bottom - y, 1))
        bars.append(ChartBar(index * DAY_WIDTH + 1, y, DAY_WIDTH - DAY_GAP, height))
    return bars


@dataclass(frozen=True, slots=True)
class BurnDownOutline:
    """Coupons left over a game, without ticks; the plan is the diagonal. `band` is empty for a single run."""

    width: float
    height: float
    line: str
    band: str = ""


def burn_down_outline(
    left: Sequence[int],
    initial: int,
    *,
    width: float,
    height: float,
    band: tuple[Sequence[int], Sequence[int]] | None = None,
) -> BurnDownOutline:
    """The outline of coupons left at equal intervals; `band` holds the highest and the lowest of several runs."""
    plot, highest = PlotArea(0.0, width, 0.0, height), max(1, initial)
    line = points(_corners(left, plot, highest))
    if band is None:
        return BurnDownOutline(width, height, line)
    upper, lower = (_corners(side, plot, highest) for side in band)
    return BurnDownOutline(width, height, line, points([*upper, *reversed(lower)]))


def _corners(left: Sequence[int], plot: PlotArea, highest: int) -> list[tuple[float, float]]:
    """The values as points; a value between two equal ones changes nothing and is left out."""
    last = len(left) - 1
    xs = plot.x_of_each(len(left))
    return [
        (xs[index], plot.y(value, highest))
        for index, value in enumerate(left)
        if index in {0, last} or not left[index - 1] == value == left[index + 1]
    ]
