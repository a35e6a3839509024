"""Figures as people read them: percentiles, rates and one table a question."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

console = Console(width=120)


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value below which `share` of the values lie (nearest rank); NaN without values."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.2f} ms" if seconds < 0.01 else f"{seconds * 1000:,.0f} ms"


def spread(values: Sequence[float]) -> list[str]:
    """Give p50, p95 and p99 as words."""
    return [milliseconds(percentile(values, share)) for share in (0.50, 0.95, 0.99)]


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print one table; every column but the first is a number and stands right."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for index, head in enumerate(heads):
        table.add_column(head, justify="left" if index == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)
