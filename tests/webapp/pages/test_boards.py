"""A board's page beyond its rows: who rose and fell today, the file, and the final window before."""

import csv
from collections.abc import Callable
from io import StringIO

import pytest

from tests.webapp.pages.conftest import Browser
from tests.webapp.projections.test_rebuilding import RULES, scored, tell_everything
from tests.webapp.services.drains import drain, post, publish
from webapp import projections
from webapp.config import Settings
from webapp.projections.redis import cache_redis
from webapp.runtime.clock import now_micros
from webapp.services.leaderboards import finalise_runs as finalising
from webapp.services.leaderboards.finalise_runs import finalise
from webapp.workers.chores import keep_opening_ranks

WEEK = 7 * 86_400_000_000


def score(settings: Settings, number: int, player: str, points: int, at: int | None = None) -> None:
    post(settings, [scored(number, at or now_micros(), player, points, "red")])
    drain(settings)
    tell_everything(settings)


@pytest.fixture
def school(settings: Settings) -> Settings:
    """Ada leads before Grace and Ken; then the day begins."""
    publish(settings, RULES)
    projections.rebuild(settings)
    for number, (player, points) in enumerate([("ada", 90), ("grace", 70), ("ken", 50)]):
        score(settings, number, player, points)
    keep_opening_ranks(settings)
    return settings


@pytest.fixture
def page(school: Settings, sign_in: Callable[[str], Browser]) -> Callable[[str], str]:
    browser = sign_in("viewer")
    return lambda address: " ".join(browser.open(f"/leaderboards/{address}").text.split())


def test_a_board_says_who_rose_and_who_fell_today(school: Settings, page: Callable[[str], str]) -> None:
    assert page("weekly_xp").count("unchanged") == 3
    score(school, 10, "ken", 60)
    score(school, 11, "lin", 5)
    text = page("weekly_xp")
    assert [text.count(word) for word in ('2 <span class="visually-hidden">up', "down</span>", ">new<")] == [1, 2, 1]
    assert "Changes are since" in text


def test_opening_ranks_are_stored_once_a_day(school: Settings) -> None:
    assert keep_opening_ranks(school) == 0


def test_ranks_that_were_not_stored_are_not_invented(school: Settings, page: Callable[[str], str]) -> None:
    cache_redis(school).delete(*cache_redis(school).keys("*:then:*"))
    assert "Changes are since" not in page("weekly_xp")


def test_a_board_is_exported_without_formulas(school: Settings, page: Callable[[str], str]) -> None:
    score(school, 12, "=1+1", 300)
    text = page("ever/standings.csv").replace(" ", "\n")
    assert text.startswith("\ufeff")
    assert list(csv.reader(StringIO(text.removeprefix("\ufeff")))) == [
        ["rank", "player", "score"], ["1", "'=1+1", "300"], ["2", "ada", "90"], ["3", "grace", "70"],
    ]  # fmt: skip


def test_the_final_window_before_is_shown_below(
    school: Settings, page: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is final" not in page("weekly_xp")
    score(school, 20, "grace", 40, at=now_micros() - WEEK)
    monkeypatch.setattr(finalising, "now_micros", lambda: now_micros() + 2 * WEEK)
    finalise(school)
    assert "is final" in page("weekly_xp")
