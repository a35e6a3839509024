"""Streaks: calendar periods of the player's zone, freezes, late events, and what readers see."""

from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scoring import streaks
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.memory import Player
from engine.scoring.views.player_profile import player_profile
from tests.builders import DAY, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import earning, streak


def streak_view(days: list[str], now: str, every: str = "day", zone: str = "UTC", **freezes: int) -> dict[str, Any]:
    """The streak as a reader sees it at a moment, after an event on each of these days."""
    player, book = ada(), make_book([streak("s", every, **freezes)])
    apply(player, [make_entry("visit", day, seq=seq, timezone=zone) for seq, day in enumerate(days, 1)], book)
    streak_view: dict[str, Any] = player_profile(player, book, moment(now))["streaks"]["s"]
    return streak_view


@pytest.mark.parametrize(
    ("days", "now"),
    [
        (["2026-03-28T23:30:00Z", "2026-03-29T00:30:00Z", "2026-03-29T23:30:00Z"], "2026-03-30T12:00:00Z"),
        (["2026-10-24T22:30:00Z", "2026-10-24T23:30:00Z", "2026-10-26T00:30:00Z"], "2026-10-26T12:00:00Z"),
    ],
)
def test_days_of_23_and_25_hours_count_as_one_day(days: list[str], now: str) -> None:
    assert streak_view(days, now, zone="Europe/London")["current"] == 3


@pytest.mark.parametrize(
    ("every", "days"), [("week", ["2026-12-28", "2027-01-03", "2027-01-04"]), ("month", ["2026-12-01", "2027-01-31"])]
)
def test_weeks_are_iso_weeks_and_months_are_calendar_months(every: str, days: list[str]) -> None:
    assert streak_view(days, days[-1], every)["current"] == 2


@pytest.mark.parametrize(("now", "current", "at_risk"), [("02", 2, False), ("03", 2, True), ("04", 0, False)])
def test_a_streak_is_at_risk_the_next_day_and_0_once_broken(now: str, current: int, at_risk: bool) -> None:
    view = streak_view(["2026-11-01", "2026-11-02"], f"2026-11-{now}")
    assert (view["current"], view["at_risk"], view["longest"]) == (current, at_risk, 2)


def test_a_freeze_keeps_the_run_and_adds_nothing() -> None:
    view = streak_view(["2026-11-01", "2026-11-03"], "2026-11-03", initial=1, max=2, earn_every=7)
    assert (view["current"], view["freezes"]) == (2, 0)


def test_a_late_event_on_a_frozen_day_gives_the_freeze_back() -> None:
    view = streak_view(["2026-11-01", "2026-11-03", "2026-11-02"], "2026-11-03", initial=1, max=2, earn_every=7)
    assert (view["current"], view["freezes"]) == (3, 1)


def test_active_days_earn_freezes_up_to_the_maximum() -> None:
    view = streak_view([f"2026-11-0{day}" for day in range(1, 9)], "2026-11-08", initial=0, max=2, earn_every=2)
    assert (view["current"], view["freezes"]) == (8, 2)


def test_days_in_any_order_give_the_same_run() -> None:
    days = [f"2026-11-0{day}" for day in range(1, 6)]
    assert {streak_view(list(order), "2026-11-05")["longest"] for order in permutations(days)} == {5}


DAYS = st.lists(st.integers(0, 40), min_size=1, max_size=18, unique=True)


def runs_after(days: list[int], **freezes: int) -> tuple[list[tuple[int, int]], int]:
    """The runs, first and last day, and the longest, after an event on each of these days in this order."""
    player, book = ada(), make_book([streak(**freezes)])
    apply(player, [make_entry("visit", moment("2026-11-01") + day * DAY, seq=day) for day in days], book)
    record = player.state["streaks"]["daily"]
    return [(run[0], run[1]) for run in record["runs"]], record["longest"]


@given(DAYS, st.randoms(use_true_random=False))
def test_late_events_in_any_order_give_the_same_runs(days: list[int], shuffler: Random) -> None:
    late = list(days)
    shuffler.shuffle(late)
    assert runs_after(late) == runs_after(sorted(days))


@given(DAYS, DAYS)
def test_a_late_event_never_makes_anything_smaller(days: list[int], late: list[int]) -> None:
    player, book = ada(), make_book([streak(initial=1, max=3, earn_every=2)])
    previous = [told_after(player, book, day) for day in sorted(days)][-1]
    for day in (late_day for late_day in late if late_day < max(days)):
        now = told_after(player, book, day)
        assert all(after >= before for after, before in zip(now, previous, strict=True))
        previous = now


def told_after(player: Player, book: Rulebook, day: int) -> tuple[int, int, int]:
    """Current, longest and freezes after an event on a day."""
    apply(player, [make_entry("visit", moment("2026-11-01") + day * DAY)], book)
    record = player.state["streaks"]["daily"]
    return streaks.current_length(record), record["longest"], record["freezes"]


def own(kind: str, **properties: Any) -> Any:
    """An entry of our own on the 1st of November."""
    return make_entry(f"laurel.{kind}", "2026-11-01", app="laurel", properties=properties)


def test_a_pause_covers_days_without_a_freeze_and_without_a_risk() -> None:
    player, book = ada(), make_book([streak(initial=1, max=1)])
    pause = own("streak_pause", streak="daily", **{"from": "2026-11-02", "to": "2026-11-04"})
    apply(player, [make_entry("visit", "2026-11-01"), pause], book)
    paused = player_profile(player, book, moment("2026-11-03"))["streaks"]["daily"]
    assert (paused["current"], paused["freezes"], paused["at_risk"]) == (1, 1, False)
    apply(player, [make_entry("visit", "2026-11-05")], book)
    after = player_profile(player, book, moment("2026-11-05"))["streaks"]["daily"]
    assert (after["current"], after["freezes"]) == (2, 1)


def test_granted_freezes_stay_within_the_maximum_and_do_not_restore_a_run_for_which_they_are_too_few() -> None:
    player, book = ada(), make_book([streak(initial=0, max=2)])
    give = make_entry("laurel.streak_freeze", "2026-11-09", app="laurel", properties={"streak": "daily", "count": 5})
    apply(player, [make_entry("visit", "2026-11-01"), give], book)
    lost = player_profile(player, book, moment("2026-11-09"))["streaks"]["daily"]
    assert (lost["current"], lost["freezes"]) == (0, 2)


@pytest.mark.parametrize(("day", "current"), [("2026-11-03", 1), ("2026-11-04", 0)])
def test_a_freeze_is_used_when_the_missed_day_is_over(day: str, current: int) -> None:
    assert streak_view(["2026-11-01"], day, initial=1, max=1)["current"] == current


def test_while_judging_a_streak_ends_at_the_newest_active_period_even_for_late_events() -> None:
    reads = earning("reads", {"xp": {"var": "streak.daily.current"}})
    days = ["2026-11-01", "2026-11-02", "2026-11-09", "2026-11-03"]
    outcomes = apply(ada(), [make_entry("visit", day) for day in days], make_book([streak(), reads]))
    assert [outcome.ledger[0].amount for outcome in outcomes] == [1, 2, 1, 1]
