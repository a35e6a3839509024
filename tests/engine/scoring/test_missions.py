"""Missions: so many matching events within a period, each done once in it."""

from typing import Any

import pytest

from engine.vocabulary.outcome import Outcome
from tests.builders import ada, apply, make_book, make_entry
from tests.engine.scoring.world import rule


def mission(period: str, target: int = 2, **members: Any) -> dict[str, Any]:
    """So many events of any type in a period."""
    return rule("mission", "steps", goal={"target": target}, period=period, **members)


def done(outcomes: list[Outcome]) -> list[str]:
    """The periods of completions, in their order."""
    return [completion.period for outcome in outcomes for completion in outcome.completions]


@pytest.mark.parametrize(
    ("period", "days", "periods"),
    [
        ("day", ["2026-11-20", "2026-11-21", "2026-11-21"], ["2026-11-21"]),
        ("week", ["2026-11-15", "2026-11-16", "2026-11-22"], ["2026-W47"]),
        ("month", ["2026-10-31", "2026-11-01", "2026-11-30"], ["2026-11"]),
        ("once", ["2025-01-01", "2026-11-20", "2026-11-21"], [""]),
    ],
)
def test_a_mission_counts_within_its_period(period: str, days: list[str], periods: list[str]) -> None:
    entries = [make_entry("visit", day, seq=seq) for seq, day in enumerate(days)]
    assert done(apply(ada(), entries, make_book([mission(period)]))) == periods


def test_a_mission_is_completed_once_in_each_period_and_pays_each_time() -> None:
    book = make_book([mission("day", grant={"xp": 75, "coins": 10})])
    days = ["2026-11-20"] * 4 + ["2026-11-21"] * 2
    player = ada()
    assert done(apply(player, [make_entry("visit", day) for day in days], book)) == ["2026-11-20", "2026-11-21"]
    assert (player.state["xp"], player.state["coins"]) == (150, 20)


@pytest.mark.parametrize(("zone", "periods"), [("player", ["2026-11-21"]), ("America/New_York", ["2026-11-20"])])
def test_a_day_is_in_the_time_zone_of_the_player_or_of_the_mission(zone: str, periods: list[str]) -> None:
    night = [make_entry("visit", f"2026-11-20T{time}Z", timezone="Asia/Tokyo") for time in ("16:00:00", "17:00:00")]
    assert done(apply(ada(), night, make_book([mission("day", timezone=zone)]))) == periods


def test_a_late_event_counts_in_the_period_of_its_own_day() -> None:
    days = ["2026-11-18", "2026-11-20", "2026-11-18"]
    assert done(apply(ada(), [make_entry("visit", day) for day in days], make_book([mission("day")]))) == ["2026-11-18"]


def test_only_matching_events_count_and_the_outcome_shows_the_progress() -> None:
    passed = {">=": [{"var": "event.properties.score"}, 40]}
    book = make_book([mission("day", 3, condition=passed)])
    progress = [outcome.missions for outcome in apply(ada(), [make_entry(score=score) for score in (50, 30, 40)], book)]
    step = {"target": 3, "state": "active", "period": "2026-11-20"}
    assert progress == [{"steps": {"progress": 1, **step}}, {}, {"steps": {"progress": 2, **step}}]


def test_rules_read_the_progress_of_missions_but_earning_rules_go_before_them() -> None:
    met = {"==": [{"var": "mission.steps.completed"}, True]}
    badge = rule("badge", "stepper", condition=met)
    earning = rule("earning", "after", condition=met, grant={"xp": 5})
    outcomes = apply(ada(), [make_entry("visit")] * 3, make_book([mission("day"), badge, earning]))
    assert [[badge_award.badge for badge_award in outcome.badges] for outcome in outcomes] == [[], ["stepper"], []]
    assert [sum(line.amount for line in outcome.ledger) for outcome in outcomes] == [0, 0, 5]
