"""Days that are excused afterwards: pauses, freezes and restorations for days that are over, in any order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scoring import streaks
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import date_of_day
from engine.scoring.state.memory import Player
from engine.scoring.state.player_state import encode
from engine.scoring.views.player_profile import player_profile
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from tests.builders import DAY, Shell, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import streak
from tests.lengths import brief_or_long

NOVEMBER = moment("2026-11-01") // DAY - 1
NOW = 30
PLAIN = make_book([streak()])
FROZEN = make_book([streak(initial=1, max=2, earn_every=3)])


def visit(day: int) -> Entry:
    """A visit on a day of November, which may be before the 1st."""
    return make_entry("visit", (NOVEMBER + day) * DAY + DAY // 2, seq=day + 100, received_at=(NOVEMBER + NOW) * DAY)


def by_hand(kind: str, day: int = NOW, **properties: Any) -> Entry:
    """An entry of an operator about the daily streak, on a day of November."""
    content = {"streak": "daily", **properties}
    return make_entry(f"laurel.streak_{kind}", (NOVEMBER + day) * DAY + DAY // 2, app="laurel", properties=content)


def pause(first: int, last: int, day: int = NOW) -> Entry:
    return by_hand("pause", day, **{"from": date_of_day(NOVEMBER + first), "to": date_of_day(NOVEMBER + last)})


def after(book: Rulebook, *entries: Entry, on: int = NOW) -> dict[str, Any]:
    """The streak as a reader sees it on a day, after these entries."""
    player = ada()
    apply(player, entries, book)
    view: dict[str, Any] = player_profile(player, book, (NOVEMBER + on) * DAY + DAY // 2)["streaks"]["daily"]
    return view


def visits(*days: int) -> list[Entry]:
    return [visit(day) for day in days]


def test_a_pause_of_days_that_parted_two_runs_joins_them() -> None:
    view = after(PLAIN, *visits(20, 21, 25, 26), pause(22, 24, day=27), on=27)
    assert (view["current"], view["longest"]) == (4, 4)


def test_a_pause_of_the_days_missed_since_the_last_one_lets_the_streak_go_on() -> None:
    broken = visits(25, 26, 27)
    assert after(PLAIN, *broken, on=29)["current"] == 0
    paused = [*broken, pause(28, 28, day=29)]
    assert after(PLAIN, *paused, on=29)["current"] == 3
    assert after(PLAIN, *paused, visit(29), on=29)["current"] == 4


def test_a_late_event_behind_paused_days_joins_the_run_before_them() -> None:
    assert after(PLAIN, *visits(21, 22), pause(23, 24), visit(25), on=26)["longest"] == 3


def test_a_pause_of_some_of_the_missed_days_leaves_the_streak_broken() -> None:
    view = after(PLAIN, *visits(20, 21, 25, 26), pause(22, 23, day=27), on=27)
    assert (view["current"], view["longest"]) == (2, 2)


def test_a_freeze_that_was_used_for_a_day_that_is_paused_later_comes_back() -> None:
    assert after(FROZEN, *visits(20, 22), on=22)["freezes"] == 0
    view = after(FROZEN, *visits(20, 22), pause(21, 21, day=22), on=22)
    assert (view["current"], view["freezes"]) == (2, 1)


def test_fourteen_weekends_excused_ahead_are_all_excused() -> None:
    weekends = [(7 + 7 * week, 8 + 7 * week) for week in range(14)]
    workdays = [day for week in range(15) for day in range(2 + 7 * week, 7 + 7 * week)]
    entries = [*(pause(first, last, day=1) for first, last in weekends), *visits(*workdays)]
    assert after(PLAIN, *entries, on=workdays[-1])["current"] == len(workdays)


def test_a_pause_too_many_is_refused_and_takes_none_away() -> None:
    player = ada()
    entries = [pause(40 + 2 * number, 40 + 2 * number) for number in range(streaks.PAUSES_MAX + 1)]
    outcomes = apply(player, [visit(1), *entries], PLAIN)
    assert [refusals(outcome) for outcome in outcomes if refusals(outcome)] == [["limit_reached"]]
    assert refusals(outcomes[-1]) == ["limit_reached"]
    assert streaks.is_paused(player.state["streaks"]["daily"], NOVEMBER + 40)


def refusals(outcome: Outcome) -> list[str]:
    return [str(refusal.reason) for refusal in outcome.not_awarded]


@pytest.mark.parametrize(
    ("days", "current"), [((20, 21, 25, 26), 2), ((20, 21), 2)], ids=["the newest break is open", "nothing before it"]
)
def test_a_restoration_excuses_what_was_missed_since_the_newest_run(days: tuple[int, ...], current: int) -> None:
    view = after(PLAIN, *visits(*days), by_hand("restoration"))
    assert (view["current"], view["at_risk"]) == (current, True)


def test_a_restoration_of_a_streak_that_goes_on_joins_the_run_before() -> None:
    entries = [*visits(20, 21, 25, 26), by_hand("restoration", 27)]
    assert after(PLAIN, *entries, on=27)["current"] == 4
    outcome = apply(ada(), [*entries, by_hand("restoration", 27)], PLAIN)[-1]
    assert refusals(outcome) == ["not_broken"]


def test_a_restoration_reaches_runs_that_have_left_the_state() -> None:
    shell, player = Shell(), ada()
    entries = [*visits(*range(-60, 20, 2)), *visits(20, 21, 23), *[by_hand("restoration", 24)] * 30]
    for entry in entries:
        shell.batch([entry], PLAIN)
    apply(player, entries, PLAIN)
    assert shell.state == encode(player.state)
    assert player.state["streaks"]["daily"]["longest"] == 3 + 29


@pytest.mark.parametrize(("count", "current", "left"), [(1, 0, 1), (2, 2, 0), (3, 2, 1), (9, 2, 2)])
def test_given_freezes_are_used_for_missed_days_if_they_are_enough(count: int, current: int, left: int) -> None:
    spent = make_book([streak(initial=0, max=2)])
    view = after(spent, *visits(20, 21), by_hand("freeze", 24, count=count), on=24)
    assert (view["current"], view["freezes"]) == (current, left)


def test_a_freeze_that_changes_nothing_is_refused() -> None:
    full = make_book([streak(initial=2, max=2)])
    assert refusals(apply(ada(), [visit(24), by_hand("freeze", 24, count=1)], full)[-1]) == ["limit_reached"]


VISITS = st.lists(st.integers(1, NOW - 1), min_size=1, max_size=14, unique=True)
SPANS = st.lists(st.tuples(st.integers(-2, NOW + 3), st.integers(0, 5)), max_size=5)


def story(player: Player) -> tuple[list[tuple[int, int]], int, tuple[int, int, bool]]:
    """Each run by its first active day and its length, the longest, and what a reader sees now."""
    record = player.state["streaks"]["daily"]
    runs = [(run[streaks.FIRST], streaks.length(run)) for run in record["runs"]]
    return runs, record["longest"], streaks.status_at(record, NOVEMBER + NOW)


@settings(max_examples=brief_or_long(100, 2000))
@given(VISITS, SPANS, st.randoms(use_true_random=False))
def test_pauses_at_any_time_come_to_the_same_as_if_they_had_been_known(
    days: list[int], spans: list[tuple[int, int]], shuffler: Any
) -> None:
    pauses = [pause(first, first + more) for first, more in spans]
    known, told_late = ada(), ada()
    apply(known, [*(make_pause_early(entry) for entry in pauses), *visits(*sorted(days))], PLAIN)
    mixed = [*pauses, *visits(*days)]
    shuffler.shuffle(mixed)
    apply(told_late, mixed, PLAIN)
    assert story(told_late) == story(known)


def make_pause_early(entry: Entry) -> Entry:
    """The same pause, made before anything happened."""
    return by_hand("pause", -10, **entry.properties)


ENTRIES = st.lists(
    st.one_of(
        st.integers(1, NOW).map(visit),
        st.tuples(st.integers(1, NOW), st.integers(0, 4)).map(lambda span: pause(span[0], span[0] + span[1])),
        st.integers(1, 3).map(lambda count: by_hand("freeze", count=count)),
        st.just(by_hand("restoration")),
    ),
    max_size=16,
)


@settings(max_examples=brief_or_long(100, 2000))
@given(st.lists(st.integers(1, NOW).map(visit), min_size=1, max_size=8), ENTRIES)
def test_nothing_that_is_excused_makes_a_streak_smaller(first: list[Entry], then: list[Entry]) -> None:
    player, shell = ada(), Shell()
    apply(player, first, FROZEN)
    for entry in first:
        shell.batch([entry], FROZEN)
    # Time may use freezes up to then; what follows may not.
    apply(player, [by_hand("pause", **{"from": "2030-01-01", "to": "2030-01-01"})], FROZEN)
    shell.batch([by_hand("pause", **{"from": "2030-01-01", "to": "2030-01-01"})], FROZEN)
    for entry in then:
        before = story(player)
        apply(player, [entry], FROZEN)
        shell.batch([entry], FROZEN)
        after_it = story(player)
        assert after_it[1] >= before[1]
        assert after_it[2][0] >= before[2][0]
    assert shell.state == encode(player.state)
