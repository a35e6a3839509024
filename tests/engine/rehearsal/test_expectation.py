"""What an explanation says of the next event is what the fold does with it: never more, never less."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rehearsal.expectation import expectations, has_awarded, next_event
from engine.rehearsal.rehearse import dry_run
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import Entry
from engine.vocabulary.prospect import Expectation, ObstacleReason, Prospect
from tests.builders import DAY, HOUR, SECOND, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import SCORE, earning, everything, histories, metric, rule, streak
from tests.lengths import brief_or_long

NOON = moment("2026-11-20")
HIGH = {">=": [SCORE, 40]}


def once(key: str, condition: Any = None, **members: Any) -> dict[str, Any]:
    return rule("badge", key, condition=condition, **members)


def expected(player: Player, book: Rulebook, key: str, /, at: int = NOON + HOUR, **example: Any) -> Expectation:
    """What the rule brings next, tried with an event of these properties."""
    return expectations(player, next_event(make_entry("visit", properties=example), at), book, [key])[key]


def after(book: Rulebook, *entries: Entry) -> Player:
    player = ada()
    apply(player, entries, book)
    return player


def reasons(expectation: Expectation) -> list[str]:
    return [str(obstacle.reason) for obstacle in expectation.obstacles]


def test_a_badge_that_is_held_or_was_taken_back_never_comes_again() -> None:
    book = make_book([once("here")])
    held = after(book, make_entry("visit", NOON))
    assert (expected(held, book, "here").prospect, reasons(expected(held, book, "here"))) == ("never", ["held"])
    apply(held, [make_entry("laurel.revocation", NOON, properties={"badge": "here", "reason": "error"})], book)
    assert (expected(held, book, "here").prospect, reasons(expected(held, book, "here"))) == ("never", ["revoked"])


def test_a_badge_of_the_day_comes_again_at_midnight_of_the_player() -> None:
    book = make_book([once("here", repeat="day")])
    held = after(book, make_entry("visit", NOON, timezone="Asia/Tokyo"))
    [obstacle] = expected(held, book, "here").obstacles
    assert (obstacle.reason, obstacle.until) == ("held", moment("2026-11-20T15:00:00+00:00"))


def test_a_badge_of_the_day_that_was_taken_back_is_told_from_those_that_are_held() -> None:
    book = make_book([once("here", repeat="day")])
    held = after(book, make_entry("visit", NOON - DAY), make_entry("visit", NOON))
    assert reasons(expected(held, book, "here")) == ["held"]
    revocation = {"badge": "here", "period": "2026-11-20", "reason": "error"}
    apply(held, [make_entry("laurel.revocation", NOON, properties=revocation)], book)
    assert (expected(held, book, "here").prospect, reasons(expected(held, book, "here"))) == ("no", ["revoked"])


def test_a_mission_says_how_many_events_are_missing_and_when_it_was_completed() -> None:
    book = make_book([rule("mission", "three", goal={"target": 3}, period="day", grant={"xp": 5})])
    steps = [expected(after(book, *[make_entry("visit", NOON)] * count), book, "three") for count in range(4)]
    assert [step.prospect for step in steps] == ["no", "no", "yes", "no"]
    assert [(obstacle.have, obstacle.need) for obstacle in steps[1].obstacles] == [(1, 3)]
    assert reasons(steps[3]) == ["completed"]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"cooldown_seconds": 7200}, "cooldown"), ({"max_xp_per_day": 10}, "daily_cap")],
)
def test_a_limit_keeps_every_event_from_earning_until_it_has_passed(limits: dict[str, Any], reason: str) -> None:
    book = make_book([earning("pays", 10, limits=limits)])
    now = expected(after(book, make_entry("visit", NOON)), book, "pays")
    assert (now.prospect, reasons(now)) == ("no", [reason])
    until = now.obstacles[0].until
    assert until is not None
    later = expected(after(book, make_entry("visit", NOON)), book, "pays", at=until)
    assert (later.prospect, later.xp) == ("yes", 10)


def test_a_once_per_key_that_is_used_speaks_of_the_example_only() -> None:
    book = make_book([earning("pays", 10, limits={"once_per": ["event.properties.quiz"]})])
    player = after(book, make_entry("visit", NOON, quiz="a"))
    same, other = expected(player, book, "pays", quiz="a"), expected(player, book, "pays", quiz="b")
    assert [(each.prospect, each.would_award) for each in (same, other)] == [("depends", False), ("depends", True)]
    assert (reasons(same), reasons(other)) == (["once_per"], [])


def test_dates_and_the_rate_of_events_keep_a_rule_from_awarding() -> None:
    book = make_book([
        once("early", starts_at="2026-11-21T00:00:00Z"), once("late", ends_at="2026-11-20T00:00:00Z"),
        earning("pays", 1), rule("player_limits", "limits", max_events_per_minute=1),
    ])  # fmt: skip
    player = after(book, make_entry("visit", NOON))
    assert expected(player, book, "early").obstacles[0].until == moment("2026-11-21T00:00:00+00:00")
    assert (expected(player, book, "late").prospect, reasons(expected(player, book, "late"))) == ("never", ["ended"])
    assert reasons(expected(player, book, "pays", at=NOON + SECOND)) == ["rate_limited"]


def test_what_depends_on_the_event_is_promised_for_events_like_the_example_alone() -> None:
    counted = metric("passes", filter=HIGH)
    book = make_book([once("high", HIGH), once("passed", {">=": [{"var": "metric.passes.total"}, 1]}), counted])
    for key in ("high", "passed"):
        good, bad = expected(ada(), book, key, score=50), expected(ada(), book, key, score=30)
        assert [(each.prospect, each.would_award) for each in (good, bad)] == [("depends", True), ("depends", False)]


def test_what_does_not_depend_on_the_event_is_promised_for_all() -> None:
    book = make_book([metric("visits"), once("third", {">=": [{"var": "metric.visits.total"}, 3]}), streak()])
    prospects = [
        expected(after(book, *[make_entry("visit", NOON)] * visits), book, "third").prospect for visits in range(3)
    ]
    assert prospects == ["no", "no", "yes"]


def test_a_calculation_without_an_answer_is_told_by_its_own_reason() -> None:
    share = {"/": [100, {"var": "event.properties.weight"}]}
    book = make_book([earning("pays", {"xp": share})])
    assert reasons(expected(ada(), book, "pays", weight=0)) == ["division_by_zero"]
    assert reasons(expected(ada(), book, "pays")) == ["missing_fact"]


BOOK = make_book([
    *everything(),
    earning("first_today", 5, limits={"once_per": ["time.date"]}),
    earning("whoever", {"xp": 3}, condition={"in": ["scorers", {"var": "player.segments"}]}),
    once("novice", {"<": [{"var": "player.level"}, 2]}, repeat="day"),
    once("visited", {">=": [{"var": "streak.frozen.longest"}, 2]}, repeat="week"),
    once("regular", {"var": "mission.three_today.completed"}, repeat="month"),
    rule("mission", "anything", goal={"target": 2}, period="week"),
])  # fmt: skip
_TYPES = ("lesson_completed", "assessment_submitted", "peer_helped", "course_completed")
_EVENTS = st.builds(
    make_entry,
    st.sampled_from(_TYPES),
    properties=st.fixed_dictionaries(
        {"score": st.sampled_from([0, 39, 40, 100, None, "x"]), "weight": st.sampled_from([0, 1, -80, 10**6, None])},
        optional={"assessment": st.sampled_from(["a", "b", "c", None])},
    ),
)
_PAUSES = st.sampled_from([0, SECOND, 40 * SECOND, HOUR, DAY, 9 * DAY])


def triggered_by(book: Rulebook, event_type: str) -> list[str]:
    plan = book.plan(event_type)
    return [each.key for each in (*plan.earning, *plan.missions, *plan.badges)]


@settings(max_examples=brief_or_long(60, 1500), deadline=None)
@given(histories(most=25), _EVENTS, st.lists(_EVENTS, min_size=3, max_size=6), _PAUSES, _PAUSES)
def test_what_is_said_of_the_next_event_is_what_the_fold_does(
    history: Sequence[Entry], example: Entry, events: list[Entry], pause: int, later: int
) -> None:
    player = after(BOOK, *history)
    now = max(entry.occurred_at for entry in history) + pause
    before = deepcopy(player)
    said = expectations(player, next_event(example, now), BOOK, triggered_by(BOOK, example.type))
    assert player == before
    for event in [example, *events]:
        outcome = dry_run(player, [next_event(event, now)], BOOK)[0]
        much_later = dry_run(player, [next_event(event, now + later)], BOOK)[0]
        for key, expectation in said.items():
            if key not in triggered_by(BOOK, event.type):
                continue
            came = has_awarded(outcome, key)
            if event is example:
                assert came is expectation.would_award, (key, expectation)
            if expectation.prospect is not Prospect.DEPENDS:
                assert came is (expectation.prospect is Prospect.YES), (key, expectation, event)
            if expectation.prospect is Prospect.NEVER:
                assert not has_awarded(much_later, key), (key, expectation)
            assert expectation.would_award or expectation.obstacles, (key, expectation)
            assert ObstacleReason.CONDITION not in reasons(expectation) or expectation.holds is not True
