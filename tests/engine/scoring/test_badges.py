"""Badges and levels: once or once a period, each may need the other; what is held is not judged again."""

from typing import Any

import pytest

from engine.scoring.rulebook.levels import compile_levels
from engine.vocabulary.outcome import Outcome
from tests import presets
from tests.builders import ada, apply, make_book, make_entry
from tests.engine.scoring.world import earning, metric, rule

LEVELS = rule(
    "levels",
    "levels",
    thresholds=[{"name": "Rookie", "xp": 0}, {"name": "Trader", "xp": 100}, {"name": "Expert", "xp": 400}],
)
TEN = {">=": [{"var": "metric.visits.total"}, 2]}


def badge(key: str, condition: Any = None, **members: Any) -> dict[str, Any]:
    return rule("badge", key, condition=condition, **members)


def badges_given(outcomes: list[Outcome]) -> list[list[str]]:
    """The badges of each outcome, with their periods where they have one."""
    return [[f"{badge.badge}{badge.period and ':' + badge.period}" for badge in outcome.badges] for outcome in outcomes]


def own(kind: str, **properties: Any) -> Any:
    """An entry of our own, by hand."""
    return make_entry(f"laurel.{kind}", app="laurel", properties={"reason": "kind", "by": "op", **properties})


def test_a_badge_is_given_once_and_not_mentioned_again() -> None:
    book = make_book([metric("visits"), badge("regular", TEN, tier="gold")])
    outcomes = apply(ada(), [make_entry("visit")] * 4, book)
    assert badges_given(outcomes) == [[], ["regular"], [], []]
    assert [outcome.not_awarded for outcome in outcomes] == [[]] * 4
    assert outcomes[1].badges[0].tier == "gold"


@pytest.mark.parametrize(
    ("repeat", "periods"),
    [
        ("day", ["2026-11-20", "2026-11-21", "2026-11-23"]),
        ("week", ["2026-W47", "2026-W48"]),
        ("month", ["2026-11"]),
    ],
)
def test_a_repeating_badge_is_given_once_in_each_period_even_for_late_events(repeat: str, periods: list[str]) -> None:
    days = ["2026-11-20", "2026-11-21", "2026-11-21", "2026-11-23", "2026-11-20"]
    outcomes = apply(ada(), [make_entry("visit", day) for day in days], make_book([badge("here", repeat=repeat)]))
    assert [badge.period for outcome in outcomes for badge in outcome.badges] == periods
    assert not any(outcome.not_awarded for outcome in outcomes)


def test_a_badge_that_always_repeats_is_given_for_each_event() -> None:
    entries = [make_entry("visit", seq=seq) for seq in (1, 2)]
    assert badges_given(apply(ada(), entries, make_book([badge("again", repeat="always")]))) == [
        ["again:default/ev-1"], ["again:default/ev-2"]
    ]  # fmt: skip


def test_badges_and_levels_that_depend_on_each_other_are_given_together() -> None:
    book = make_book(
        [
            LEVELS,
            badge("a_third", {"in": ["b_second", {"var": "player.badges"}]}, grant={"xp": 300}),
            badge("b_second", {">=": [{"var": "player.level"}, 2]}),
            badge("c_first", grant={"xp": 100}),
            badge("d_expert", {"==": [{"var": "player.level"}, 3]}),
        ]
    )
    outcome = apply(ada(), [make_entry("visit")], book)[0]
    assert badges_given([outcome]) == [["c_first", "b_second", "a_third", "d_expert"]]
    assert outcome.level is not None
    assert (outcome.level.before, outcome.level.after, outcome.level.name) == (1, 3, "Expert")


def test_a_badge_over_a_missing_fact_says_so() -> None:
    book = make_book([badge("sum", {">": [{"+": [{"var": "event.properties.score"}, 1]}, 5]})])
    outcomes = apply(ada(), [make_entry(), make_entry(score=1), make_entry(score=9)], book)
    assert [[str(refusal.reason) for refusal in outcome.not_awarded] for outcome in outcomes] == [
        ["missing_fact"],
        [],
        [],
    ]


def test_a_revoked_badge_is_not_given_again_by_its_rule_but_can_be_granted_by_hand() -> None:
    entries = [make_entry("visit"), own("revocation", badge="here"), make_entry("visit"), own("grant", badge="here")]
    outcomes = apply(ada(), entries, make_book([badge("here")]))
    assert badges_given(outcomes) == [["here"], [], [], ["here"]]
    assert [revocation.badge for revocation in outcomes[1].revoked] == ["here"]
    assert outcomes[2].not_awarded == []


