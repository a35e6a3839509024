"""Leaderboards: what counts in which run, who was first, segments, late entries, closing times. See BOARDS.md."""

from typing import Any

import pytest

from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.outcome import BoardChange, Outcome
from tests.builders import HOUR, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import board, earning, metric, rule

PAYS = earning("pays", {"xp": 10, "coins": 3})
SCORED = {"xp": {"var": "event.properties.score"}}


def board_changes(outcomes: list[Outcome]) -> list[tuple[str, float, int]]:
    """Every change: the run, the score, the entry that brought it."""
    return [(change.run, change.score, change.reached) for outcome in outcomes for change in outcome.boards]


def on_days(book: Rulebook, *days: str, **changes: Any) -> list[tuple[str, float, int]]:
    entries = [make_entry("visit", day, seq=seq, **changes) for seq, day in enumerate(days, start=1)]
    return board_changes(apply(ada(), entries, book))


@pytest.mark.parametrize(
    ("window", "runs"),
    [
        ("day", ["2026-11-20", "2026-11-22", "2026-11-23"]),
        ("week", ["2026-W47", "2026-W47", "2026-W48"]),
        ("month", ["2026-11"] * 3),
        ("all_time", ["all"] * 3),
    ],
)
def test_an_entry_belongs_to_the_run_that_it_occurred_in(window: str, runs: list[str]) -> None:
    book = make_book([PAYS, board("b", window=window)])
    assert [run for run, *_ in on_days(book, "2026-11-20", "2026-11-22", "2026-11-23")] == runs


def test_weeks_of_two_years_are_iso_weeks() -> None:
    book = make_book([PAYS, board("b")])
    assert [run for run, *_ in on_days(book, "2024-12-30", "2027-01-03")] == ["2025-W01", "2026-W53"]


@pytest.mark.parametrize(("zone", "run"), [("UTC", "2026-11-20"), ("Asia/Tokyo", "2026-11-21")])
def test_the_window_is_of_the_boards_zone_whatever_the_players_is(zone: str, run: str) -> None:
    book = make_book([PAYS, board("b", window="day", timezone=zone)])
    assert on_days(book, "2026-11-20T16:00:00Z", timezone="America/New_York") == [(run, 10, 1)]


def test_earning_counts_and_a_revocation_lowers_the_score_but_spending_does_not() -> None:
    book = make_book([PAYS, board("b", "coins")])
    own = {"app": "laurel", "seq": 2}
    spent = {"reward": "mug", "version": 1, "coins": 2, "redemption": "r"}
    revocation = {"coins": 1, "reason": "error", "by": "op"}
    entries = [
        make_entry("visit"),
        make_entry("laurel.redemption", properties=spent, **own),
        make_entry("laurel.revocation", properties=revocation, **own),
    ]
    assert board_changes(apply(ada(), entries, book)) == [("2026-W47", 3, 1), ("2026-W47", 2, 2)]


@pytest.mark.parametrize(
    ("aggregate", "scores"), [("sum", [5, 8, 10]), ("max", [5]), ("min", [5, 3, 2]), ("last", [5, 3, 2])]
)
def test_a_metric_is_ranked_by_its_own_aggregate_over_the_run(aggregate: str, scores: list[int]) -> None:
    book = make_book([metric("m", aggregate), board("b", "metric.m")])
    entries = [make_entry(score=score, seq=seq) for seq, score in enumerate([5, 3, 2])]
    assert [score for _, score, _ in board_changes(apply(ada(), entries, book))] == scores


def test_distinct_values_are_counted_anew_in_each_run() -> None:
    book = make_book([metric("m", "distinct"), board("b", "metric.m", "day")])
    days = [("2026-11-20", "a"), ("2026-11-20", "a"), ("2026-11-21", "a"), ("2026-11-21", "b")]
    entries = [make_entry("visit", day, score=score) for day, score in days]
    assert [(run, score) for run, score, _ in board_changes(apply(ada(), entries, book))] == [
        ("2026-11-20", 1), ("2026-11-21", 1), ("2026-11-21", 2)
    ]  # fmt: skip


def test_first_to_reach_is_the_entry_that_brought_the_present_score() -> None:
    book = make_book([metric("m", "max"), board("b", "metric.m")])
    entries = [make_entry(score=score, seq=seq) for seq, score in enumerate([5, 5, 9, 7, 9], start=1)]
    assert board_changes(apply(ada(), entries, book)) == [("2026-W47", 5, 1), ("2026-W47", 9, 3)]


