"""The figures of a campaign: one definition and one window for each, and a warning wherever a budget needs a person."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.campaigns.friday_weekend import HOUR, Player, budget, drain, friday, moment, publish
from webapp.pages.campaigns.dashboard import BudgetRow, budget_dashboard
from webapp.pages.campaigns.rates import SECONDS, rates_of
from webapp.pages.campaigns.terms import OpenHours
from webapp.pages.charts.burn_down_chart import PlannedSpend, ShownTime, burn_down_chart
from webapp.runtime import clock
from webapp.services.campaigns.close_campaign import close_campaign
from webapp.services.coupons import stock
from webapp.store.campaigns import campaign_rows
from webapp.store.campaigns.game_figures import SecondOfPlays

PAGE = "/campaigns/friday"
START = datetime(2026, 12, 4, 18, tzinfo=UTC)
END = START + 5 * HOUR

moments = st.timedeltas(-HOUR, 6 * HOUR).map(lambda offset: START + offset)
restocks = st.lists(st.tuples(moments, st.integers(-50, 100)), max_size=6).map(sorted)


@given(restocks, moments, moments)
def test_a_plan_never_spends_a_coupon_before_it_came_nor_one_that_is_gone(changes, one, other):
    plan = PlannedSpend(START, END, changes)
    earlier, later = sorted((one, other))
    came = sum(max(0, change) for at, change in changes if at <= earlier)
    assert 0 <= plan.left(earlier) <= came
    assert plan.left(END) == pytest.approx(sum(max(0, change) for at, change in changes if at == END))
    if not any(earlier < at <= later for at, _ in changes):
        assert plan.left(later) <= plan.left(earlier) + 1e-9


def test_the_lines_of_plan_and_stock_begin_where_coupons_came():
    noon, came = START + HOUR, [(START + HOUR, 100)]
    burn = burn_down_chart(ShownTime(START, END, START + 2 * HOUR), [PlannedSpend(START, END, came)], 100, [])
    assert burn.plan_line.startswith("40,210 136,210 136,10 ")
    assert burn.line == "40,210 136,210 136,10 232,10"
    assert PlannedSpend(START, END, came).since == noon


seconds = st.lists(
    st.tuples(st.integers(0, SECONDS - 1), st.lists(st.sampled_from(["waits", "won", "lost"]), min_size=1, max_size=9)),
    unique_by=lambda second: second[0],
)


def second_of_plays(now: datetime, back: int, plays: Sequence[str]) -> SecondOfPlays:
    decided = len(plays) - plays.count("waits")
    return SecondOfPlays(now - timedelta(seconds=back), len(plays), plays.count("won"), decided, 0.25 * decided)


@given(seconds)
def test_the_rates_of_a_card_are_all_of_the_same_plays(played):
    rates = rates_of([second_of_plays(START, *second) for second in played], START, waiting=0, wait=0)
    plays = [play for _, of_second in played for play in of_second]
    assert (rates.plays, rates.wins) == (len(plays), plays.count("won"))
    assert (sum(rates.plays_series), sum(rates.wins_series)) == (rates.plays, rates.wins)
    assert (rates.win_rate or 0) * rates.decided == pytest.approx(100 * rates.wins)
    assert rates.outcome in {None, 250}


@pytest.fixture
def player(client, api_key):
    return Player(client, api_key("plays:write"))


def dashboard_of(conn):
    dashboard = budget_dashboard(conn, campaign_rows.campaign(conn, "friday"), "", clock.now())
    conn.rollback()
    return dashboard


def test_what_was_voided_by_hand_is_not_used(conn, player, settings):
    publish(conn, friday(game={"budgets": [budget("coffee", 10)]}))
    for number in range(3):
        player.play(f"p{number}", f"player{number}")
    drain(settings)
    stock.void_available(conn, settings, "reel", "coffee", 4)
    (row,) = dashboard_of(conn).brands
    assert (row.given, row.budget, row.used) == (3, 6, 50)


def test_coupons_that_come_late_are_on_their_plan_at_once(conn, settings):
    publish(conn, friday(game={"budgets": [{"brand": "coffee"}]}))
    stock.top_up(conn, settings, "reel", "coffee", [f"C-{number}" for number in range(20)])
    (row,) = dashboard_of(conn).brands
    assert (row.budget, row.plan, row.word) == (20, 0, "")


counts = st.integers(0, 40)


@given(st.integers(1, 40), counts, counts)
def test_a_budget_row_counts_what_players_have_against_what_there_was(available, given_away, planned):
    row = BudgetRow("coffee", "Coffee", {"available": available}, available + given_away, planned, START)
    assert row.given == given_away
    assert row.left_at(END, START + HOUR) == max(0, available - 4 * given_away)
    assert (row.empty_at(START + HOUR) is None) == (given_away == 0)


def alerts(text: str) -> list[str]:
    """What stands in the calls of a page."""
    return re.findall(r"<p><strong>([^<]*)</strong>", text)


@pytest.mark.parametrize(
    ("budgets", "starts", "says"),
    [
        ([{"brand": "coffee"}], -HOUR, "coffee has no coupons."),
        ([{"brand": "coffee"}], HOUR, "coffee has no coupons yet."),
        ([budget("coffee", 100)], -HOUR, "coffee is 50 points behind plan."),
        ([budget("coffee", 100)], -timedelta(minutes=1), None),
    ],
)
def test_a_budget_that_needs_a_person_says_so(conn, sign_in, budgets, starts, says):
    publish(conn, friday(game={"starts_at": moment(starts), "ends_at": moment(2 * HOUR if starts > -HOUR else HOUR),
                               "budgets": budgets}))  # fmt: skip
    assert alerts(sign_in("viewer").open(PAGE).text) == ([says] if says else [])


@pytest.fixture(params=["by hand", "by the clock"])
def ended(request, conn, player, settings):
    """A campaign with one winner that was ended, or whose end has passed."""
    publish(conn, friday())
    player.play("p1")
    drain(settings)
    if request.param == "by hand":
        close_campaign(settings, "friday", "mira")
    else:
        document = friday(game={"starts_at": moment(-2 * HOUR), "ends_at": moment(-HOUR)})
        conn.execute("UPDATE coupon SET issued_at = issued_at - interval '90 minutes' WHERE issued_at IS NOT NULL")
        conn.execute("UPDATE play SET received_at = received_at - interval '90 minutes'")
        publish(conn, document)


def test_a_campaign_that_has_ended_shows_how_it_went_and_no_more_how_it_goes(ended, sign_in):
    text = sign_in("viewer").open(PAGE).text
    shown = re.sub(r"<[^>]+>|\s+", " ", text)
    assert re.search(r"Friday reel, ended \d", shown)
    assert not re.search(r"until \d|min left|plan \d|, plan|in the last minute|behind", shown)
    assert "hx-get" not in text.partition('id="budget"')[2]
    assert alerts(text) == ["14 of 15 coupons were left at the end."]
    assert re.search(r"Winners\s+1\s+until the end", shown)


def test_the_list_keeps_what_has_ended_apart(ended, conn, sign_in):
    publish(conn, friday(key="next", name="Next Weekend", games=[friday()["games"][0] | {"key": "second"}]))
    above, _, below = sign_in("viewer").open("/campaigns").text.partition('id="h-ended"')
    assert ("Next Weekend" in above, "Friday Weekend" in above) == (True, False)
    assert re.search(r"Friday Weekend.*ended \d", below, re.DOTALL)


def test_the_list_says_until_when_the_game_is_open_that_it_names(conn, sign_in):
    first, second = (friday()["games"][0] | {"key": key, "name": key.title()} for key in ("first", "second"))
    hours = {"starts_at": moment(30 * HOUR), "ends_at": moment(40 * HOUR)}
    publish(conn, friday(games=[first, second | hours]))
    browser = sign_in("viewer")
    (listed,) = re.findall(r"First, (until [^<]*)<", browser.open("/campaigns").text)
    assert listed in browser.open(f"{PAGE}?game=first").text


@given(st.timedeltas(-HOUR, 6 * HOUR), st.timedeltas(-HOUR, 6 * HOUR))
def test_hours_end_when_the_campaign_does(ended_after, now_after):
    hours, now = OpenHours(START, END, START + ended_after), START + now_after
    assert ("left" in hours.term(now, UTC)) == (START <= now < min(END, START + ended_after))
    assert hours.starts_at < hours.shown_until <= END


def test_every_figure_names_its_window(conn, packs, post, sign_in):
    publish(conn, friday())
    post("e1", "ada", "answered")
    browser = sign_in("viewer")
    for address in ("/", PAGE):
        figures = browser.open(address).text.split('<div class="lr-stat">')[1:]
        assert len(figures) == 4
        for figure in figures:
            assert re.search(r'<dd class="tiny muted">[^<]*(minute|hour|midnight)', figure.partition("</div>")[0])