def test_a_badge_granted_by_hand_counts_as_held_and_its_rule_does_not_give_it_again() -> None:
    outcomes = apply(ada(), [own("grant", badge="here"), make_entry("visit")], make_book([badge("here")]))
    assert badges_given(outcomes) == [["here"], []]


def test_a_grant_by_hand_brings_the_level_and_the_badges_that_depend_only_on_the_player() -> None:
    trader = badge("trader", {">=": [{"var": "player.level"}, 2]})
    collector = badge("collector", {"in": ["trader", {"var": "player.badges"}]}, grant={"xp": 300})
    book = make_book([LEVELS, trader, collector, badge("any_event"), metric("visits"), badge("busy", TEN)])
    player = ada()
    outcomes = apply(player, [own("grant", xp=99), own("grant", xp=1), own("tick")], book)
    assert badges_given(outcomes) == [[], ["trader", "collector"], []]
    assert (player.state["xp"], player.state["level"]) == (400, 3)


def test_grants_and_revocations_are_ledger_lines_with_a_reason_and_never_lead_below_zero() -> None:
    player = ada()
    outcomes = apply(player, [own("grant", xp=30, coins=5), own("revocation", xp=10, coins=50)], make_book([]))
    lines = [(line.amount, line.balance, line.reason) for outcome in outcomes for line in outcome.ledger]
    assert lines == [(30, 30, "kind"), (5, 5, "kind"), (-10, 20, "kind"), (-5, 0, "kind")]


def test_a_level_is_lost_with_its_xp_but_its_grant_is_paid_once() -> None:
    levels = {**LEVELS, "grant": {"coins": 7}}
    entries = [own("grant", xp=100), own("revocation", xp=1), own("grant", xp=1)]
    player = ada()
    outcomes = apply(player, entries, make_book([levels]))
    assert [outcome.level and outcome.level.after for outcome in outcomes] == [2, 1, 2]
    assert player.state["coins"] == 7


@pytest.mark.parametrize(
    ("xp", "level", "name", "to_next"),
    [
        (0, 1, "Rookie", 100), (99, 1, "Rookie", 1), (100, 2, "Trader", 300), (400, 3, "Expert", 1200),
        (1600, 4, "Master", 4800), (6400, 5, "Legend", None), (10**9, 5, "Legend", None),
    ],
)  # fmt: skip
def test_the_preset_of_traders_is_named(xp: int, level: int, name: str, to_next: int | None) -> None:
    levels = compile_levels(presets.trader_levels(), 1)
    assert (levels.level_at(xp), levels.name_of(level), levels.xp_to_next(xp)) == (level, name, to_next)


@pytest.mark.parametrize(("xp", "level"), [(0, 1), (1, 1), (99, 1), (100, 1), (200, 2), (800, 4)])
def test_the_doubling_preset_is_the_logarithm_rounded_down_plus_one(xp: int, level: int) -> None:
    assert compile_levels(presets.doubling_levels(), 1).level_at(xp) == level


def test_levels_by_a_formula_step_up_where_it_does() -> None:
    levels = compile_levels({"key": "levels", "formula": {"+": [1, {"/": [{"var": "player.xp"}, 50]}]}}, 1)
    assert [levels.level_at(xp) for xp in (0, 49, 50, 149, 150)] == [1, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("boost", "xp", "coins"),
    [
        ({}, 80, 24),
        ({"targets": ["on_event"]}, 60, 15),
        ({"currencies": ["coins"]}, 40, 24),
        ({"targets": ["done"], "currencies": ["xp"]}, 50, 12),
    ],
)
def test_a_boost_multiplies_what_every_rule_grants_unless_it_names_rules_or_currencies(
    boost: dict[str, Any], xp: int, coins: int
) -> None:
    book = make_book(
        [
            rule("boost", "twice", multiplier=2, **boost),
            earning("on_event", {"xp": 20, "coins": 3}),
            badge("held", grant={"xp": 10, "coins": 4}),
            rule("mission", "done", goal={"target": 1}, period="once", grant={"xp": 10, "coins": 5}),
        ]
    )
    player = ada()
    apply(player, [make_entry("visit")], book)
    assert (player.state["xp"], player.state["coins"]) == (xp, coins)
