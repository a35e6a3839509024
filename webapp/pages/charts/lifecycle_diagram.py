"""A lifecycle as a diagram: states in a row, transitions as arcs, forward above and back below."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.kinds.lifecycle import LIFECYCLE, states_of

WIDTH, GAP, HEIGHT = 118, 62, 34
EDGE = 2
ARC_RISE = 26
"""How much higher an arc rises for each state that it passes over."""

ARC_MARGIN = 24
"""Room for the words over the highest arc, and under the lowest."""


@dataclass(frozen=True, slots=True)
class StateBox:
    """One state as a rounded box, and where its name stands."""

    name: str
    x: int
    y: int
    width: int
    height: int
    text_x: float
    text_y: int
    is_initial: bool


@dataclass(frozen=True, slots=True)
class TransitionArrow:
    """One transition as an SVG path, with its words and where they stand."""

    path: str
    words: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class LifecycleDiagram:
    """The diagram; `label` says the same in words."""

    width: int
    height: int
    states: list[StateBox]
    arrows: list[TransitionArrow]
    label: str


@dataclass(frozen=True, slots=True)
class _Transition:
    """From one state to another, both by their position in the row."""

    start: int
    end: int
    words: str


def lifecycle_diagram(document: Mapping[str, Any]) -> LifecycleDiagram | None:
    """The diagram of a lifecycle; None for other kinds, and before there are states."""
    names = states_of({"states": document.get("states") or []}) if document.get("kind") == LIFECYCLE.key else ()
    if not names:
        return None
    position = {name: index for index, name in enumerate(names)}
    transitions = _transitions(document, position)
    rises = [transition.end - transition.start for transition in transitions]
    above = ARC_RISE * max([rise for rise in rises if rise > 0], default=0)
    below = ARC_RISE * max([-rise for rise in rises if rise < 0], default=0)
    top = above + ARC_MARGIN
    initial = document.get("initial") or next(iter(names))
    return LifecycleDiagram(
        width=_x(len(position) - 1) + WIDTH + 2 * EDGE,
        height=top + HEIGHT + below + ARC_MARGIN,
        states=[_state_box(name, index, top, is_initial=name == initial) for name, index in position.items()],
        arrows=[_arrow(transition, top) for transition in transitions],
        label=f"States: {_in_words(transitions, list(position))}",
    )


def _transitions(document: Mapping[str, Any], position: Mapping[str, int]) -> list[_Transition]:
    """The transitions between known states; one without a beginning leads from every other state."""
    transitions: list[_Transition] = []
    for step in document.get("transitions") or ():
        end = position.get(str(step.get("to")))
        if end is None:
            continue
        starts = step.get("from") or [name for name, index in position.items() if index != end]
        names = [starts] if isinstance(starts, str) else starts
        transitions += [
            _Transition(position[name], end, _words(step)) for name in names if position.get(name, end) != end
        ]
    return transitions


def _words(step: Mapping[str, Any]) -> str:
    if step.get("after_days_inactive"):
        return f"{step['after_days_inactive']} d idle"
    events = (step.get("trigger") or {}).get("events") or ()
    return "any event" if "*" in events else ", ".join(events).replace("_", " ") or "if it holds"


def _in_words(transitions: list[_Transition], names: list[str]) -> str:
    return "; ".join(
        f"{names[transition.start]} to {names[transition.end]} {transition.words}".strip() for transition in transitions
    )


def _x(index: int) -> int:
    return EDGE + index * (WIDTH + GAP)


def _state_box(name: str, index: int, top: int, *, is_initial: bool) -> StateBox:
    return StateBox(name, _x(index), top, WIDTH, HEIGHT, _x(index) + WIDTH / 2, top + 22, is_initial)


def _arrow(transition: _Transition, top: int) -> TransitionArrow:
    is_forward, passed = transition.end > transition.start, abs(transition.end - transition.start)
    shift = 14 if is_forward else -14  # so that arrows to and fro do not touch
    begin, finish = _x(transition.start) + WIDTH // 2 + shift, _x(transition.end) + WIDTH // 2 - shift
    edge = top - 2 if is_forward else top + HEIGHT + 2
    peak = edge - ARC_RISE * passed if is_forward else edge + ARC_RISE * passed
    path = f"M{begin} {edge}C{begin} {peak} {finish} {peak} {finish} {edge}"
    text_y = (edge + 3 * peak) // 4 + (-5 if is_forward else 13)
    return TransitionArrow(path, transition.words, (begin + finish) // 2, text_y)
