"""Streaks: calendar periods of the player's zone, freezes, late events, and what readers see."""

from itertools import permutations
from typing import Any

import pytest

from engine.earning.portrait import portrait
from tests.builders import ada, apply, make_book, make_entry, moment


def shown(days: list[str], now: str, every: str = "day", zone: str = "UTC", **freezes: int) -> dict[str, Any]:
    """The streak as a reader sees it at a moment, after an event on each of these days."""
    streak = {"kind": "streak", "key": "s", "name": "S", "events": ["*"], "every": every, "freezes": freezes or None}
    player, book = ada(), make_book([streak])
    apply(player, [make_entry("visit", day, seq=seq, timezone=zone) for seq, day in enumerate(days, 1)], book)
    found: dict[str, Any] = portrait(player, book, moment(now))["streaks"]["s"]
    return found


@pytest.mark.parametrize(
    ("days", "now"),
    [
        (["2026-03-28T23:30:00Z", "2026-03-29T00:30:00Z", "2026-03-29T23:30:00Z"], "2026-03-30T12:00:00Z"),
        (["2026-10-24T22:30:00Z", "2026-10-24T23:30:00Z", "2026-10-26T00:30:00Z"], "2026-10-26T12:00:00Z"),
    ],
)
def test_days_of_23_and_25_hours_are_just_days(days: list[str], now: str) -> None:
    assert shown(days, now, zone="Europe/London")["current"] == 3


@pytest.mark.parametrize(
    ("every", "days"), [("week", ["2026-12-28", "2027-01-03", "2027-01-04"]), ("month", ["2026-12-01", "2027-01-31"])]
)
def test_weeks_are_iso_weeks_and_months_are_calendar_months(every: str, days: list[str]) -> None:
    assert shown(days, days[-1], every)["current"] == 2


@pytest.mark.parametrize(("now", "current", "at_risk"), [("02", 2, False), ("03", 2, True), ("04", 0, False)])
def test_a_streak_is_at_risk_the_next_day_and_0_once_broken(now: str, current: int, at_risk: bool) -> None:
    seen = shown(["2026-11-01", "2026-11-02"], f"2026-11-{now}")
    assert (seen["current"], seen["at_risk"], seen["longest"]) == (current, at_risk, 2)


def test_a_freeze_keeps_the_run_and_adds_nothing() -> None:
    seen = shown(["2026-11-01", "2026-11-03"], "2026-11-03", initial=1, max=2, earn_every=7)
    assert (seen["current"], seen["freezes"]) == (2, 0)


def test_a_late_event_on_a_frozen_day_gives_the_freeze_back() -> None:
    seen = shown(["2026-11-01", "2026-11-03", "2026-11-02"], "2026-11-03", initial=1, max=2, earn_every=7)
    assert (seen["current"], seen["freezes"]) == (3, 1)


def test_active_days_earn_freezes_up_to_the_most() -> None:
    seen = shown([f"2026-11-0{day}" for day in range(1, 9)], "2026-11-08", initial=0, max=2, earn_every=2)
    assert (seen["current"], seen["freezes"]) == (8, 2)


def test_days_in_any_order_make_the_same_run() -> None:
    days = [f"2026-11-0{day}" for day in range(1, 6)]
    assert {shown(list(order), "2026-11-05")["longest"] for order in permutations(days)} == {5}
