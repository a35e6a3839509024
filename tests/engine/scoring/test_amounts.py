"""Amounts: decimal, rounded to 6 places and then down, boosted, then clipped; limits go by order of application."""

from typing import Any

import pytest

from engine.scoring.award import AMOUNT_MAX, BALANCE_MAX
from engine.vocabulary.outcome import Outcome
from tests.builders import ada, apply, make_book, make_entry

SCORE = {"var": "event.properties.score"}
AT_NOON = "2026-11-20T12:00:00Z"


def paying(grant: dict[str, Any], **limits: Any) -> dict[str, Any]:
    """One rule that pays for everything."""
    named = {"kind": "earning", "key": "pay", "name": "Pay", "trigger": {"events": ["*"]}}
    return {**named, "grant": grant, "limits": limits}


def boost(key: str, multiplier: float) -> dict[str, Any]:
    """A boost in force on the 20th of November."""
    dates = {"starts_at": "2026-11-20T00:00:00Z", "ends_at": "2026-11-21T00:00:00Z"}
    return {"kind": "boost", "key": key, "name": key, "multiplier": multiplier, **dates}


def paid(outcomes: list[Outcome], currency: str = "xp") -> list[int]:
    """What each entry paid."""
    return [sum(line.amount for line in outcome.ledger if line.currency == currency) for outcome in outcomes]


@pytest.mark.parametrize(("factor", "xp"), [(0.29, 29), (0.2999, 29), (-1, 0), (0.009, 0), (0.2999999999, 30)])
def test_a_formula_is_decimal_and_rounded_to_6_places_then_down_and_never_below_0(factor: float, xp: int) -> None:
    book = make_book([paying({"xp": {"*": [SCORE, factor]}})])
    assert paid(apply(ada(), [make_entry(score=100)], book)) == [xp]


def test_boosts_multiply_and_end_with_their_dates() -> None:
    book = make_book([paying({"xp": 10}), boost("half", 1.5), boost("double", 2)])
    assert paid(apply(ada(), [make_entry("visit", AT_NOON), make_entry("visit", "2026-11-21")], book)) == [30, 10]


def test_a_boost_applies_to_players_who_meet_its_condition_and_segment() -> None:
    for_pro = boost("pro", 2) | {"condition": {"==": [{"var": "player.attributes.plan"}, "pro"]}}
    for_rich = boost("for_rich", 3) | {"segment": "rich"}
    rich = {"kind": "segment", "key": "rich", "name": "Rich", "condition": {">=": [{"var": "player.xp"}, 20]}}
    book = make_book([paying({"xp": 10}), for_pro, for_rich, rich])
    plans = [None, {"plan": "pro"}, {"plan": None}, {"plan": "pro"}]
    entries = [make_entry("visit", AT_NOON, attributes=plan) for plan in plans]
    assert paid(apply(ada(), entries, book)) == [10, 20, 30, 60]


def test_a_daily_cap_comes_after_boosts_and_clips_xp_but_not_coins() -> None:
    book = make_book([paying({"xp": 30, "coins": 5}, max_xp_per_day=100), boost("double", 2)])
    outcomes = apply(ada(), [make_entry("visit", AT_NOON, seq=seq) for seq in (1, 2, 3)], book)
    assert (paid(outcomes), paid(outcomes, "coins")) == ([60, 40, 0], [10, 10, 10])


def test_once_per_pays_the_first_applied_entry_and_refuses_a_missing_fact() -> None:
    book = make_book([paying({"xp": 10}, once_per=["event.properties.quiz"])])
    outcomes = apply(ada(), [make_entry(quiz="a"), make_entry(quiz="a"), make_entry(quiz="b"), make_entry()], book)
    assert paid(outcomes) == [10, 0, 10, 0]
    assert [str(outcome.not_awarded[0].reason) for outcome in outcomes if outcome.not_awarded] == [
        "once_per",
        "missing_fact",
    ]


def test_a_cooldown_is_a_distance_in_both_directions() -> None:
    book = make_book([paying({"xp": 10}, cooldown_seconds=600)])
    times = ["12:00:00", "12:09:59", "11:50:01", "11:50:00", "12:00:00"]
    assert paid(apply(ada(), [make_entry("visit", f"2026-11-20T{t}Z") for t in times], book)) == [10, 0, 0, 10, 10]


def test_amounts_above_the_largest_balance_are_lost() -> None:
    book, player = make_book([paying({"xp": AMOUNT_MAX, "coins": 1})]), ada()
    outcomes = apply(player, [make_entry()] * 11, book)
    assert (paid(outcomes), player.state["xp"]) == ([AMOUNT_MAX] * 9 + [0, 0], BALANCE_MAX)
    assert paid(outcomes, "coins") == [1] * 11


@pytest.mark.parametrize(("xp", "level"), [(199, 1), (200, 2), (399, 2), (400, 3), (100 * 2**40, 41)])
def test_doubling_levels_are_exact_at_powers_of_two(xp: int, level: int) -> None:
    levels = {"kind": "levels", "key": "levels", "name": "Levels", "formula": "doubling"}
    book = make_book([levels])
    assert book.levels is not None
    assert book.levels.level_at(xp) == level
