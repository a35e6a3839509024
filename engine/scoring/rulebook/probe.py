"""A probe on one rule of a rulebook: reports which facts each judgement saw and what it concluded."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.language.compile import CompiledLogic
from engine.language.facts import Facts, MissingFact
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.rulebook.rulebook import EventPlan, Rulebook

ProbeCallback = Callable[[Mapping[str, Any], Any], object]
"""Called once per judgement with the facts, which change after the call, and the condition's value: None where it
met a missing fact."""


def attach_probe(book: Rulebook, key: str, callback: ProbeCallback) -> Rulebook:
    """Let `callback` see every judgement of one earning, mission or badge rule; unchanged if there is no such rule.

    Changes `book` in place, so nobody else may share it.
    """
    rule = book.rules.get(key)
    if rule is None:
        return book
    probed = replace(rule, condition=_probed(rule.condition, callback))
    book.rules[key] = probed
    for rules in _lists_of_rules(book):
        rules[:] = [probed if listed.key == key else listed for listed in rules]
    return book


def with_probes(book: Rulebook, event_type: str, callbacks: Mapping[str, ProbeCallback]) -> Rulebook:
    """The same rulebook, in which callbacks by key see every judgement of rules at entries of one type.

    `book` stays as it is, and may be shared.
    """

    def probed(rules: list[CompiledRule]) -> list[CompiledRule]:
        return [
            replace(rule, condition=_probed(rule.condition, callbacks[rule.key])) if rule.key in callbacks else rule
            for rule in rules
        ]

    plan = book.plan(event_type)
    plan = replace(plan, earning=probed(plan.earning), missions=probed(plan.missions), badges=probed(plan.badges))
    return replace(book, plans={**book.plans, event_type: plan}, player_only_badges=probed(book.player_only_badges))


def _lists_of_rules(book: Rulebook) -> list[list[CompiledRule]]:
    in_plans = [rules for plan in book.plans.values() for rules in _lists_of_plan(plan)]
    return [book.earning, book.badges, book.missions, book.player_only_badges, *in_plans]


def _lists_of_plan(plan: EventPlan) -> list[list[CompiledRule]]:
    return [plan.earning, plan.missions, plan.badges, plan.once_per_rules, plan.capped_rules, plan.periodic_badges]


def _probed(condition: CompiledLogic | None, callback: ProbeCallback) -> CompiledLogic:
    def rule(facts: Facts) -> Any:
        try:
            value = condition.rule(facts) if condition is not None else True
        except MissingFact:
            callback(facts, None)
            raise
        callback(facts, value)
        return value

    if condition is None:
        return CompiledLogic(frozenset(), "True", rule)
    return CompiledLogic(condition.paths, condition.source, rule, condition.steps)
