"""What pages say: the board around a player, why and why not, what an event did, what is not there."""

from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.pages import formats
from webapp.pages.charts.area_chart import area_chart
from webapp.pages.charts.small_charts import sparkline_points
from webapp.pages.charts.streak_calendar import streak_calendar
from webapp.pages.condition_rows import rows_of
from webapp.pages.document_text import written

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_an_earned_badge_says_since_when_and_another_says_what_is_needed(world, sign_in):
    browser = sign_in("viewer")
    assert "ada earned <strong>Strong Finish</strong>" in browser.open("/players/ada?rule=strong_finish").text
    page = browser.open("/players/ada?rule=module_marathon").text
    assert "Still needed:" in page
    assert "1 of " in page


def test_a_board_marks_the_requested_player(world, sign_in):
    page = sign_in("viewer").open("/leaderboards/weekly_xp?around=grace").text
    assert 'id="row-grace" class="is-chosen"' in page
    assert "nobody has no score" in sign_in("author").open("/leaderboards/weekly_xp?around=nobody").text


@pytest.mark.parametrize(
    "address",
    ["/players/nobody", "/rules/nothing", "/leaderboards/nothing", "/leaderboards/weekly_xp?window=nonsense",
     "/events/2026-11-21/999", "/events/nonsense/1", "/nowhere", "/first-event/nothing/1"],
)  # fmt: skip
def test_an_unknown_address_is_a_plain_page_with_status_404(world, sign_in, address):
    answer = sign_in("viewer").open(address)
    assert answer.status_code == 404
    assert "Page not found" in answer.text


def test_an_event_shows_what_it_gave(world, sign_in):
    browser = sign_in("viewer")
    page = browser.open("/events?player=ada").text
    address = page.split('href="/events/')[1].split('"')[0]
    assert "Strong Finish" in browser.open(f"/events/{address}").text


def test_a_name_that_tries_to_be_markup_stays_text(packs, post, drain, sign_in):
    post("ev-x", "<img src=x onerror=alert(1)>", "assessment_submitted", score=91)
    drain()
    browser = sign_in("viewer")
    for address in ("/players", "/", "/events", "/leaderboards/weekly_xp"):
        assert "<img" not in browser.open(address).text


def test_a_live_page_and_its_fragment_are_kept_apart_by_caches(world, sign_in):
    browser = sign_in("viewer")
    page = browser.client.get("/rules")
    fragment = browser.client.get("/rules", headers={"HX-Request": "true"})
    assert "HX-Request" in page.headers["Vary"]
    assert ("<html" in page.text, "<html" in fragment.text) == (True, False)


@pytest.mark.parametrize(
    ("passed", "words"),
    [(timedelta(seconds=4), "4 s ago"), (timedelta(minutes=59), "59 min ago"), (timedelta(hours=3), "09:00"),
     (timedelta(days=3), "18 Nov"), (timedelta(days=400), "17 Oct 2025")],
)  # fmt: skip
def test_times_are_worded_from_seconds_to_dates(passed, words):
    assert formats.ago(NOON - passed, NOON) == words


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (112, "112th"), (23, "23rd")]
)
def test_ranks_are_worded_as_ordinals(number, words):
    assert formats.ordinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"), [(1284, "1,284"), (100, "100"), (2.5, "2.5"), (1000.0, "1,000"), (0, "0")]
)
def test_numbers_have_separators(number, words):
    assert formats.number(number) == words


def test_a_chart_has_ticks_of_whole_numbers_and_ends_at_its_edges():
    chart = area_chart([0, 3, 10], ["a", "b", "c"])
    assert [tick.value for tick in chart.ticks] == [0, 5, 10, 15, 20]
    assert chart.line.startswith("40,")
    assert " 540," in chart.line


def test_equal_values_give_a_flat_line():
    assert sparkline_points([7, 7]) == "0,12 96,12"


def test_the_calendar_ends_today_and_shows_freezes():
    today = date(2026, 11, 21)
    calendar = streak_calendar({today: 4}, today, frozenset({today - timedelta(days=1)}))
    assert [square.kind for square in calendar.squares[-3:]] == ["d-freeze", "d3", "d-today"]
    assert len(calendar.squares) == 11 * 7 + 6 + 1


def test_documents_are_written_on_one_line_where_they_fit():
    assert written({"a": [1, 2]}) == '{"a": [1, 2]}'
    assert written({"a": ["x" * 50, "y" * 50]}).count("\n") == 5


def test_an_outer_all_is_left_unsaid_and_an_inner_any_is_not():
    leaf = {"path": "/condition/and/0", "state": "pass", "text": "score is 1", "actual": 1, "have": None, "need": None}
    group = {"path": "/condition/and/1", "state": "fail", "text": "…", "actual": None, "have": 0, "need": 1}
    root = {"path": "/condition", "state": "fail", "text": "…", "actual": None, "have": 1, "need": 2}
    trace = {**root, "rows": [{**leaf, "rows": []}, {**group, "rows": [{**leaf, "rows": []}]}]}
    rows = rows_of(trace, {"condition": {"and": [{"==": []}, {"or": [{"==": []}]}]}})
    assert [row.text for row in rows] == ["score is 1", "any of these is true"]
    assert rows[1].actual == "0 of 1"
