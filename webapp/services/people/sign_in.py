"""Signs operators in and out: by password, or by a one-time link that asks for a new password."""

from webapp.config import Settings
from webapp.store.people import audit, operators, sign_ins
from webapp.store.system.connection import connect


class WrongPassword(Exception):  # noqa: N818  (it says what was wrong)
    """Address and password do not match."""


class WeakPassword(ValueError):  # noqa: N818  (it says what was wrong)
    """A new password is too short, too long or too easy to guess; the text says which."""


class LinkSpent(Exception):  # noqa: N818  (it names the link's state)
    """A sign-in link was used, has expired or never existed."""


def sign_in(settings: Settings, email: str, password: str, user_agent: str) -> str:
    """Open a session and return its token. Raises WrongPassword. The caller limits the tries."""
    with connect(settings.database_url) as conn:
        operator = sign_ins.sign_in(conn, email, password)
        if operator is None:
            raise WrongPassword
        token = sign_ins.open_session(conn, operator.id, user_agent)
        conn.commit()
    return token


def sign_in_by_link(settings: Settings, link: str, password: str, user_agent: str) -> tuple[str, str]:
    """Spend a link: set the password, end all other sessions, open one; return its token and the operator's address.

    Raises LinkSpent and, with the link still good, WeakPassword.
    """
    with connect(settings.database_url) as conn:
        operator = operators.operator_of_link(conn, link)
        if operator is None:
            raise LinkSpent
        if problem := sign_ins.password_problem(password, operator.email):
            raise WeakPassword(problem)
        if operators.spend_link(conn, link) is None:  # somebody was faster
            raise LinkSpent
        sign_ins.set_password(conn, operator.id, password)
        sign_ins.close_other_sessions(conn, operator.id, "")
        audit.note(conn, operator.email, "operator.password_set", operator.email)
        token = sign_ins.open_session(conn, operator.id, user_agent)
        conn.commit()
    return token, operator.email


def sign_out(settings: Settings, token: str) -> None:
    """End the session with this token."""
    with connect(settings.database_url) as conn:
        sign_ins.close_session(conn, token)
        conn.commit()
