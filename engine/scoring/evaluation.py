"""Judging: whether a rule applies to the entry at hand, with faults kept to the rule that has them."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from engine.language.compile import Compiled
from engine.language.missing_facts import MissingFact
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledRule, Schedule
from engine.vocabulary.outcome import Refusal, RefusalReason, RuleFault


class IdentifiedRule(Protocol):
    """Anything that is blamed by its key when it breaks."""

    @property
    def key(self) -> str: ...
    @property
    def version(self) -> int: ...


class ListeningRule(IdentifiedRule, Protocol):
    """A metric or streak: looks at events, within its dates, through a filter."""

    @property
    def condition(self) -> Compiled | None: ...
    @property
    def schedule(self) -> Schedule: ...


def holds(context: EvaluationContext, condition: Compiled | None) -> bool:
    """Whether a condition holds; arithmetic over what is missing is no match."""
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
    """Whether a rule applies to the entry: its condition holds and its dates allow the moment; else notes why."""
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
    """Do one step with each rule in turn. One that breaks is noted as a fault; the others go on."""
    done = []
    for rule in rules:
        try:
            done.append((rule, step(context, rule)))
        except Exception as fault:  # noqa: BLE001 -- the one place where a rule's fault is recorded; DESIGN L9
            context.outcome.faults.append(RuleFault(rule.key, rule.version, f"{type(fault).__name__}: {fault}"[:500]))
            note_refusal(context, rule, RefusalReason.RULE_FAULT)
    return done


def note_refusal(context: EvaluationContext, rule: IdentifiedRule, reason: RefusalReason) -> None:
    """Note, once, why a rule gave nothing, or less."""
    refusal = Refusal(rule.key, rule.version, reason)
    if refusal not in context.outcome.not_awarded:
        context.outcome.not_awarded.append(refusal)
