"""The door: one-time links, passwords, tries, sessions."""

import pytest
from limits import RateLimitItemPerHour

from tests.webapp.pages.conftest import PASSWORD, TOKEN, Browser, make_operator
from webapp.pages.sign_in import throttle
from webapp.pages.sign_in.throttle import TRIES, Limit, Tries
from webapp.store.people import operators, sign_ins
from webapp.store.system.connection import connect

MIRA = "mira@campus.example"


@pytest.fixture
def link(settings):
    number = make_operator(settings, MIRA, "publisher")
    with connect(settings.database_url) as conn:
        token = operators.new_link(conn, number)
        conn.commit()
    return f"/sign-in/{token}"


@pytest.fixture
def mira(settings):
    number = make_operator(settings, MIRA, "publisher")
    with connect(settings.database_url) as conn:
        sign_ins.set_password(conn, number, PASSWORD)
        conn.commit()


def test_a_link_asks_for_a_password_and_lets_in(stranger, link):
    answer = stranger.send(link, password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Welcome to Laurel" in stranger.open("/").text


def test_opening_a_link_does_not_use_it_up(stranger, link):
    assert "Choose a password" in stranger.open(link).text
    assert "Choose a password" in stranger.open(link).text


def test_a_used_link_says_so(stranger, link):
    stranger.send(link, password=PASSWORD)
    answer = stranger.open(link)
    assert answer.status_code == 410
    assert "no longer works" in answer.text


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused_under_its_field_and_the_link_stays(stranger, link, password):
    answer = stranger.send(link, password=password)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert stranger.send(link, password=PASSWORD).status_code == 303


def wrong(browser, email=MIRA, address="127.0.0.1"):
    """Try a wrong password, and give what is answered without what differs between two requests anyway."""
    elsewhere = {"REMOTE_ADDR": address}
    token = TOKEN.search(browser.client.get("/sign-in").text)
    content = {"csrf_token": token[1] or token[2], "email": email, "password": "not this one"}
    answer = browser.client.post("/sign-in", data=content, environ_overrides=elsewhere)
    return answer.status_code, TOKEN.sub("", answer.text).replace(email, ""), answer.headers.get("Retry-After")


def test_nothing_tells_whether_an_account_exists(app, settings, mira):
    """Known, unknown and disabled: the same answers, try for try, up to and beyond the limit."""
    with connect(settings.database_url) as conn:
        gone = operators.new_operator(conn, "gone@campus.example", "viewer")
        sign_ins.set_password(conn, gone, PASSWORD)
        operators.disable(conn, gone)
        conn.commit()
    accounts = (MIRA, "nobody@campus.example", "gone@campus.example")
    tries = [[wrong(Browser(app.test_client()), email)[:2] for _ in range(7)] for email in accounts]
    assert tries[0] == tries[1] == tries[2]
    assert [status for status, _ in tries[0]] == [422] * 5 + [429] * 2


def test_who_tries_too_often_locks_nobody_else_out(stranger, mira):
    for _ in range(7):
        status, text, seconds = wrong(stranger, address="192.0.2.7")
    assert (status, "Too many tries. Wait 15 minutes" in text) == (429, True)
    assert 0 < int(seconds) <= 15 * 60
    assert stranger.send("/sign-in", email=MIRA, password=PASSWORD).status_code == 303


def test_the_right_password_has_to_wait_where_it_was_guessed_too_often(stranger, mira):
    for _ in range(5):
        wrong(stranger)
    assert "Too many tries" in stranger.send("/sign-in", email=MIRA, password=PASSWORD).text


def test_a_browser_that_signed_in_before_is_not_kept_out_by_strangers(app, stranger, mira, monkeypatch):
    monkeypatch.setattr(throttle, "STRANGERS_TRIES", RateLimitItemPerHour(10, namespace="limit:sign-in-strangers"))
    stranger.send("/sign-in", email=MIRA, password=PASSWORD)
    stranger.send("/sign-out", "/account")
    elsewhere = Browser(app.test_client())
    statuses = [wrong(elsewhere, address=f"192.0.2.{number}")[0] for number in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert wrong(elsewhere, address="198.51.100.1")[0] == 429
    assert stranger.send("/sign-in", email=MIRA, password=PASSWORD).status_code == 303


def test_a_known_browser_has_no_more_tries_than_others(stranger, mira):
    stranger.send("/sign-in", email=MIRA, password=PASSWORD)
    stranger.send("/sign-out", "/account")
    assert [wrong(stranger, address=f"192.0.2.{number}")[0] for number in range(6)] == [422] * 5 + [429]


def test_the_right_password_forgets_the_tries_before_it(stranger, mira):
    for _ in range(3):
        wrong(stranger)
        wrong(stranger)
        assert stranger.send("/sign-in", email=MIRA, password=PASSWORD).status_code == 303
        stranger.send("/sign-out", "/account")


def test_behind_a_proxy_of_this_machine_that_is_not_configured_everybody_counts_alone(stranger, mira):
    for _ in range(TRIES.amount):
        forwarded = {"headers": {"X-Forwarded-For": "192.0.2.7"}}
        stranger.client.post("/sign-in", data={"csrf_token": ""}, **forwarded)
    assert stranger.send("/sign-in", email=MIRA, password=PASSWORD).status_code == 303


def test_an_address_with_too_many_attempts_has_to_wait_whatever_the_account(stranger, mira):
    for _ in range(TRIES.amount):
        assert stranger.send("/sign-in", email="", password="").status_code == 422
    answer = stranger.send("/sign-in", email=MIRA, password=PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Too many tries. Wait a minute" in answer.text
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    assert stranger.client.post("/sign-in", data={"csrf_token": ""}, **elsewhere).status_code != 429


def test_attempts_are_counted_while_redis_is_away():
    tries, limit = Tries("redis://127.0.0.1:1/0"), Limit(TRIES, ("192.0.2.7",))
    waits = [tries.seconds_to_wait(limit) for _ in range(TRIES.amount + 1)]
    assert waits[:-1] == [0] * TRIES.amount
    assert waits[-1] > 0


def test_the_present_password_cannot_be_guessed_by_who_finds_a_browser_open(stranger, mira):
    stranger.send("/sign-in", email=MIRA, password=PASSWORD)
    guess = {"present": "not this one", "wished": "five new words for me"}
    answers = [stranger.send("/account/password", "/account", **guess).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_signing_in_continues_to_the_requested_page(stranger, mira):
    assert stranger.client.get("/rules?kind=badge").location == "/sign-in?next=/rules?kind%3Dbadge"
    answer = stranger.send("/sign-in?next=/rules?kind%3Dbadge", email=MIRA, password=PASSWORD)
    assert answer.location == "/rules?kind=badge"


ELSEWHERE = [
    "https://evil.example", "//evil.example", "/\\evil.example", "evil", "/%09/evil.example", "/%0d/evil.example",
    "/%5Cevil.example",
]  # fmt: skip


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_signing_in_never_leads_elsewhere(stranger, mira, elsewhere):
    assert stranger.send(f"/sign-in?next={elsewhere}", email=MIRA, password=PASSWORD).location == "/"


def test_signing_out_ends_the_session(sign_in):
    browser = sign_in("viewer")
    browser.send("/sign-out", "/account")
    assert browser.client.get("/rules").status_code == 303


def test_a_session_can_be_ended_from_another_browser(settings, sign_in, stranger):
    browser = sign_in("viewer")
    with connect(settings.database_url) as conn:
        number = operators.operator_of_email(conn, "viewer@campus.example").id
        sign_ins.open_session(conn, number, "an old phone")
        conn.commit()
    assert "an old phone" in browser.open("/account").text
    browser.send("/account/sessions/others/end", "/account")
    assert "an old phone" not in browser.open("/account").text


def test_an_htmx_request_without_a_session_redirects_the_whole_page_to_sign_in(stranger):
    answer = stranger.client.get("/home/feed", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/sign-in")


def test_the_theme_is_remembered_in_the_browser(sign_in):
    browser = sign_in("viewer")
    browser.send("/account/theme", "/account", theme="dark")
    assert 'data-bs-theme="dark"' in browser.open("/rules").text
