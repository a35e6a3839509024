"""The Sample and History panels, without scripts."""

import re
from dataclasses import replace

import pytest

from engine.authoring.tree.nodes import to_json
from engine.kinds import KINDS
from tests.webapp.pages.building import Builder
from tests.webapp.services import drains
from tests.webapp.tryout import campus
from webapp.config import Settings
from webapp.services.backtest import backtest_job
from webapp.services.drafts import draft_changes, draft_editing
from webapp.store.rules import backtests, rule_versions, test_cases
from webapp.store.system.connection import connect

SAMPLE, HISTORY = "/rules/strong_finish/sample", "/rules/strong_finish/history"


@pytest.fixture
def author(happened: None, sign_in):
    """Somebody who has begun to change Strong Finish."""
    return sign_in("author")


def words(page: str) -> str:
    """A page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def selected(page: str) -> str:
    """The sample that a panel has chosen."""
    match = re.search(r'value="([^"]+)"\s+selected', page)
    return match[1] if match else ""


def test_a_draft_is_tried_on_the_newest_event_at_once(author) -> None:
    text = words(author.open(SAMPLE).text)
    assert "Match." in text or "No match." in text
    assert "Score" in text


@pytest.mark.parametrize("key", ["strong_finish", "pass_xp", "two_passes_a_week", "passed", "activity_xp"])
def test_the_sample_stays_when_newer_events_come(author, settings: Settings, key: str) -> None:
    first = selected(author.open(f"/rules/{key}/sample").text)
    assert first.startswith("event:")
    newer = campus.history()[-1]
    drains.post(settings, [replace(newer, id="newer than the sample")])
    drains.drain(settings)
    page = author.open(f"/rules/{key}/sample").text
    assert selected(page) == first
    assert re.findall(r'value="(event:\d+)"', page)[0] != first


def test_the_sample_stays_when_the_draft_gets_another_key(author, settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        key = draft_changes.begin_draft(conn, "badge", "author@campus.example").key
        conn.commit()
    builder = Builder(author, settings, key)
    first = selected(author.open(f"/rules/{key}/sample").text)
    drains.post(settings, [replace(campus.history()[-1], id="newer than the sample")])
    drains.drain(settings)
    builder.press(**{"/name": "Coffee with the tutor"})
    assert builder.key == "coffee_with_the_tutor"
    assert selected(author.open(f"/rules/{builder.key}/sample").text) == first


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


def test_a_trial_is_saved_as_a_test_case_with_one_click(author, settings: Settings) -> None:
    author.open(SAMPLE)
    author.send(f"{SAMPLE}/case", SAMPLE)
    author.send(f"{SAMPLE}/case", SAMPLE)
    with connect(settings.database_url) as conn:
        first, second = test_cases.cases_of(conn, "strong_finish")
    assert first.given == second.given
    assert (first.passes, second.name) == (True, f"{first.name} 2")


def test_a_test_case_says_the_same_as_what_it_was_saved_from(author) -> None:
    author.send(f"{SAMPLE}/case", SAMPLE)
    verdicts = [re.search(r"(Match|No match)\.", author.open(SAMPLE).text)]
    author.send(SAMPLE, on=f"case:{re.findall(r'value=.case:([0-9]+)', author.open(SAMPLE).text)[0]}")
    verdicts.append(re.search(r"(Match|No match)\.", author.open(SAMPLE).text))
    assert len({match[1] for match in verdicts if match}) == 1


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"zone": "Mars/Olympus"}, "Unknown time zone"),
        ({"at": "tomorrow"}, "Write date and time like"),
        ({"v:event.properties.score": "many"}, "number"),
    ],
)
def test_an_impossible_trial_is_refused_and_changes_nothing(author, typed: dict[str, str], answer: str) -> None:
    author.open(SAMPLE)
    refused = author.send(SAMPLE, on="values", **typed)
    assert (refused.status_code, answer in refused.text) == (422, True)


def test_an_unknown_player_is_reported_as_gone(author) -> None:
    author.send(SAMPLE, SAMPLE, player="nobody")
    assert "This sample no longer exists" in words(author.open(SAMPLE).text)


def test_history_shows_the_last_replay_and_opens_its_cases(author, settings: Settings) -> None:
    campus.backtested(settings, campus.EASIER_FINISH)
    page = author.open(HISTORY).text
    assert "players would get it" in words(page)
    assert "The draft has changed since" in words(page)
    case = re.search(r'name="on" value="(event:\d+)"', page)
    assert case
    author.send(SAMPLE, HISTORY, on=case[1])
    assert f'value="{case[1]}" selected' in author.open(SAMPLE).text


def test_a_replay_is_started_and_stopped(author, settings: Settings) -> None:
    author.send(HISTORY, days="30")
    assert "waiting for a worker" in words(author.open(HISTORY).text)
    author.send(f"{HISTORY}/stop", HISTORY)
    with connect(settings.database_url) as conn:
        assert backtests.newest_unfinished(conn, "strong_finish") is None
        statuses = conn.execute("SELECT status, (params->>'days')::int FROM job WHERE kind = 'backtest'").fetchall()
    assert statuses == [("cancelled", backtest_job.DAYS)]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_backtests_are_offered_exactly_where_they_can_be(author, settings: Settings, kind: str) -> None:
    with connect(settings.database_url) as conn:
        only = draft_editing.only_rules(conn).get(kind)
        key = only[0] if only else draft_changes.begin_draft(conn, kind, "author@campus.example").key
        conn.commit()
    history, review = (words(author.open(f"/rules/{key}/{page}").text) for page in ("history", "review"))
    is_never = "This kind of rule has no backtest" in history
    assert is_never != KINDS[kind].judges_events
    assert ("yet" in history) != is_never
    assert ("Run a backtest" in review) != is_never


def test_viewers_try_nothing(happened: None, sign_in) -> None:
    viewer = sign_in("viewer")
    assert [viewer.open(address).status_code for address in (SAMPLE, HISTORY)] == [403, 403]


def test_values_stay_changed_until_they_are_put_back(author) -> None:
    on = re.search(r'value="(event:\d+)"', author.open(SAMPLE).text)
    assert on
    author.send(SAMPLE, on=on[1], **{"v:event.properties.score": "99.5", "v:event.properties.weight": "1"})
    author.send(SAMPLE, on=on[1], **{"v:event.properties.score": "99.5", "v:event.properties.weight": "2"})
    assert "99.5 points changed" in words(author.open(SAMPLE).text)
    author.send(SAMPLE, on=on[1], reset="yes")
    assert "changed" not in words(author.open(SAMPLE).text)


def test_a_near_miss_opens_on_its_event_with_the_row_that_failed_marked(author, settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        tree = to_json(draft_editing.content_of_version(conn, rule_versions.rule(conn, "strong_finish"), 1).tree)
    campus.backtested(settings, campus.EASIER_FINISH | {"key": "strong_finish"}, tree)
    history_page = author.open(f"{HISTORY}?cases=near").text
    match = re.search(r'name="on" value="(event:\d+)".*?only <a href="#(\w+)"', history_page, re.DOTALL)
    assert match
    author.send(SAMPLE, HISTORY, on=match[1])
    page = author.open("/rules/strong_finish/edit?panel=sample").text
    mark = re.search(rf'id="{match[2]}-mark".*?</span></span>', page, re.DOTALL)
    assert mark
    assert "Fail" in mark[0]


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "1970-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize("kind", ["event", "player"])
def test_the_ends_of_the_calendar_are_moments_too(author, at: str, kind: str) -> None:
    on = re.search(rf'value="({kind}:[^"]+)"', author.open(SAMPLE).text)
    assert on
    answer = author.send(SAMPLE, on=on[1], at=at, zone="Pacific/Auckland")
    assert answer.status_code in {303, 422}
    assert author.open(SAMPLE).status_code == 200
