"""Judging: whether a rule applies to the entry at hand, with faults kept to the rule that has them."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from engine.language.compile import Compiled
from engine.language.missing_facts import MissingFact
from engine.scoring.evaluation_context import Scene
from engine.scoring.rulebook.compiled_rules import CompiledRule, Schedule
from engine.vocabulary.outcome import Fault, Reason, Refusal


class Ruled(Protocol):
    """Anything that is blamed by its key when it breaks."""

    @property
    def key(self) -> str: ...
    @property
    def version(self) -> int: ...


class Listening(Ruled, Protocol):
    """A metric or streak: looks at events, within its dates, through a filter."""

    @property
    def condition(self) -> Compiled | None: ...
    @property
    def schedule(self) -> Schedule: ...


def holds(scene: Scene, condition: Compiled | None) -> bool:
    """Whether a condition holds; arithmetic over what is missing is no match."""
    if condition is None:
        return True
    try:
        return bool(condition.rule(scene.facts))
    except MissingFact:
        return False


def listens(scene: Scene, rule: Listening) -> bool:
    """Whether a metric or streak counts the entry."""
    return rule.schedule.includes(scene.entry.occurred_at) and holds(scene, rule.condition)


def matches(scene: Scene, rule: CompiledRule) -> bool:
    """Whether a rule applies to the entry: its condition holds and its dates allow the moment; else notes why."""
    condition = rule.condition
    try:
        if condition is not None and not condition.rule(scene.facts):
            return False
    except MissingFact:
        refuse(scene, rule, Reason.MISSING_FACT)
        return False
    if not rule.schedule.includes(scene.entry.occurred_at):
        refuse(scene, rule, Reason.NOT_IN_SCHEDULE)
        return False
    return True


R = TypeVar("R", bound=Ruled)
T = TypeVar("T")


def guarded(scene: Scene, rules: list[R], step: Callable[[Scene, R], T]) -> list[tuple[R, T]]:
    """Do one step with each rule in turn. One that breaks is noted as a fault; the others go on."""
    done = []
    for rule in rules:
        try:
            done.append((rule, step(scene, rule)))
        except Exception as fault:  # noqa: BLE001 -- the one place where a rule's fault is recorded; DESIGN L9
            scene.outcome.faults.append(Fault(rule.key, rule.version, f"{type(fault).__name__}: {fault}"[:500]))
            refuse(scene, rule, Reason.RULE_FAULT)
    return done


def refuse(scene: Scene, rule: Ruled, reason: Reason) -> None:
    """Note, once, why a rule gave nothing, or less."""
    refusal = Refusal(rule.key, rule.version, reason)
    if refusal not in scene.outcome.not_awarded:
        scene.outcome.not_awarded.append(refusal)
