"""The preset lifecycle, as authored data: who falls quiet, what brings players back, where they may rise to."""

from typing import Any

import pytest

from engine.scoring.state.memory import Player
from engine.scoring.views.due import due_at
from engine.scoring.views.player_profile import player_profile
from engine.vocabulary.outcome import Outcome
from tests import presets
from tests.builders import DAY, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import earning, rule

BOOK = make_book(presets.lifecycle())
START = moment("2026-11-01")
MENTORING = [("peer_helped", 0.1 * day, {}) for day in range(5)]
MASTERING = [("course_completed", 0.0, {"score": 90})]


def after(*told: tuple[str, float, dict[str, Any]]) -> tuple[Player, list[Outcome]]:
    """Ada after events (type, day, properties)."""
    player = ada()
    entries = [make_entry(kind, START + int(day * DAY), **properties) for kind, day, properties in told]
    return player, apply(player, entries, BOOK)


def state_of(player: Player) -> str:
    return str(player.state["life"][0])


def quiet(player: Player, days: float) -> list[str]:
    """The states that Ada goes through when nothing but a tick happens that many days after her last activity."""
    tick = make_entry("laurel.tick", int(player.state["last"] + days * DAY), app="laurel")
    return [move.after for move in apply(player, [tick], BOOK)[0].lifecycle]


def test_the_first_event_makes_a_player_active() -> None:
    player, outcomes = after(("visit", 0, {}))
    assert [(move.before, move.after) for move in outcomes[0].lifecycle] == [("ONBOARDING", "ACTIVE")]
    assert state_of(player) == "ACTIVE"


@pytest.mark.parametrize(
    ("days", "states"), [(6.9, []), (7.1, ["AT_RISK"]), (13.9, ["AT_RISK"]), (14.1, ["AT_RISK", "DORMANT"])]
)
@pytest.mark.parametrize("events", [[("visit", 0.0, {})], MASTERING, MENTORING])
def test_seven_quiet_days_are_a_risk_and_fourteen_are_dormant(
    events: list[Any], days: float, states: list[str]
) -> None:
    assert quiet(after(*events)[0], days) == states


@pytest.mark.parametrize("days", [8, 20])
def test_any_event_brings_back_from_every_quiet_state(days: int) -> None:
    player, outcomes = after(("visit", 0, {}), ("visit", days, {}))
    assert [move.after for move in outcomes[-1].lifecycle][-1] == "ACTIVE"
    assert state_of(player) == "ACTIVE"


def test_a_transition_by_inactivity_is_dated_when_it_was_due() -> None:
    _, outcomes = after(("visit", 0, {}), ("visit", 30, {}))
    assert [(move.after, (move.at - START) // DAY) for move in outcomes[1].lifecycle] == [
        ("AT_RISK", 7), ("DORMANT", 14), ("ACTIVE", 30)
    ]  # fmt: skip


@pytest.mark.parametrize(("score", "state"), [(90, "MASTERY"), (89, "ACTIVE"), (None, "ACTIVE"), ("95", "ACTIVE")])
def test_a_course_completed_with_90_or_more_is_mastery(score: Any, state: str) -> None:
    assert state_of(after(("course_completed", 0, {"score": score}))[0]) == state


def test_helping_five_peers_makes_a_mentor_even_from_mastery() -> None:
    assert [state_of(after(*MENTORING[:count])[0]) for count in (4, 5)] == ["ACTIVE", "MENTOR"]
    assert state_of(after(*MASTERING, *MENTORING)[0]) == "MENTOR"


def test_a_late_event_does_not_undo_later_moves() -> None:
    player, outcomes = after(("visit", 10, {}), ("course_completed", 2, {"score": 95}))
    assert (state_of(player), outcomes[1].lifecycle) == ("ACTIVE", [])


def test_rules_read_the_state_as_it_was_before_the_event_but_after_time_has_passed() -> None:
    asleep = {"==": [{"var": "player.state"}, "DORMANT"]}
    book = make_book([*presets.lifecycle(), earning("welcome_back", 50, condition=asleep)])
    player = ada()
    outcomes = apply(player, [make_entry("visit", START), make_entry("visit", START + 15 * DAY)], book)
    assert [sum(line.amount for line in outcome.ledger) for outcome in outcomes] == [0, 50]


def test_a_lifecycle_newer_than_the_last_activity_is_due_all_the_same() -> None:
    player = ada()
    apply(player, [make_entry("visit", START)], make_book([]))
    assert due_at(player.state, BOOK) == START + 7 * DAY + 1
    assert quiet(player, 15) == ["AT_RISK", "DORMANT"]


def test_a_player_in_a_state_that_no_longer_exists_starts_again() -> None:
    renamed = rule(
        "lifecycle", "life", states=["NEW", "KEEN"], transitions=[{"to": "KEEN", "trigger": {"events": ["win"]}}]
    )
    asking = earning("found", 5, condition={"==": [{"var": "player.state"}, "NEW"]})
    player, book = ada(), make_book([renamed, asking])
    apply(player, [make_entry("visit", START)], BOOK)
    outcomes = apply(player, [make_entry("visit", START), make_entry("win", START)], book)
    assert [len(outcome.ledger) for outcome in outcomes] == [1, 1]
    assert player_profile(player, book, START)["state"] == "KEEN"


def test_a_rule_reads_segments_as_the_previous_entry_left_them() -> None:
    rich = rule("segment", "rich", condition={">=": [{"var": "player.coins"}, 10]})
    badge = rule(
        "badge", "patron", trigger={"events": ["visit"]}, condition={"in": ["rich", {"var": "player.segments"}]}
    )
    book = make_book([rich, earning("pays", {"coins": 10}), badge])
    outcomes = apply(ada(), [make_entry("visit"), make_entry("visit")], book)
    assert [[badge_award.badge for badge_award in outcome.badges] for outcome in outcomes] == [[], ["patron"]]


def test_players_enter_and_leave_segments_as_their_facts_change() -> None:
    rich = rule("segment", "rich", condition={">=": [{"var": "player.coins"}, 10]})
    book = make_book([rich, earning("pays", {"coins": 10})])
    revocation = make_entry("laurel.revocation", app="laurel", properties={"coins": 5, "reason": "error", "by": "op"})
    outcomes = apply(ada(), [make_entry("visit"), make_entry("visit"), revocation, revocation, revocation], book)
    assert [(outcome.entered, outcome.left) for outcome in outcomes] == [
        (["rich"], []), ([], []), ([], []), ([], []), ([], ["rich"])
    ]  # fmt: skip
