"""Judging: whether a rule applies to the entry at hand, with every fault confined to the rule that has it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from engine.language.compile import CompiledLogic
from engine.language.facts import MissingFact, NoAnswerReason
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledRule, Schedule
from engine.scoring.step_budget import NOTED_STEPS, StepBudgetSpent, culprits
from engine.vocabulary.outcome import Refusal, RefusalReason, RuleFault

FAULT_LENGTH_MAX = 500
RULE_STEPS = 10
"""What judging a rule costs besides its condition and its formulas."""


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
    context.facts.steps += condition.steps
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
    if condition is not None:
        context.facts.steps += condition.steps
    try:
        if condition is not None and not condition.rule(context.facts):
            return False
    except MissingFact as unanswered:
        note_no_answer(context, rule, unanswered)
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
    """Run one step with each rule in turn. A rule that breaks is recorded as a fault; the others go on.

    Raises `StepBudgetSpent` once an event has cost too much. A system entry is not given up: what an operator does must
    not wait for a rule. So its other rules are left out, and those that spent its budget are recorded as faults.
    """
    results = []
    facts = context.facts
    for rule in rules:
        if facts.steps > context.steps_max:
            note_refusal(context, rule, RefusalReason.RULE_FAULT)
            continue
        steps_before = facts.steps
        try:
            results.append((rule, step(context, rule)))
        except Exception as error:  # noqa: BLE001 -- the one place where a rule's fault is recorded; DESIGN L9
            message = f"{type(error).__name__}: {error}"[:FAULT_LENGTH_MAX]
            context.outcome.faults.append(RuleFault(rule.key, rule.version, message))
            note_refusal(context, rule, RefusalReason.RULE_FAULT)
        facts.steps += RULE_STEPS
        if facts.steps - steps_before >= NOTED_STEPS or facts.steps > context.steps_max:
            _note_spent(context, rule, facts.steps - steps_before)
    return results


def _note_spent(context: EvaluationContext, rule: IdentifiedRule, steps: int) -> None:
    """Note what a costly rule has spent; once the budget is spent, raise or record who spent it."""
    version = (rule.key, rule.version)
    context.spent[version] = context.spent.get(version, 0) + steps
    if context.facts.steps <= context.steps_max:
        return
    spent = StepBudgetSpent(culprits(context.spent))
    if context.entry.is_event:
        raise spent
    context.outcome.faults += [RuleFault(key, number, str(spent)) for key, number in spent.culprits]


_NO_ANSWER = {
    NoAnswerReason.MISSING: RefusalReason.MISSING_FACT,
    NoAnswerReason.DIVISION_BY_ZERO: RefusalReason.DIVISION_BY_ZERO,
    NoAnswerReason.TOO_LARGE: RefusalReason.TOO_LARGE,
}


def note_no_answer(context: EvaluationContext, rule: IdentifiedRule, unanswered: MissingFact) -> None:
    """Record that a calculation of a rule has no answer, and why."""
    note_refusal(context, rule, _NO_ANSWER[unanswered.reason], unanswered.path)


def note_refusal(context: EvaluationContext, rule: IdentifiedRule, reason: RefusalReason, fact: str = "") -> None:
    """Record, once, why a rule gave nothing, or less; `fact` is the one that is missing."""
    refusal = Refusal(rule.key, rule.version, reason, fact)
    if refusal not in context.outcome.not_awarded:
        context.outcome.not_awarded.append(refusal)
