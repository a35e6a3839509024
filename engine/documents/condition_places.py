"""Where a document holds conditions and formulas, and what each of them may read."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.language.check import Scope
from engine.vocabulary.problem import pointer


class LogicPlace(NamedTuple):
    """A condition or formula, its JSON pointer, what it may read, and the event types that it is judged with."""

    logic: Any
    at: str
    scope: Scope
    events: tuple[str, ...]


def trigger_events(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The event types that a rule listens to; every one (`*`) where it names none."""
    trigger = raw.get("trigger") or {}
    return tuple(raw.get("events") or trigger.get("events") or ("*",))


def own_places(raw: Mapping[str, Any], at: str) -> Iterator[LogicPlace]:
    """The filter, the condition and the amounts of the grant that a document of any kind may have."""
    events = trigger_events(raw)
    for name, scope in (("filter", Scope.METRIC_FILTER), ("condition", Scope.CONDITION)):
        if raw.get(name) is not None:
            yield LogicPlace(raw[name], pointer(at, name), scope, events)
    yield from amounts(raw.get("grant"), pointer(at, "grant"), events)


def amounts(grant: Any, at: str, events: tuple[str, ...]) -> Iterator[LogicPlace]:
    """The amounts of a grant, each of which may be a formula."""
    for currency in ("xp", "coins"):
        if grant and grant.get(currency) is not None:
            yield LogicPlace(grant[currency], pointer(at, currency), Scope.FORMULA, events)
