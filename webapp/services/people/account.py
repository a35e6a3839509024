"""Changes one's own account: the password, and the sessions that are open elsewhere."""

from webapp.config import Settings
from webapp.services.people.sign_in import WeakPassword, WrongPassword
from webapp.store.people import audit, sign_ins
from webapp.store.people.operators import Operator
from webapp.store.system.connection import connect


def change_password(settings: Settings, operator: Operator, present: str, new: str, session: str) -> None:
    """Change the password and end every session but the one with this token.

    Raises WrongPassword if `present` is not the present password, and WeakPassword. The caller limits the tries.
    """
    with connect(settings.database_url) as conn:
        if sign_ins.sign_in(conn, operator.email, present) is None:
            raise WrongPassword
        if problem := sign_ins.password_problem(new, operator.email):
            raise WeakPassword(problem)
        sign_ins.set_password(conn, operator.id, new)
        sign_ins.close_other_sessions(conn, operator.id, session)
        audit.note(conn, operator.email, "operator.password_set", operator.email)
        conn.commit()


def end_session(settings: Settings, operator: Operator, key: str) -> bool:
    """End one of the operator's sessions, named by its key in the list; False if there is none."""
    with connect(settings.database_url) as conn:
        is_ended = sign_ins.close_session_of(conn, operator.id, key)
        conn.commit()
    return is_ended


def end_other_sessions(settings: Settings, operator: Operator, session: str) -> None:
    """Sign the operator out everywhere but in the session with this token."""
    with connect(settings.database_url) as conn:
        sign_ins.close_other_sessions(conn, operator.id, session)
        conn.commit()
