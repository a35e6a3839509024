"""The Sample and History panels, without scripts."""

import re

import pytest

from tests.webapp.tryout import campus
from webapp.config import Settings
from webapp.jobs import drafting
from webapp.jobs.backtest import Asked, start
from webapp.store import backtests, drafts, test_cases
from webapp.store.connection import connect

SAMPLE, HISTORY = "/rules/strong_finish/sample", "/rules/strong_finish/history"


@pytest.fixture
def author(happened: None, sign_in):
    """Somebody who has begun to change Strong Finish."""
    return sign_in("author")


def words(page: str) -> str:
    """A page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_draft_is_tried_on_the_newest_event_at_once(author) -> None:
    shown = words(author.open(SAMPLE).text)
    assert "Match." in shown or "No match." in shown
    assert "Score" in shown


def test_another_score_is_another_verdict(author) -> None:
    on = re.search(r'value="(event:\d+)"', author.open(SAMPLE).text)
    assert on
    tries = {}
    for score in ("100", "10"):
        typed = {"v:event.properties.score": score, "v:event.properties.weight": "50"}
        author.send(SAMPLE, on=on[1], **typed)
        tries[score] = words(author.open(SAMPLE).text)
    assert "Match." in tries["100"]
    assert "No match. Score 10 points is not at least 90 points" in tries["10"]
