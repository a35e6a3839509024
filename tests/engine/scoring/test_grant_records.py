"""A grant tells how it came about: what its rule says, what multiplied it, what was cut off, which level it led to."""

from typing import Any

from engine.scoring.award import BALANCE_MAX
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.views.grant_records import GrantView, RecordedLine, grant_views
from engine.vocabulary.outcome import Outcome
from tests.builders import ada, apply, make_book, make_entry
from tests.engine.scoring.world import SCORE, earning, rule

DOUBLE = rule("boost", "double", multiplier=2, currencies=["xp"])
LEVELS = rule("levels", "levels", thresholds=[{"name": "One", "xp": 0}, {"name": "Two", "xp": 15}])


def views(outcome: Outcome, book: Rulebook) -> list[GrantView]:
    """All amounts of an outcome, as a reader joins what is stored of them."""
    lines = [
        RecordedLine(place, str(line.currency), line.amount, line.balance, line.rule, line.rule_version, line.reason)
        for place, line in enumerate(outcome.ledger)
    ]
    return grant_views(lines, outcome.to_json().get("grants", ()), book.levels)


def short(view: GrantView) -> tuple[Any, ...]:
    boosts = [(boost["rule"], boost["multiplier"]) for boost in view["boosts"]]
    return view["rule"], view["base"], boosts, view["cut_off"], view["cut_by"], view["amount"], view["total"]


def test_nothing_is_stored_of_an_amount_that_is_what_its_rule_says() -> None:
    book = make_book([earning("pays", {"xp": 10, "coins": 3})])
    [outcome] = apply(ada(), [make_entry()], book)
    assert "grants" not in outcome.to_json()
    assert [short(view) for view in views(outcome, book)] == [
        ("pays", 10, [], 0, None, 10, 10), ("pays", 3, [], 0, None, 3, 3)
    ]  # fmt: skip


def test_boosts_and_rounding_are_told_for_the_currency_that_they_change() -> None:
    half = rule("boost", "half_more", multiplier=1.5)
    book = make_book([earning("pays", {"xp": {"*": [SCORE, 0.25]}, "coins": 3}), DOUBLE, half])
    [outcome] = apply(ada(), [make_entry(score=15)], book)
    assert [short(view) for view in views(outcome, book)] == [
        ("pays", 3.75, [("double", 2), ("half_more", 1.5)], 0, None, 11, 11),
        ("pays", 3, [("half_more", 1.5)], 0, None, 4, 4),
    ]


def test_what_the_daily_cap_cuts_off_is_told_even_where_it_leaves_nothing() -> None:
    book = make_book([earning("pays", 30, limits={"max_xp_per_day": 100}), DOUBLE])
    outcomes = apply(ada(), [make_entry(seq=seq) for seq in (1, 2, 3)], book)
    told = [short(view) for outcome in outcomes for view in views(outcome, book)]
    assert told == [
        ("pays", 30, [("double", 2)], 0, None, 60, 60),
        ("pays", 30, [("double", 2)], 20, "daily_cap", 40, 100),
        ("pays", 30, [("double", 2)], 60, "daily_cap", 0, 100),
    ]


def test_a_boost_that_leaves_nothing_is_told() -> None:
    book = make_book([earning("pays", 30), rule("boost", "none", multiplier=0.01)])
    [outcome] = apply(ada(), [make_entry()], book)
    assert [short(view) for view in views(outcome, book)] == [("pays", 30, [("none", 0.01)], 0, None, 0, 0)]


def test_what_exceeds_the_highest_balance_is_told() -> None:
    player, book = ada(), make_book([earning("pays", 30)])
    player.state["xp"] = BALANCE_MAX - 10
    [outcome] = apply(player, [make_entry()], book)
    assert [short(view)[3:6] for view in views(outcome, book)] == [(20, "balance_max", 10)]


def test_each_amount_of_xp_knows_the_level_before_and_after_it() -> None:
    book = make_book([earning("first", 10), earning("second", 10), LEVELS])
    [outcome] = apply(ada(), [make_entry()], book)
    steps = [(view["level_before"], view["level_after"]) for view in views(outcome, book)]
    one, two = {"number": 1, "name": "One"}, {"number": 2, "name": "Two"}
    assert steps == [(one, one), (one, two)]


def test_changes_by_hand_have_their_reason_and_no_version() -> None:
    content = {"xp": 20, "reason": "kind", "by": "op"}
    [outcome] = apply(ada(), [make_entry("laurel.grant", properties=content)], make_book([]))
    [view] = views(outcome, make_book([]))
    assert (view["version"], view["reason"], view["amount"], view["level_after"]) == (None, "kind", 20, None)
