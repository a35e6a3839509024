"""What all rules together may cost for one entry: counted in steps, the same wherever it is folded."""

from typing import Any

import pytest

from engine.scoring.fold import fold
from engine.scoring.step_budget import STEPS_MAX, StepBudgetSpent
from engine.scoring.views.explanation_facts import facts_at
from engine.vocabulary.entry import GRANT, Entry
from engine.vocabulary.outcome import RefusalReason
from tests.builders import ada, make_book, make_entry
from tests.engine.scoring.world import earning, rule

LINES = {"var": "event.properties.lines"}
COMPARED = {">": [{"var": "price"}, {"var": "weight"}]}
COSTLY = {"and": [{"none": [LINES, {"or": [COMPARED] * 13}]}] * 4}
MANY_LINES = [{"price": 2.5, "weight": 2.75}] * 200


def costly_book(count: int) -> Any:
    cheap = earning("cheap", 1)
    return make_book([cheap, *(earning(f"costly_{number}", 5, condition=COSTLY) for number in range(count))])


def order(**properties: Any) -> Entry:
    return make_entry("order_placed", lines=MANY_LINES, **properties)


def test_one_costly_rule_is_within_the_budget() -> None:
    assert fold(ada(), order(), costly_book(1)).ledger[0].rule == "cheap"


def test_many_costly_rules_are_not_and_are_named() -> None:
    with pytest.raises(StepBudgetSpent) as raised:
        fold(ada(), order(), costly_book(30))
    keys = [key for key, _ in raised.value.culprits]
    assert "cheap" not in keys
    assert keys[0] == "costly_0"
    assert f"more than {STEPS_MAX:,} steps" in str(raised.value)


def test_a_short_list_costs_little_however_many_rules_there_are() -> None:
    entry = make_entry("order_placed", lines=MANY_LINES[:1])
    assert len(fold(ada(), entry, costly_book(30)).ledger) == 31


def test_thousands_of_ordinary_rules_are_within_the_budget() -> None:
    condition = {"and": [{">=": [{"var": "event.properties.score"}, 40]}, {"==": [{"var": "event.type"}, "visit"]}]}
    book = make_book([earning(f"ordinary_{number}", 1, condition=condition) for number in range(1900)])
    assert len(fold(ada(), make_entry("visit", score=50), book).ledger) == 1900


def test_history_is_folded_whatever_it_costs() -> None:
    assert len(fold(ada(), order(), costly_book(30), is_history=True).ledger) == 31


def test_what_an_entry_costs_is_the_same_each_time() -> None:
    def cost() -> int:
        facts = facts_at({}, order(), book)
        for each in book.earning:
            if each.condition is not None:
                each.condition.holds(facts)
        return facts.steps  # type: ignore[attr-defined, no-any-return]

    book = costly_book(3)
    assert cost() == cost() > 3 * 4 * 200 * 39


def test_a_system_entry_is_applied_without_the_rules_that_are_too_much() -> None:
    held = {"none": [{"var": "player.badges"}, {"or": [{"==": [{"var": ""}, "last"]}] * 13}]}
    segments = [rule("segment", f"s{number}", condition={"and": [held] * 4}) for number in range(60)]
    book = make_book([*segments, rule("badge", "last", condition=None)])
    player = ada()
    player.state["badges"] = {f"b{number}": 1 for number in range(200)}
    outcome = fold(player, make_entry(GRANT, xp=5), book)
    assert [line.amount for line in outcome.ledger] == [5]
    assert {fault.rule for fault in outcome.faults} <= {f"s{number}" for number in range(60)}
    assert outcome.faults
    assert "more than" in outcome.faults[0].message
    assert {refusal.reason for refusal in outcome.not_awarded} == {RefusalReason.RULE_FAULT}
    assert len(player.state["in"]) + len(outcome.not_awarded) == 60
