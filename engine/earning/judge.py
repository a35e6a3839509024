"""Judging: whether a rule's condition holds for the entry at hand, with faults kept to the rule that has them."""

from engine.earning.ruled import Rule
from engine.earning.scene import Scene
from engine.logic.compile import Compiled
from engine.logic.missing import MissingFact
from engine.vocabulary.outcome import Fault, Reason, Refusal


def holds(scene: Scene, condition: Compiled | None) -> bool:
    """Whether a condition holds; arithmetic over what is missing is no match."""
    if condition is None:
        return True
    try:
        return condition.holds(scene.facts)
    except MissingFact:
        return False


def matches(scene: Scene, rule: Rule) -> bool:
    """Whether a rule applies to the entry: its condition holds and its dates allow the moment.

    A rule that breaks is noted as a fault and does not match; the others go on.
    """
    try:
        if rule.condition is not None and not rule.condition.holds(scene.facts):
            return False
    except MissingFact:
        refuse(scene, rule, Reason.MISSING_FACT)
        return False
    except Exception as fault:  # noqa: BLE001 -- the one place where a rule's fault is recorded; DESIGN L9
        scene.outcome.faults.append(Fault(rule.key, rule.version, f"{type(fault).__name__}: {fault}"))
        refuse(scene, rule, Reason.RULE_FAULT)
        return False
    if not rule.is_due(scene.entry.occurred_at):
        refuse(scene, rule, Reason.NOT_IN_SCHEDULE)
        return False
    return True


def refuse(scene: Scene, rule: Rule, reason: Reason) -> None:
    """Note why a rule gave nothing, or less."""
    scene.outcome.not_awarded.append(Refusal(rule.key, rule.version, reason))