@pytest.mark.parametrize(("hours", "counts"), [(12, True), (11.999, True), (12.001, False)])
def test_an_entry_counts_until_the_run_is_final(hours: float, counts: bool) -> None:
    end = moment("2026-11-21T00:00:00Z")
    book = make_book([PAYS, board("b", window="day", finalise_after_hours=12)])
    received = {"received_at": end + int(hours * HOUR) - (hours == 12)}
    assert bool(on_days(book, "2026-11-20", **received)) is counts


def test_an_entry_received_at_the_very_end_is_too_late() -> None:
    book = make_book([PAYS, board("b", window="day", finalise_after_hours=0)])
    end = moment("2026-11-21T00:00:00Z")
    assert [bool(on_days(book, "2026-11-20", received_at=end + late)) for late in (-1, 0)] == [True, False]


def moves(outcome: Outcome) -> list[tuple[str, str | None, str | None, float]]:
    return [(change.run, change.previous_segment, change.segment, change.score) for change in outcome.boards]


def test_a_changed_segment_moves_the_whole_score_in_every_open_run() -> None:
    book = make_book([PAYS, board("b", window="day", segment_by="player.attributes.plan", finalise_after_hours=48)])
    days = [("2026-11-20", "free"), ("2026-11-21", "free"), ("2026-11-21", "pro")]
    entries = [make_entry("visit", day, attributes={"plan": plan}) for day, plan in days]
    last = apply(ada(), entries, book)[-1]
    assert moves(last) == [("2026-11-20", "free", "pro", 10), ("2026-11-21", "free", "pro", 20)]


def test_a_changed_segment_leaves_a_final_run_alone() -> None:
    book = make_book([PAYS, board("b", window="day", segment_by="player.level", finalise_after_hours=0), LEVELS])
    entries = [make_entry("visit", day) for day in ("2026-11-20", "2026-11-21")]
    assert moves(apply(ada(), entries, book)[-1]) == [("2026-11-21", "1", "2", 10)]


LEVELS = rule("levels", "levels", thresholds=[{"name": "One", "xp": 0}, {"name": "Two", "xp": 20}])


def test_a_score_in_millionths_is_shown_as_people_read_it() -> None:
    book = make_book([metric("m", "sum"), board("b", "metric.m", "all_time")])
    change = apply(ada(), [make_entry(score=0.5, seq=7)], book)[0].boards
    assert change == [BoardChange("b", "all", None, None, 0.5, 7)]


def test_a_late_entry_lands_in_its_own_run() -> None:
    book = make_book([earning("pays", SCORED), board("b", window="day", finalise_after_hours=48)])
    late = [("2026-11-20", 5), ("2026-11-21", 7), ("2026-11-20", 1)]
    entries = [make_entry("visit", day, score=score, seq=seq) for seq, (day, score) in enumerate(late)]
    assert board_changes(apply(ada(), entries, book))[-1] == ("2026-11-20", 6, 2)


RUNS = [("day", "2026-11-20"), ("week", "2026-W47"), ("month", "2026-11"), ("all_time", "all")]
NO_RUNS = ["20261120", "2026-W47-5", "2027-W53", "2026-W 4", "2026-13", "2026-1", "9999-12-31", "9999-W52", "9999-12",
           "0001-01-01", "0001-W01", "0001-01", "2026", "", "latest"]  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize(("window", "name"), RUNS)
def test_a_run_is_found_by_its_own_name_only(window: str, name: str, zone: str) -> None:
    leaderboard = make_book([PAYS, board("b", window=window, timezone=zone)]).boards["b"]
    now, other_names = moment("2026-11-20T06:00:00Z"), {*NO_RUNS, *(other for _, other in RUNS)} - {name}
    assert leaderboard.run_named(name, now) == leaderboard.run_named("current", now)
    assert {other: leaderboard.run_named(other, now) for other in other_names} == dict.fromkeys(other_names)


def test_a_board_without_windows_has_no_previous_run() -> None:
    assert (
        make_book([PAYS, board("b", window="all_time")]).boards["b"].run_named("previous", moment("2026-11-20")) is None
    )
