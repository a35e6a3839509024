"""Changes what operators may do: their role, whether they may sign in, whether a second person approves rules.

Nobody changes their own access, so that an admin always remains.
"""

from webapp.config import Settings
from webapp.store.people import audit, four_eyes, operators
from webapp.store.people.operators import Operator
from webapp.store.system.connection import Connection, connect


class UnknownOperator(LookupError):  # noqa: N818  (it names the operator)
    """There is no operator with this number."""


class OwnAccessUnchangeable(Exception):  # noqa: N818  (it names a rule)
    """An admin tried to change their own role, or to disable themselves."""


def change_role(settings: Settings, number: int, role: str, by: str) -> Operator:
    """Give an operator another role, from their next request on; return who they were until then.

    Raises UnknownOperator and OwnAccessUnchangeable.
    """
    with connect(settings.database_url) as conn:
        person = _somebody_else(conn, number, by)
        operators.set_role(conn, number, role)
        audit.note(conn, by, "operator.role_changed", person.email, before={"role": person.role}, after={"role": role})
        conn.commit()
    return person


def disable_operator(settings: Settings, number: int, by: str) -> Operator:
    """Sign an operator out at once and let them sign in no more. Raises UnknownOperator and OwnAccessUnchangeable."""
    with connect(settings.database_url) as conn:
        person = _somebody_else(conn, number, by)
        operators.disable(conn, number)
        audit.note(conn, by, "operator.disabled", person.email)
        conn.commit()
    return person


def enable_operator(settings: Settings, number: int, by: str) -> Operator:
    """Let a disabled operator sign in again. Raises UnknownOperator."""
    with connect(settings.database_url) as conn:
        person = _operator(conn, number)
        operators.enable(conn, number)
        audit.note(conn, by, "operator.enabled", person.email)
        conn.commit()
    return person


def switch_four_eyes(settings: Settings, by: str, *, on: bool) -> None:
    """Require a second person's approval before a rule goes live from now on, or no longer."""
    with connect(settings.database_url) as conn:
        before = {"on": four_eyes.is_on(conn)}
        four_eyes.switch(conn, on=on)
        audit.note(conn, by, "four_eyes.switched", "approval", before=before, after={"on": on})
        conn.commit()


def _operator(conn: Connection, number: int) -> Operator:
    person = operators.operator(conn, number)
    if person is None:
        raise UnknownOperator(number)
    return person


def _somebody_else(conn: Connection, number: int, by: str) -> Operator:
    person = _operator(conn, number)
    if person.email == by:
        raise OwnAccessUnchangeable(by)
    return person
