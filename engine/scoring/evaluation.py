"""Judging: whether a rule applies to the entry at hand, with every fault confined to the rule that has it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from engine.language.compile import CompiledLogic
from engine.language.facts import MissingFact
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledRule, Schedule
from engine.vocabulary.outcome import Refusal, RefusalReason, RuleFault

FAULT_LENGTH_MAX = 500


class IdentifiedRule(Protocol):
    """Anything whose key and version are recorded when it breaks or gives nothing."""

    @property
    def key(self) -> str: ...
    @property
    def version(self) -> int: ...


class ListeningRule(IdentifiedRule, Protocol):
    """A metric or streak: looks at events, within its dates, through a filter."""

    @property
    def condition(self) -> CompiledLogic | None: ...
    @property
    def schedule(self) -> Schedule: ...


def holds(context: EvaluationContext, condition: CompiledLogic | None) -> bool:
    """Whether a condition holds; arithmetic on a missing fact means it does not."""
    if condition is None:
        return True
    try:
        return bool(condition.rule(context.facts))
    except MissingFact:
        return False


def listens(context: EvaluationContext, rule: ListeningRule) -> bool:
    """Whether a metric or streak counts the entry."""
    return rule.schedule.includes(context.entry.occurred_at) and holds(context, rule.condition)


def matches(context: EvaluationContext, rule: CompiledRule) -> bool:
    """Whether a rule applies to the entry: its condition holds within its schedule; otherwise notes why not."""
    condition = rule.condition
    try:
        if condition is not None and not condition.rule(context.facts):
            return False
    except MissingFact:
        note_refusal(context, rule, RefusalReason.MISSING_FACT)
        return False
    if not rule.schedule.includes(context.entry.occurred_at):
        note_refusal(context, rule, RefusalReason.NOT_IN_SCHEDULE)
        return False
    return True


R = TypeVar("R", bound=IdentifiedRule)
T = TypeVar("T")


def run_isolated(
    context: EvaluationContext, rules: list[R], step: Callable[[EvaluationContext, R], T]
) -> list[tuple[R, T]]:
    """Run one step with each rule in turn. A rule that breaks is recorded as a fault; the others go on."""
    results = []
    for rule in rules:
        try:
            results.append((rule, step(context, rule)))
        except Exception as error:  # noqa: BLE001 -- the one place where a rule's fault is recorded; DESIGN L9
            message = f"{type(error).__name__}: {error}"[:FAULT_LENGTH_MAX]
            context.outcome.faults.append(RuleFault(rule.key, rule.version, message))
            note_refusal(context, rule, RefusalReason.RULE_FAULT)
    return results


def note_refusal(context: EvaluationContext, rule: IdentifiedRule, reason: RefusalReason) -> None:
    """Record, once, why a rule gave nothing, or less."""
    refusal = Refusal(rule.key, rule.version, reason)
    if refusal not in context.outcome.not_awarded:
        context.outcome.not_awarded.append(refusal)
