"""Where a document holds logic, and what each place may ask."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.language.check import Scope
from engine.vocabulary.problem import pointer


class Place(NamedTuple):
    """A piece of logic, its JSON pointer, what it may ask, and the events that it is judged with."""

    logic: Any
    at: str
    scope: Scope
    events: tuple[str, ...]


def places(raw: Mapping[str, Any], at: str) -> Iterator[Place]:
    """Every piece of logic in a document whose shape has been checked."""
    events = trigger_events(raw)
    for name, scope in (("filter", Scope.METRIC_FILTER), ("condition", Scope.CONDITION)):
        if raw.get(name) is not None:
            yield Place(raw[name], pointer(at, name), scope, events)
    yield from _grant(raw.get("grant"), pointer(at, "grant"), events)
    if raw.get("kind") == "levels":
        yield from _levels(raw, at)
    if raw.get("kind") == "lifecycle":
        yield from _transitions(raw, at)


def trigger_events(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The event types that a rule listens to; every one (`*`) where it names none."""
    trigger = raw.get("trigger") or {}
    return tuple(raw.get("events") or trigger.get("events") or ("*",))


def _grant(grant: Any, at: str, events: tuple[str, ...]) -> Iterator[Place]:
    for currency in ("xp", "coins"):
        if grant and grant.get(currency) is not None:
            yield Place(grant[currency], pointer(at, currency), Scope.FORMULA, events)


def _levels(raw: Mapping[str, Any], at: str) -> Iterator[Place]:
    if raw.get("formula") is not None and not isinstance(raw["formula"], str):
        yield Place(raw["formula"], pointer(at, "formula"), Scope.LEVEL, ("*",))
    for index, level in enumerate(raw.get("thresholds") or ()):
        yield from _grant(level.get("grant"), pointer(at, "thresholds", index, "grant"), ("*",))


def _transitions(raw: Mapping[str, Any], at: str) -> Iterator[Place]:
    for index, step in enumerate(raw["transitions"]):
        if step.get("condition") is not None:
            here = pointer(at, "transitions", index, "condition")
            yield Place(step["condition"], here, Scope.CONDITION, trigger_events(step))
