"""`laurel operator`: a link that lets one person in, once."""

import pytest

from webapp.store.people import operators


def test_prints_a_link_that_works_once(laurel, settings, conn):
    link = laurel("operator", "new", "Ada@Example.org", "--role", "author").stdout.strip()
    start, _, token = link.rpartition("/")
    assert start == f"{settings.web_url}/sign-in"
    assert operators.spend_link(conn, token).email == "ada@example.org"
    assert operators.spend_link(conn, token) is None


def test_a_second_time_gives_a_new_link_and_ends_the_old_one(laurel, conn):
    old, new = (
        laurel("operator", "new", "ada@example.org", "--role", r).stdout.strip()[-43:] for r in ("viewer", "admin")
    )
    assert operators.operator_of_link(conn, old) is None
    assert operators.operator_of_link(conn, new).role == "admin"


def test_a_disabled_operator_gets_no_link(laurel, conn):
    laurel("operator", "new", "ada@example.org", "--role", "viewer")
    operators.disable(conn, 1)
    conn.commit()
    assert laurel("operator", "new", "ada@example.org", "--role", "viewer").exit_code == 1


@pytest.mark.parametrize(
    "words", [("ada", "--role", "viewer"), ("ada@example.org", "--role", "king"), ("ada@example.org",)]
)
def test_refuses(laurel, words):
    assert laurel("operator", "new", *words).exit_code == 2


def test_is_noted(laurel, conn):
    laurel("operator", "new", "ada@example.org", "--role", "viewer")
    row = conn.execute("SELECT actor, action, subject, after FROM audit_entry").fetchone()
    assert row == ("command line", "operator.invited", "ada@example.org", {"role": "viewer"})


def test_lists_who_may_sign_in(laurel, conn):
    laurel("operator", "new", "ada@example.org", "--role", "viewer")
    laurel("operator", "new", "grace@example.org", "--role", "admin")
    operators.disable(conn, operators.operator_of_email(conn, "grace@example.org").id)
    conn.commit()
    ada, grace = laurel("operator", "list").stdout.splitlines()
    assert ada == "ada@example.org\tviewer\tinvited"
    assert grace.startswith("grace@example.org\tadmin\tdisabled ")
