"""What all charts share: the plot area with its scales, round tops, ticks, labels, and points for SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlotArea:
    """The rectangle that values are drawn into, in the units of the SVG's viewBox; y grows downwards."""

    left: float
    right: float
    top: float
    bottom: float

    def x(self, share: float) -> float:
        """Where a share of the width lies; shares outside 0 to 1 are drawn at the edge."""
        return round(self.left + (self.right - self.left) * min(1.0, max(0.0, share)), 1)

    def y(self, value: float, highest: float) -> float:
        """Where a value lies, on a scale from 0 at the bottom to `highest` at the top."""
        return round(self.bottom - (self.bottom - self.top) * value / highest, 1)

    def x_of_each(self, count: int) -> list[float]:
        """The x of so many values that are spread evenly from edge to edge."""
        return [self.x(index / max(count - 1, 1)) for index in range(count)]

    def line(self, values: Sequence[float], highest: float) -> str:
        """A polyline of values that are spread evenly from edge to edge."""
        return points(zip(self.x_of_each(len(values)), [self.y(value, highest) for value in values], strict=True))


@dataclass(frozen=True, slots=True)
class Tick:
    """A horizontal grid line with its value."""

    value: int
    y: float


@dataclass(frozen=True, slots=True)
class AxisLabel:
    """A text under a chart; `anchor` is SVG's text-anchor."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar; `title` is what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    title: str = ""


def points(pairs: Iterable[tuple[float, float]]) -> str:
    """Coordinates as the `points` of a polyline or polygon, to a tenth of a unit."""
    return " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in pairs)


def round_top(highest: int, steps: Sequence[int], steps_of_ones: Sequence[int] = ()) -> int:
    """The next round number: a step times a power of ten; below ten, one of `steps_of_ones` where those are named."""
    power = 1
    while True:
        for step in (steps_of_ones or steps) if power == 1 else steps:
            if highest <= step * power:
                return step * power
        power *= 10


def ticks(plot: PlotArea, top: int, count: int) -> tuple[Tick, ...]:
    """`count` equal steps from 0 to `top`, with the line at 0."""
    return tuple(Tick(round(top * step / count), plot.y(top * step / count, top)) for step in range(count + 1))


def axis_labels(plot: PlotArea, texts: Sequence[str]) -> tuple[AxisLabel, ...]:
    """Texts that are spread evenly under a chart; the outer ones stay within it."""
    anchors = ["start", *["middle"] * (len(texts) - 2), "end"]
    return tuple(
        AxisLabel(x, text, anchor) for x, text, anchor in zip(plot.x_of_each(len(texts)), texts, anchors, strict=False)
    )
