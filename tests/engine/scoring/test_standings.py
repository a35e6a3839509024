"""Levels, lifecycle, streaks, boosts and segments say how they stand for a player, and what comes next."""

from typing import Any

from engine.kinds import KINDS
from engine.rehearsal.rehearse import dry_run
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.memory import Player
from engine.vocabulary.moment import rfc3339
from engine.vocabulary.prospect import DocumentStanding
from tests.builders import DAY, HOUR, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import SCORE, earning, rule, streak

NOON = moment("2026-11-20")
LEVELS = rule("levels", "levels", thresholds=[{"name": "One", "xp": 0}, {"name": "Two", "xp": 15}])


def standing(player: Player, book: Rulebook, kind: str, key: str, at: int = NOON) -> DocumentStanding:
    """How the document stands, asked with an event of that moment."""
    stands = KINDS[kind].standing
    assert stands is not None
    copy = Player(player.number, dict(player.state), player.memory)
    return stands(EvaluationContext(copy, make_entry("visit", at), book), key, rfc3339)


def after(book: Rulebook, *moments: int) -> Player:
    player = ada()
    apply(player, [make_entry("visit", at) for at in moments], book)
    return player


def test_levels_say_how_much_is_missing_for_the_next_one() -> None:
    book = make_book([earning("pays", 10), LEVELS])
    low, high = (standing(after(book, *[NOON] * visits), book, "levels", "levels") for visits in (1, 2))
    assert (low.prospect, low.text) == ("depends", "10 XP make One, level 1. 5 more XP lead to Two.")
    assert (high.prospect, high.text) == ("never", "20 XP make Two, level 2, the highest one.")


def test_a_streak_says_whether_the_next_event_extends_it() -> None:
    book = make_book([streak()])
    days: dict[int, Any] = {
        day: standing(after(book, NOON, NOON + DAY), book, "streak", "daily", NOON + day * DAY) for day in (1, 2, 3)
    }
    assert [days[day].prospect for day in days] == ["no", "yes", "yes"]
    assert "The next one counts from 2026-11-22T00:00:00Z" in days[1].text
    assert "before 2026-11-23T00:00:00Z keeps it" in days[2].text
    assert days[3].text.startswith("It is broken")
    for day, stands in days.items():
        [outcome] = dry_run(after(book, NOON, NOON + DAY), [make_entry("visit", NOON + day * DAY)], book)
        assert bool(outcome.streaks) is (stands.prospect == "yes")


def test_a_lifecycle_says_what_inactivity_does_and_when() -> None:
    states = rule("lifecycle", "life", states=["ACTIVE", "AWAY"], transitions=[
        {"from": "ACTIVE", "to": "AWAY", "after_days_inactive": 7}, {"to": "ACTIVE", "trigger": {"events": ["visit"]}},
    ])  # fmt: skip
    book = make_book([states])
    active, away = (standing(after(book, NOON), book, "lifecycle", "life", NOON + days * DAY) for days in (1, 8))
    assert "Without an event until 2026-11-27T12:00:00Z, it becomes AWAY." in active.text
    assert away.text.startswith("AWAY since 2026-11-27T12:00:00Z.")
    assert "To ACTIVE by visit." in away.text


def test_a_boost_says_whether_it_multiplies_now() -> None:
    segment = rule("segment", "rich", condition={">=": [{"var": "player.xp"}, 20]})
    book = make_book([
        earning("pays", 10), segment, rule("boost", "all", multiplier=2),
        rule("boost", "over", multiplier=2, ends_at="2026-11-20T00:00:00Z"),
        rule("boost", "for_rich", multiplier=2, segment="rich"),
        rule("boost", "high", multiplier=2, condition={">=": [SCORE, 40]}),
    ])  # fmt: skip
    player = ada()
    stands = {key: standing(player, book, "boost", key) for key in ("all", "over", "for_rich", "high")}
    assert {key: str(each.prospect) for key, each in stands.items()} == {
        "all": "yes", "over": "never", "for_rich": "no", "high": "depends"
    }  # fmt: skip
    assert [str(obstacle.reason) for obstacle in stands["for_rich"].obstacles] == ["not_in_segment"]


def test_a_segment_says_whether_the_player_is_in_it() -> None:
    book = make_book([earning("pays", 10), rule("segment", "rich", condition={">=": [{"var": "player.xp"}, 20]})])
    texts = [standing(after(book, *[NOON] * visits), book, "segment", "rich").text for visits in (1, 2)]
    assert ["not in it" in text for text in texts] == [True, False]


def test_asking_changes_nothing() -> None:
    life = {"states": ["A", "B"], "transitions": [{"from": "A", "to": "B", "after_days_inactive": 1}]}
    book = make_book([streak(initial=1, max=1), rule("lifecycle", "life", **life)])
    player = after(book, NOON)
    before = repr(player.state)
    standing(player, book, "streak", "daily", NOON + 5 * DAY + HOUR)
    assert repr(player.state) == before
