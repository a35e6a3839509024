"""Signing in: passwords, and sessions that end."""

import pytest

from webapp.store.people import operators, sign_ins

GOOD = "a long and good one"


@pytest.fixture
def ada(conn):
    number = operators.new_operator(conn, " Ada@Example.org ", "author")
    sign_ins.set_password(conn, number, GOOD)
    return number


def test_the_right_password_lets_in(conn, ada):
    assert sign_ins.sign_in(conn, "ADA@example.org", GOOD).id == ada


@pytest.mark.parametrize(("email", "password"), [("bob@example.org", GOOD), ("ada@example.org", "wrong")])
def test_an_unknown_address_and_a_wrong_password_do_not(conn, ada, email, password):
    assert sign_ins.sign_in(conn, email, password) is None


def test_without_a_password_nobody_can_sign_in(conn):
    operators.new_operator(conn, "bob@example.org", "viewer")
    assert sign_ins.sign_in(conn, "bob@example.org", "") is None


def test_a_disabled_operator_cannot_sign_in(conn, ada):
    operators.disable(conn, ada)
    assert sign_ins.sign_in(conn, "ada@example.org", GOOD) is None


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "x" * 257, "password1234"])
def test_a_weak_password_is_refused_with_the_reason(password):
    assert sign_ins.password_problem(password)


def test_a_password_is_kept_as_a_hash(conn, ada):
    row = conn.execute("SELECT password_hash FROM operator").fetchone()
    assert row[0].startswith("$argon2id$")


def test_a_session_is_valid_until_it_is_closed(conn, ada):
    token = sign_ins.open_session(conn, ada, "a browser")
    assert sign_ins.operator_of_session(conn, token).id == ada
    sign_ins.close_session(conn, token)
    assert sign_ins.operator_of_session(conn, token) is None


@pytest.mark.parametrize(
    "change", ["expires_at = clock_timestamp()", "last_seen_at = clock_timestamp() - interval '9 hours'"]
)
def test_a_session_expires(conn, ada, change):
    token = sign_ins.open_session(conn, ada)
    conn.execute(f"UPDATE operator_session SET {change}")
    assert sign_ins.operator_of_session(conn, token) is None


def test_sessions_can_be_closed_one_by_one_and_all_but_this(conn, ada):
    this_session, *_ = (sign_ins.open_session(conn, ada, f"browser {n}") for n in range(4))
    listed = next(session for session in sign_ins.sessions_of(conn, ada) if session.user_agent == "browser 3")
    assert sign_ins.close_session_of(conn, ada, listed.key)
    assert not sign_ins.close_session_of(conn, ada, listed.key)
    sign_ins.close_other_sessions(conn, ada, this_session)
    assert [session.user_agent for session in sign_ins.sessions_of(conn, ada)] == ["browser 0"]


def test_a_link_expires(conn, ada):
    token = operators.new_link(conn, ada)
    conn.execute("UPDATE sign_in_link SET expires_at = clock_timestamp()")
    assert operators.spend_link(conn, token) is None
