"""Metrics: windows are the event's own while judging; what is null or ill-typed is left out, text is no number."""

from typing import Any

import pytest

from engine.scoring import metrics
from engine.scoring.views.player_profile import player_profile
from tests.builders import ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import earning, metric

MESS = [None, "90", True, [1], {"a": 1}]
WINDOWS = ("total", "today", "this_week", "this_month", "last_7_days")


def read(aggregate: str, scores: list[Any], window: str = "total") -> Any:
    """What an aggregate over the score says after events with these scores."""
    book, player = make_book([metric("m", aggregate)]), ada()
    apply(player, [make_entry(score=score) for score in scores], book)
    return metrics.value(player, book.metrics["m"], window, moment("2026-11-20") // 86_400_000_000)


@pytest.mark.parametrize(
    ("aggregate", "expected"), [("sum", 6.75), ("max", 4), ("min", -0.25), ("last", 3), ("distinct", 3)]
)
@pytest.mark.parametrize("window", ["total", "today", "this_week", "this_month", "last_30_days"])
def test_aggregates_leave_out_what_is_null_or_ill_typed(aggregate: str, expected: float, window: str) -> None:
    values: list[Any] = [4, None, -0.25, [1], {"a": 1}, 3]
    assert read(aggregate, values if aggregate == "distinct" else [*MESS, *values], window) == expected


@pytest.mark.parametrize("aggregate", ["sum", "max", "min", "last"])
def test_text_is_never_read_as_a_number(aggregate: str) -> None:
    assert read(aggregate, ["90", "5"]) == (0 if aggregate == "sum" else None)


def test_a_missing_property_is_left_out_but_the_event_is_counted_by_a_count() -> None:
    book, player = make_book([metric("all"), metric("sum", "sum")]), ada()
    apply(player, [make_entry(), make_entry(score=5)], book)
    assert player.state["total"] == {"all": 2, "sum": 5_000_000}


def test_a_sum_is_exact_in_decimals_in_any_order() -> None:
    assert read("sum", [0.1] * 3 + [0.2, -0.5]) == read("sum", [-0.5, 0.2] + [0.1] * 3) == 0
    assert read("sum", [0.1, 0.2]) == 0.3


def test_a_sum_of_the_largest_numbers_is_exact_too() -> None:
    largest = 2**53
    assert read("sum", [largest, largest, 1, -largest, 0.5, -largest]) == 1.5


def test_the_last_value_is_that_of_the_newest_moment_then_of_the_newest_entry() -> None:
    book, player = make_book([metric("m", "last")]), ada()
    days = [("2026-11-19", 1), ("2026-11-20", 2), ("2026-11-18", 3), ("2026-11-20", 4)]
    apply(player, [make_entry("visit", day, score=score) for day, score in days], book)
    assert metrics.value(player, book.metrics["m"], "total", 0) == 4


def test_distinct_counts_each_value_once_in_each_window() -> None:
    book, player = make_book([metric("m", "distinct")]), ada()
    days = [("2026-11-16", "a"), ("2026-11-17", "a"), ("2026-11-17", "b"), ("2026-11-09", "a"), ("2026-11-17", 1.0)]
    apply(player, [make_entry("visit", day, score=score) for day, score in days], book)
    day = moment("2026-11-17") // 86_400_000_000
    assert [metrics.value(player, book.metrics["m"], window, day) for window in WINDOWS] == [3, 3, 3, 3, 3]


def test_windows_while_judging_are_those_of_the_event_even_of_a_late_one() -> None:
    paying = [earning(f"by_{window}", {"coins": {"var": f"metric.m.{window}"}}) for window in WINDOWS]
    book, player = make_book([metric("m"), *paying]), ada()
    days = ["2026-11-02", "2026-11-15", "2026-11-16", "2026-11-16", "2026-11-15"]
    late = apply(player, [make_entry("visit", day) for day in days], book)[-1]
    paid = {line.rule.removeprefix("by_"): line.amount for line in late.ledger}
    assert paid == {"total": 5, "today": 2, "this_week": 2, "this_month": 5, "last_7_days": 2}


def test_windows_of_a_profile_are_those_of_now_in_the_players_zone() -> None:
    book, player = make_book([metric("m")]), ada()
    apply(player, [make_entry("visit", "2026-11-20T16:00:00Z", timezone="Asia/Tokyo")], book)
    values_today = [
        player_profile(player, book, moment(f"2026-11-{at}Z"))["metrics"]["m"]["today"]
        for at in ("20T16:00:00", "21T15:00:00")
    ]
    assert values_today == [1, 0]


def test_judging_sees_the_event_already_counted() -> None:
    fifth = {"==": [{"var": "metric.m.total"}, 2]}
    book = make_book([metric("m"), earning("second", 7, condition=fifth)])
    assert [len(outcome.ledger) for outcome in apply(ada(), [make_entry("visit")] * 3, book)] == [0, 1, 0]


def test_a_filter_and_dates_decide_what_a_metric_counts() -> None:
    pro = {"==": [{"var": "player.attributes.plan"}, "pro"]}
    book = make_book([metric("m", filter=pro, starts_at="2026-11-20T12:00:00Z")])
    player = ada()
    apply(player, [make_entry("visit", attributes={"plan": "pro"}), make_entry("visit", "2026-11-19")], book)
    apply(player, [make_entry("visit", attributes={"plan": None})], book)
    assert player.state["total"] == {"m": 1}
