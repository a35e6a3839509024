"""Signing in: passwords, a limit on guesses, sessions that end."""

import pytest

from webapp.store.people import operators, sign_ins

GOOD = "a long and good one"


@pytest.fixture
def ada(conn):
    number = operators.new_operator(conn, " Ada@Example.org ", "author")
    sign_ins.set_password(conn, number, GOOD)
    return number


def test_the_right_password_lets_in(conn, ada):
    assert sign_ins.sign_in(conn, "ADA@example.org", GOOD).operator.id == ada


def test_attempts_run_out(conn, ada):
    tries = [sign_ins.sign_in(conn, "ada@example.org", "wrong").tries_left for _ in range(6)]
    assert tries == [4, 3, 2, 1, 0, 0]
    locked = sign_ins.sign_in(conn, "ada@example.org", GOOD)
    assert locked.operator is None
    assert locked.locked_until is not None


def test_a_lockout_ends(conn, ada):
    for _ in range(6):
        sign_ins.sign_in(conn, "ada@example.org", "wrong")
    conn.execute("UPDATE operator SET locked_until = clock_timestamp() - interval '1 second'")
    assert sign_ins.sign_in(conn, "ada@example.org", "wrong").tries_left == 4
    assert sign_ins.sign_in(conn, "ada@example.org", GOOD).operator.id == ada


def test_the_right_password_restores_all_attempts(conn, ada):
    for password in ("wrong", "wrong", GOOD):
        sign_ins.sign_in(conn, "ada@example.org", password)
    assert sign_ins.sign_in(conn, "ada@example.org", "wrong").tries_left == 4


def test_an_unknown_address_looks_like_a_wrong_password(conn, ada):
    unknown, wrong = (sign_ins.sign_in(conn, who, "wrong") for who in ("bob@example.org", "ada@example.org"))
    assert unknown == wrong


def test_without_a_password_nobody_can_sign_in(conn):
    operators.new_operator(conn, "bob@example.org", "viewer")
    assert sign_ins.sign_in(conn, "bob@example.org", "").operator is None


def test_a_disabled_operator_cannot_sign_in(conn, ada):
    operators.disable(conn, ada)
    assert sign_ins.sign_in(conn, "ada@example.org", GOOD).operator is None


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "x" * 257])
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
