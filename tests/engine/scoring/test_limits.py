"""Limits go by order of application; a flag is raised on days far outside the player's own history."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rehearsal.rehearse import HistoricalAward, HistoryStep, backtest
from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome
from tests.builders import DAY, HOUR, SECOND, Shell, ada, apply, breaking, make_book, make_entry, moment
from tests.engine.scoring.world import board, earning, metric, rule, split, streak
from tests.lengths import brief_or_long

MINUTE = 60 * SECOND
NOON = moment("2026-11-20")


def paid(outcomes: list[Outcome]) -> list[int]:
    """The XP of each entry."""
    return [sum(line.amount for line in outcome.ledger if line.currency == "xp") for outcome in outcomes]


def refused(outcomes: list[Outcome]) -> list[list[tuple[str, str]]]:
    return [[(refusal.rule, str(refusal.reason)) for refusal in outcome.not_awarded] for outcome in outcomes]


def limited(**limits: Any) -> Rulebook:
    return make_book([earning("pays", {"xp": 10, "coins": 1}, limits=limits), metric("visits"), streak()])


def test_a_player_who_sends_too_fast_earns_nothing_for_the_rest_of_that_minute() -> None:
    book = make_book([rule("player_limits", "limits", max_events_per_minute=2), earning("pays", 10), metric("visits")])
    player = ada()
    outcomes = apply(player, [make_entry("visit", NOON + at * SECOND) for at in (0, 1, 2, 59, 60)], book)
    assert paid(outcomes) == [10, 10, 0, 0, 10]
    assert refused(outcomes)[2] == [("limits", "rate_limited")]
    assert player.state["total"] == {"visits": 3}


@settings(max_examples=brief_or_long(40, 400))
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0, 59, 60, 61]), st.integers(0, 59)), max_size=40),
    st.lists(st.integers(0, 100), max_size=5),
)
def test_each_minute_pays_as_much_in_whatever_order_its_events_arrive(
    moments: list[tuple[int, int, int]], cuts: list[int]
) -> None:
    book = make_book([rule("player_limits", "limits", max_events_per_minute=2), earning("pays", 10)])
    entries = [
        make_entry("visit", NOON + hour * HOUR + minute * MINUTE + second * SECOND, seq=seq, received_at=NOON + DAY)
        for seq, (hour, minute, second) in enumerate(moments, 1)
    ]
    shell = Shell()
    outcomes = [outcome for batch in split(entries, cuts) for outcome in shell.batch(batch, book)]
    per_minute = Counter(entry.occurred_at // MINUTE for entry in entries)
    paid_per_minute = Counter[int]()
    for entry, amount in zip(entries, paid(outcomes), strict=True):
        paid_per_minute[entry.occurred_at // MINUTE] += amount
    assert paid_per_minute == {minute: 10 * min(2, count) for minute, count in per_minute.items()}


@given(st.permutations([*range(9)]))
def test_an_unusual_day_is_flagged_however_late_its_events_are(order: list[int]) -> None:
    book = make_book([rule("player_limits", "limits", flag_above_usual=4)])
    busy = order.pop()
    entries = [make_entry("visit", NOON + day * DAY) for day in order for _ in range(5)]
    shell = Shell()
    for entry in entries:
        assert [outcome.flag for outcome in shell.batch([entry], book)] == [None]
    late_flags = [
        outcome.flag for _ in range(21) for outcome in shell.batch([make_entry("visit", NOON + busy * DAY)], book)
    ]
    assert late_flags[:-1] == [None] * 20
    assert str(late_flags[-1]).startswith("21 events on ")


def test_a_day_far_above_the_players_own_mean_is_flagged_with_the_reason() -> None:
    book = make_book([rule("player_limits", "limits", flag_above_usual=4)])
    usual = [make_entry("visit", NOON + day * DAY) for day in range(8) for _ in range(5)]
    busy = [make_entry("visit", NOON + 8 * DAY + microsecond) for microsecond in range(21)]
    outcomes = apply(ada(), [*usual, *busy], book)
    flags = [outcome.flag for outcome in outcomes]
    assert flags[:-1] == [None] * (len(flags) - 1)
    assert flags[-1] == "21 events on 2026-11-28, usually about 5 a day"


def test_a_player_without_history_is_not_flagged() -> None:
    book = make_book([rule("player_limits", "limits", flag_above_usual=2)])
    entries = [
        make_entry("visit", NOON + day * DAY + event_number)
        for day in range(6)
        for event_number in range(5 if day < 5 else 90)
    ]
    assert {outcome.flag for outcome in apply(ada(), entries, book)} == {None}


def test_a_cap_clips_xp_per_local_day_but_coins_are_paid_and_the_once_per_key_is_used() -> None:
    book = limited(max_xp_per_day=15, once_per=["event.properties.quiz"])
    player = ada()
    outcomes = apply(player, [make_entry(quiz=quiz) for quiz in "abcb"], book)
    assert paid(outcomes) == [10, 5, 0, 0]
    assert player.state["coins"] == 3
    assert refused(outcomes)[1:] == [[("pays", "daily_cap")], [("pays", "daily_cap")], [("pays", "once_per")]]


def test_a_cap_applies_to_the_day_of_the_event_in_the_zone_of_the_player_even_if_it_is_late() -> None:
    times = ["2026-11-20T14:00:00Z", "2026-11-20T16:00:00Z", "2026-11-20T14:30:00Z", "2026-11-20T16:30:00Z"]
    entries = [make_entry("visit", at, timezone="Asia/Tokyo") for at in times]
    assert paid(apply(ada(), entries, limited(max_xp_per_day=15))) == [10, 10, 5, 5]


def test_an_entry_refused_by_a_cooldown_uses_no_once_per_key() -> None:
    book = limited(cooldown_seconds=600, once_per=["event.properties.quiz"])
    entries = [make_entry("quiz", NOON + at * SECOND, quiz=quiz) for at, quiz in ((0, "a"), (1, "b"), (600, "b"))]
    assert paid(apply(ada(), entries, book)) == [10, 0, 10]


@pytest.mark.parametrize("quiz", [{}, {"quiz": None}])
def test_a_missing_once_per_fact_gives_nothing(quiz: dict[str, Any]) -> None:
    outcomes = apply(ada(), [make_entry(**quiz)], limited(once_per=["event.properties.quiz"]))
    assert (paid(outcomes), refused(outcomes)) == ([0], [[("pays", "missing_fact")]])


def test_outside_its_dates_a_rule_gives_nothing_and_says_so() -> None:
    book = make_book([earning("pays", 10, starts_at="2026-11-20T12:00:00Z", ends_at="2026-11-21T12:00:00Z")])
    days = [make_entry("visit", NOON + at) for at in (-1, 0, DAY - 1, DAY)]
    outcomes = apply(ada(), days, book)
    assert paid(outcomes) == [0, 10, 10, 0]
    assert refused(outcomes)[0] == [("pays", "not_in_schedule")]


def awarded(entries: list[Entry], book: Rulebook, *keys: str) -> list[HistoricalAward]:
    return list(backtest(ada(), [HistoryStep(entry, book) for entry in entries], keys))


def history(award: HistoricalAward) -> Entry:
    """The entry that pays an award of the past."""
    return make_entry("laurel.history_award", award.entry.occurred_at, app="laurel", properties=award.content())


def test_awards_for_the_past_are_paid_once_with_their_date_and_limits_still_apply() -> None:
    book = limited(once_per=["event.properties.quiz"], max_xp_per_day=15)
    past = [make_entry(quiz=quiz, seq=seq) for seq, quiz in enumerate("aba")]
    player, awards = ada(), awarded(past, book, "pays")
    outcomes = apply(player, [history(award) for award in [*awards, *awards]], book)
    assert paid(outcomes) == [10, 5, 0, 0]
    later_outcomes = apply(player, [make_entry(quiz="a"), make_entry(quiz="c")], book)
    assert refused(later_outcomes) == [[("pays", "once_per")], [("pays", "daily_cap")]]


def test_an_award_for_the_past_updates_board_and_level() -> None:
    levels = rule("levels", "levels", thresholds=[{"name": "One", "xp": 0}, {"name": "Two", "xp": 10}])
    book = make_book([earning("pays", 10), rule("badge", "here", condition=None), board("b", window="day"), levels])
    player, awards = ada(), awarded([make_entry("visit")], book, "pays", "here")
    outcomes = apply(player, [history(award) for award in awards], book)
    assert sorted(badge_award.badge for outcome in outcomes for badge_award in outcome.badges) == ["here"]
    assert [(change.run, change.score) for outcome in outcomes for change in outcome.boards] == [("2026-11-20", 10)]
    assert player.state["level"] == 2


def test_a_revoked_badge_is_not_given_for_the_past_either() -> None:
    book = make_book([rule("badge", "here", condition=None)])
    take = make_entry("laurel.revocation", app="laurel", properties={"badge": "here", "reason": "error", "by": "op"})
    player, awards = ada(), awarded([make_entry("visit")], book, "here")
    outcomes = apply(player, [make_entry("visit"), take, *map(history, awards)], book)
    assert outcomes[-1].badges == []


SCORED = {"var": "event.properties.score"}
HIGH = {">": [SCORED, 1]}
STAGES = {
    "earning": lambda book: book.rules["it"].grant.formulas[0],
    "badge": lambda book: book.rules["it"].grant.formulas[0],
    "mission": lambda book: book.rules["it"].grant.formulas[0],
    "metric": lambda book: book.metrics["it"].condition,
    "streak": lambda book: book.streaks["it"].condition,
    "levels": lambda book: book.levels.grant.formulas[0],
    "segment": lambda book: book.segments[0].condition,
    "lifecycle": lambda book: book.lifecycle.moves[0].condition,
}
BREAKING: dict[str, dict[str, Any]] = {
    "earning": {"grant": {"xp": SCORED}},
    "badge": {"grant": {"xp": SCORED}},
    "mission": {"goal": {"target": 1}, "period": "once", "grant": {"xp": SCORED}},
    "metric": {"events": ["*"], "aggregate": "count", "filter": HIGH},
    "streak": {"events": ["*"], "every": "day", "filter": HIGH},
    "levels": {"thresholds": [{"name": "A", "xp": 0}, {"name": "B", "xp": 5}], "grant": {"xp": SCORED}},
    "segment": {"condition": HIGH},
    "lifecycle": {"states": ["A", "B"], "transitions": [{"to": "B", "trigger": {"events": ["*"]}, "condition": HIGH}]},
}


@pytest.mark.parametrize("kind", BREAKING)
def test_a_failing_rule_is_reported_and_the_others_go_on(kind: str) -> None:
    book = make_book([rule(kind, "it", **BREAKING[kind]), earning("pays", 10)])
    with breaking(STAGES[kind](book)):
        outcome = apply(ada(), [make_entry(score=5)], book)[0]
    assert [(fault.rule, fault.message) for fault in outcome.faults] == [("it", "ZeroDivisionError: ")]
    assert (paid([outcome]), refused([outcome])) == ([10], [[("it", "rule_fault")]])
