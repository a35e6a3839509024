"""A line with the area under it, and an earlier line dashed behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.pages.charts.axes import AxisLabel, PlotArea, Tick, axis_labels, points, round_top, ticks

PLOT = PlotArea(left=40.0, right=540.0, top=10.0, bottom=172.0)
TICKS = 4
TOP_STEPS = (4, 8, 20)
"""So that four ticks are whole numbers."""


@dataclass(frozen=True, slots=True)
class AreaChart:
    """An area chart, ready to be printed; `earlier` is empty where there is no earlier line."""

    plot: PlotArea
    ticks: tuple[Tick, ...]
    line: str
    area: str
    earlier: str
    labels: tuple[AxisLabel, ...]


def area_chart(values: Sequence[int], labels: Sequence[str], earlier: Sequence[int] = ()) -> AreaChart:
    """A chart of values from 0 up, with `earlier` values on the same axes and `labels` spread evenly below."""
    top = round_top(max([*values, *earlier, 1]), TOP_STEPS)
    line = PLOT.line(values, top)
    return AreaChart(
        plot=PLOT,
        ticks=ticks(PLOT, top, TICKS),
        line=line,
        area=f"{points([(PLOT.left, PLOT.bottom)])} {line} {points([(PLOT.right, PLOT.bottom)])}",
        earlier=PLOT.line(earlier, top) if earlier else "",
        labels=axis_labels(PLOT, labels),
    )
