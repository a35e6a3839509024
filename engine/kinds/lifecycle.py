"""Lifecycle: the states that a player goes through, such as new, active and at risk, and the steps between them."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.documents.condition_places import LogicPlace, own_places, trigger_events
from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection
from engine.documents.shape import list_of, object_with, optional, required, text, whole_number
from engine.kinds.kind import Kind, Listening
from engine.kinds.shared_parts import ABOUT, LOGIC, TRIGGER, document
from engine.language.check import Scope
from engine.language.words.clauses import ClauseWords
from engine.scoring.rulebook.compiled_rules import compile_condition
from engine.scoring.rulebook.lifecycle import CompiledLifecycle, LifecycleMove
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.calendar import DAY
from engine.scoring.views.standings import lifecycle_standing
from engine.vocabulary.problem import Problem, named, pointer

KEY = "lifecycle"
_STATE_NAME = text(40)


def _sources(value: Any, at: str) -> Iterator[Problem]:
    if isinstance(value, list):
        yield from list_of(_STATE_NAME, 1, 30, distinct=True)(value, at)
    else:
        yield from _STATE_NAME(value, at)


_STATE = object_with({"name": required(_STATE_NAME), "description": optional(text(500, 0))})
_TRANSITION = object_with(
    {
        "from": optional(_sources),
        "to": required(_STATE_NAME),
        "after_days_inactive": optional(whole_number(1, 3650)),
        "trigger": optional(TRIGGER),
        "condition": LOGIC,
    },
    one_of=("after_days_inactive", "trigger"),
)


def _state(value: Any, at: str) -> Iterator[Problem]:
    yield from _STATE(value, at) if isinstance(value, dict) else _STATE_NAME(value, at)


_SHAPE = document(
    {
        "states": required(list_of(_state, 1, 30)),
        "initial": optional(_STATE_NAME),
        "transitions": required(list_of(_TRANSITION, 0, 100)),
    }
)
_FORM = (
    FormSection(
        "then",
        "States",
        (
            FormField("/states", "texts", "States", "Such as ACTIVE, AT_RISK, DORMANT.", is_required=True),
            FormField("/initial", "choice", "Every player starts in", choices_from="states"),
            FormField(
                "/transitions",
                "table",
                "Step",
                columns=(
                    FormField("/from", "choices", "From", "If none: from every state.", choices_from="states"),
                    FormField("/to", "choice", "To", choices_from="states", is_required=True),
                    FormField(
                        "/after_days_inactive",
                        "whole",
                        "After",
                        unit="days without an event",
                        least=1,
                        most=3650,
                        excludes=("/trigger",),
                    ),
                    FormField(
                        "/trigger/events",
                        "choices",
                        "Or when",
                        choices_from="events",
                        excludes=("/after_days_inactive",),
                    ),
                    FormField("/condition", "logic", "If", when=("/after_days_inactive", (None,))),
                ),
            ),
        ),
    ),
    ABOUT,
)


def states_of(raw: Raw) -> list[str]:
    """The names of the states of a lifecycle document."""
    return [state["name"] if isinstance(state, dict) else state for state in raw["states"]]


def sources_of(transition: Raw) -> list[str]:
    """The states that a transition leaves; empty means every one."""
    source = transition.get("from")
    if source in (None, "*"):
        return []
    return list(source) if isinstance(source, list) else [str(source)]


def _consistency(raw: Raw, at: str) -> Iterator[Problem]:
    states = states_of(raw)
    for name in sorted({state for state in states if states.count(state) > 1}):
        yield Problem(pointer(at, "states"), f"duplicate state {name!r}")
    if raw.get("initial") is not None and raw["initial"] not in states:
        yield Problem(pointer(at, "initial"), f"unknown state {raw['initial']!r}")
    for index, step in enumerate(raw["transitions"]):
        here = pointer(at, "transitions", index)
        for name in [*sources_of(step), step["to"]]:
            if name not in states:
                where = "to" if name == step["to"] else "from"
                yield Problem(pointer(here, where), f"unknown state {name!r}; the states are {', '.join(states)}")
        if step.get("after_days_inactive") is not None and (step.get("trigger") or step.get("condition") is not None):
            other = "trigger" if step.get("trigger") else "condition"
            message = f"cannot be combined with {named(other)}"
            yield Problem(pointer(here, "after_days_inactive"), message)


def _places(raw: Raw, at: str) -> Iterator[LogicPlace]:
    yield from own_places(raw, at)
    for index, step in enumerate(raw["transitions"]):
        if step.get("condition") is not None:
            here = pointer(at, "transitions", index, "condition")
            yield LogicPlace(step["condition"], here, Scope.CONDITION, trigger_events(step))


def _sentence(raw: Raw, say: ClauseWords) -> str:
    steps = [step for step in raw.get("transitions") or [] if isinstance(step, Mapping)]
    return "; ".join(say.transition(step) for step in steps) or "no transitions"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    states = states_of(raw)
    book.lifecycle = CompiledLifecycle(
        key=raw["key"],
        version=version.version,
        initial=str(raw.get("initial") or states[0]),
        states=frozenset(states),
        moves=tuple(_move(step, states) for step in raw["transitions"]),
    )


def _move(step: Raw, states: list[str]) -> LifecycleMove:
    days = step.get("after_days_inactive")
    return LifecycleMove(
        sources=tuple(sources_of(step) or [state for state in states if state != step["to"]]),
        target=step["to"],
        after=None if days is None else days * DAY,
        events=trigger_events({"trigger": step.get("trigger")}),
        condition=compile_condition(step.get("condition")),
    )


LIFECYCLE = Kind(
    key=KEY,
    icon="heart-handshake",
    purpose="New, active, at risk, gone, and how players get there",
    shape=_SHAPE,
    form=_FORM,
    first_members={"states": ["ACTIVE", "AT_RISK"], "initial": "ACTIVE", "transitions": []},
    sentence=_sentence,
    consistency=_consistency,
    places=_places,
    is_single=True,
    compile=_compile,
    standing=lifecycle_standing,
    listening=Listening.EVERY,
    measures_players=True,
    changes_with_time=True,
    provides=("player.state",),
)
