"""Invites operators: a link that lets one person sign in, once."""

from dataclasses import dataclass

from webapp.config import Settings
from webapp.store.people import audit, operators
from webapp.store.system.connection import Connection, connect


class OperatorDisabled(Exception):  # noqa: N818  (it names the operator's state)
    """This operator was disabled; only an admin can enable them again."""


class OperatorExists(Exception):  # noqa: N818  (it names the operator's state)
    """This person is an operator already."""


@dataclass(frozen=True, slots=True)
class SignInLink:
    """The token of a link that lets the operator with this address sign in, once."""

    email: str
    token: str


def invite_operator(settings: Settings, email: str, role: str, by: str) -> SignInLink:
    """Make a sign-in link for `email`, who becomes an operator with this role.

    A known operator gets a new link, which ends the old one, and the role if it differs. Raises OperatorDisabled.
    """
    with connect(settings.database_url) as conn:
        number = _add_operator(conn, email, role, by)
        if number is None:
            number = _update_operator(conn, email, role, by)
        link = SignInLink(email, operators.new_link(conn, number))
        conn.commit()
    return link


def invite_new_operator(settings: Settings, email: str, role: str, by: str) -> SignInLink:
    """Make a sign-in link for a new operator, who is called by the first part of their address.

    Raises OperatorExists.
    """
    address = operators.spelled(email)
    with connect(settings.database_url) as conn:
        number = _add_operator(conn, address, role, by, name=address.partition("@")[0])
        if number is None:
            raise OperatorExists(address)
        link = SignInLink(address, operators.new_link(conn, number))
        conn.commit()
    return link


def renew_link(settings: Settings, number: int, by: str) -> SignInLink | None:
    """Make a new link for an operator, which ends an unused one; None if there is no operator with this number."""
    with connect(settings.database_url) as conn:
        person = operators.operator(conn, number)
        if person is None:
            return None
        link = SignInLink(person.email, operators.new_link(conn, number))
        audit.note(conn, by, "operator.link_made", person.email)
        conn.commit()
    return link


def _add_operator(conn: Connection, email: str, role: str, by: str, name: str = "") -> int | None:
    number = operators.new_operator(conn, email, role, name)
    if number is not None:
        audit.note(conn, by, "operator.invited", email, after={"role": role})
    return number


def _update_operator(conn: Connection, email: str, role: str, by: str) -> int:
    known = operators.operator_of_email(conn, email)
    assert known is not None
    if known.disabled_at:
        raise OperatorDisabled(email)
    if known.role != role:
        operators.set_role(conn, known.id, role)
        audit.note(conn, by, "operator.role_changed", email, before={"role": known.role}, after={"role": role})
    audit.note(conn, by, "operator.link_made", email)
    return known.id
