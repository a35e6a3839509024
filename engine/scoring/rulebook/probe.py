"""A rulebook in which one rule is watched: what it was asked about, and what it answered, is told as it happens."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.language.compile import Compiled
from engine.language.missing_facts import MissingFact
from engine.scoring.rulebook.compiled_rules import Rule
from engine.scoring.rulebook.rulebook import Plan, Rulebook

Watcher = Callable[[Mapping[str, Any], Any], object]
"""Gets the facts, which change after the call, and what the condition came to, None where it met what is missing;
once for each time it is asked."""


def watch(book: Rulebook, key: str, watcher: Watcher) -> Rulebook:
    """Let `watcher` see every judgement of one earning, mission or badge rule. Changes `book`, which nobody shares."""
    rule = book.rules.get(key)
    if rule is None:
        return book
    seen = replace(rule, condition=_watched(rule.condition, watcher))
    book.rules[key] = seen
    lists = [book.missions, book.standing, *(each for plan in book.plans.values() for each in _lists(plan))]
    for rules in lists:
        rules[:] = [seen if each.key == key else each for each in rules]
    return book


def _lists(plan: Plan) -> list[list[Rule]]:
    return [plan.earning, plan.missions, plan.badges, plan.once, plan.capped, plan.repeated]


def _watched(condition: Compiled | None, watcher: Watcher) -> Compiled:
    def rule(facts: Mapping[str, Any]) -> Any:
        try:
            value = condition.rule(facts) if condition is not None else True
        except MissingFact:
            watcher(facts, None)
            raise
        watcher(facts, value)
        return value

    return Compiled(condition.paths if condition else frozenset(), condition.source if condition else "True", rule)
