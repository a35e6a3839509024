"""The door: one-time links, passwords, tries, sessions."""

import pytest

from tests.webapp.pages.conftest import PASSWORD, make_operator
from webapp.pages.sign_in.throttle import TRIES, Tries
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


def test_a_wrong_password_says_how_many_attempts_are_left(stranger, mira):
    answer = stranger.send("/sign-in", email=MIRA, password="not this one")
    assert answer.status_code == 422
    assert "4 tries left" in answer.text


def test_an_unknown_address_is_answered_like_a_known_one(stranger, mira):
    answer = stranger.send("/sign-in", email="nobody@campus.example", password="not this one")
    assert "E-mail and password do not match. 4 tries left." in answer.text


def test_an_address_with_too_many_attempts_has_to_wait_whatever_the_account(stranger, mira):
    for _ in range(TRIES.amount):
        assert stranger.send("/sign-in", email="", password="").status_code == 422
    answer = stranger.send("/sign-in", email=MIRA, password=PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Too many tries from your address" in answer.text
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    assert stranger.client.post("/sign-in", data={"csrf_token": ""}, **elsewhere).status_code != 429


def test_attempts_are_counted_while_redis_is_away():
    tries = Tries("redis://127.0.0.1:1/0")
    assert [tries.is_too_often("192.0.2.7") for _ in range(TRIES.amount + 1)] == [False] * TRIES.amount + [True]


def test_after_five_wrong_attempts_the_right_password_has_to_wait(stranger, mira):
    for _ in range(5):
        stranger.send("/sign-in", email=MIRA, password="not this one")
    assert "Too many tries" in stranger.send("/sign-in", email=MIRA, password=PASSWORD).text


def test_signing_in_continues_to_the_requested_page(stranger, mira):
    assert stranger.client.get("/rules?kind=badge").location == "/sign-in?next=/rules?kind%3Dbadge"
    answer = stranger.send("/sign-in?next=/rules?kind%3Dbadge", email=MIRA, password=PASSWORD)
    assert answer.location == "/rules?kind=badge"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil"])
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
