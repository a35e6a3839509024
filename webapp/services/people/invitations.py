"""Invites operators: a link that lets one person sign in, once."""

from webapp.config import Settings
from webapp.store.people import audit, operators
from webapp.store.system.connection import Connection, connect


class OperatorDisabled(Exception):  # noqa: N818  (it names the operator's state)
    """This operator was disabled; only an admin can enable them again."""


def invite_operator(settings: Settings, email: str, role: str, by: str) -> str:
    """Return the token of a new sign-in link for `email`, who becomes an operator with this role.

    A known operator gets a new link, which ends the old one, and the role if it differs. Raises OperatorDisabled.
    """
    with connect(settings.database_url) as conn:
        number = _ensure_operator(conn, email, role, by)
        token = operators.new_link(conn, number)
        conn.commit()
    return token


def _ensure_operator(conn: Connection, email: str, role: str, by: str) -> int:
    number = operators.new_operator(conn, email, role)
    if number is not None:
        audit.note(conn, by, "operator.invited", email, after={"role": role})
        return number
    known = operators.operator_of_email(conn, email)
    assert known is not None
    if known.disabled_at:
        raise OperatorDisabled(email)
    if known.role != role:
        operators.set_role(conn, known.id, role)
        audit.note(conn, by, "operator.role_changed", email, before={"role": known.role}, after={"role": role})
    audit.note(conn, by, "operator.link_made", email)
    return known.id
