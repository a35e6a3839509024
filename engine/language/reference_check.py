"""The shadow check: whether a compiled rule and the reference interpreter agree."""

from collections.abc import Mapping
from typing import Any

from engine.language import reference
from engine.language.compile import CompiledLogic
from engine.language.missing_facts import MissingFact
from engine.language.words.wording import value_text


def difference(logic: Any, compiled: CompiledLogic, facts: Mapping[str, Any]) -> str:
    """How `compiled` and the reference differ on `facts`; empty if they agree, exceptions included."""
    ours, theirs = _answer(compiled.evaluate, facts), _answer(lambda known: reference.evaluate(logic, known), facts)
    if ours == theirs:
        return ""
    return f"compiled: {ours[1]}; reference: {theirs[1]}"


def _answer(evaluate: Any, facts: Mapping[str, Any]) -> tuple[Any, str]:
    """The value with its type, since 1 and True are equal, and how it reads."""
    try:
        value = evaluate(facts)
    except MissingFact as unanswered:
        return (MissingFact, unanswered.path, unanswered.reason), str(unanswered)
    return (type(value), value), value_text(value)
