"""The lifecycle as a picture: states in a row, steps as arcs, forward above and back below."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.kinds.lifecycle import LIFECYCLE, states_of

WIDTH, GAP, HEIGHT = 118, 62, 34
REACH = 26
"""How much higher an arc rises for each state that it leaps over."""


@dataclass(frozen=True, slots=True)
class State:
    """One state as a rounded box."""

    name: str
    x: int
    y: int
    width: int
    is_initial: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """One step as an SVG path, with its words and where they stand."""

    path: str
    words: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """The picture, with the same in words."""

    width: int
    height: int
    states: list[State]
    arrows: list[Arrow]
    label: str


def diagram(document: Mapping[str, Any]) -> Diagram | None:
    """The picture of a lifecycle; None for other kinds and before there are states."""
    names = states_of({"states": document.get("states") or []}) if document.get("kind") == LIFECYCLE.key else ()
    if not names:
        return None
    order = {name: at for at, name in enumerate(names)}
    steps = list(_steps(document, order))
    above = max([REACH * (b - a) for a, b, _ in steps if b > a], default=0)
    below = max([REACH * (a - b) for a, b, _ in steps if b < a], default=0)
    top = above + 24
    initial = document.get("initial") or next(iter(names))
    states = [State(name, _x(at), top, WIDTH, name == initial) for name, at in order.items()]
    said = "; ".join(f"{list(order)[a]} to {list(order)[b]} {words}".strip() for a, b, words in steps)
    width = _x(len(order) - 1) + WIDTH + 4
    return Diagram(width, top + HEIGHT + below + 24, states, [_arrow(*step, top) for step in steps], f"States: {said}")


def _steps(document: Mapping[str, Any], order: Mapping[str, int]) -> list[tuple[int, int, str]]:
    """From, to and words of each step between known states; one without a beginning leads from every other state."""
    found: list[tuple[int, int, str]] = []
    for step in document.get("transitions") or ():
        to = order.get(str(step.get("to")))
        starts = step.get("from") or [name for name, at in order.items() if at != to]
        names = [starts] if isinstance(starts, str) else starts
        if to is not None:
            found += [(order[name], to, _words(step)) for name in names if order.get(name, to) != to]
    return found


def _words(step: Mapping[str, Any]) -> str:
    if step.get("after_days_inactive"):
        return f"{step['after_days_inactive']} d idle"
    events = (step.get("trigger") or {}).get("events") or ()
    return "any event" if "*" in events else ", ".join(events).replace("_", " ") or "if it holds"


def _x(at: int) -> int:
    return 2 + at * (WIDTH + GAP)


def _arrow(start: int, end: int, words: str, top: int) -> Arrow:
    is_forward, leap = end > start, abs(end - start)
    shift = 14 if is_forward else -14
    begin, finish = _x(start) + WIDTH // 2 + shift, _x(end) + WIDTH // 2 - shift
    edge = top - 2 if is_forward else top + HEIGHT + 2
    peak = edge - REACH * leap if is_forward else edge + REACH * leap
    path = f"M{begin} {edge}C{begin} {peak} {finish} {peak} {finish} {edge}"
    return Arrow(path, words, (begin + finish) // 2, (edge + 3 * peak) // 4 + (-5 if is_forward else 13))
