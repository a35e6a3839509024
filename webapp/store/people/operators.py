"""Operators: people who sign in here, by a one-time link first and by their password from then on."""

from dataclasses import dataclass
from datetime import datetime

from webapp.runtime.tokens import new_token, token_hash
from webapp.store.system.connection import Connection

LINK_HOURS = 24


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who may sign in; without a password yet, only by a link."""

    id: int
    email: str
    name: str
    role: str
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None


COLUMNS = "o.id, o.email, o.name, o.role, o.password_hash IS NOT NULL, o.created_at, o.disabled_at"


def all_operators(conn: Connection) -> list[Operator]:
    """Everybody, the disabled included, by address."""
    return [Operator(*row) for row in conn.execute(f"SELECT {COLUMNS} FROM operator o ORDER BY o.email")]


def operator(conn: Connection, operator_id: int) -> Operator | None:
    """One operator by number."""
    row = conn.execute(f"SELECT {COLUMNS} FROM operator o WHERE o.id = %s", (operator_id,)).fetchone()
    return None if row is None else Operator(*row)


def operator_of_email(conn: Connection, email: str) -> Operator | None:
    """One operator by address, in whatever case it is written."""
    row = conn.execute(f"SELECT {COLUMNS} FROM operator o WHERE o.email = %s", (spelled(email),)).fetchone()
    return None if row is None else Operator(*row)


def spelled(email: str) -> str:
    """An address as it is stored: without blanks around it, in lower case."""
    return email.strip().lower()


def new_operator(conn: Connection, email: str, role: str, name: str = "") -> int | None:
    """Let a person in; gives their number, None where the address is known already."""
    row = conn.execute(
        "INSERT INTO operator (email, name, role) VALUES (%s, %s, %s) ON CONFLICT (email) DO NOTHING RETURNING id",
        (spelled(email), name, role),
    ).fetchone()
    return None if row is None else int(row[0])


def set_role(conn: Connection, operator_id: int, role: str) -> None:
    """Give an operator another role, from their next request on."""
    conn.execute("UPDATE operator SET role = %s WHERE id = %s", (role, operator_id))


def disable(conn: Connection, operator_id: int) -> None:
    """Shut an operator out at once: their links and sessions end too."""
    conn.execute(
        "UPDATE operator SET disabled_at = clock_timestamp() WHERE id = %s AND disabled_at IS NULL", (operator_id,)
    )
    conn.execute("DELETE FROM operator_session WHERE operator_id = %s", (operator_id,))
    conn.execute("DELETE FROM sign_in_link WHERE operator_id = %s AND used_at IS NULL", (operator_id,))


def enable(conn: Connection, operator_id: int) -> None:
    """Let a disabled operator in again."""
    conn.execute("UPDATE operator SET disabled_at = NULL WHERE id = %s", (operator_id,))


def new_link(conn: Connection, operator_id: int) -> str:
    """Make a one-time sign-in token, good for a day; earlier unused ones of the same person end."""
    token = new_token()
    conn.execute("DELETE FROM sign_in_link WHERE operator_id = %s AND used_at IS NULL", (operator_id,))
    conn.execute(
        "INSERT INTO sign_in_link (token_hash, operator_id, expires_at)"
        " VALUES (%s, %s, clock_timestamp() + make_interval(hours => %s))",
        (token_hash(token), operator_id, LINK_HOURS),
    )
    return token


LIVE_LINK = "l.token_hash = %s AND l.used_at IS NULL AND l.expires_at > clock_timestamp() AND o.disabled_at IS NULL"


def operator_of_link(conn: Connection, token: str) -> Operator | None:
    """Whom a link would let in, without spending it."""
    row = conn.execute(
        f"SELECT {COLUMNS} FROM sign_in_link l JOIN operator o ON o.id = l.operator_id WHERE {LIVE_LINK}",
        (token_hash(token),),
    ).fetchone()
    return None if row is None else Operator(*row)


def spend_link(conn: Connection, token: str) -> Operator | None:
    """Use a link up and give whom it lets in; None for a link that is spent, too old or unknown.

    Two who spend one link at the same moment wait for each other, and the second gets None.
    """
    row = conn.execute(
        "UPDATE sign_in_link l SET used_at = clock_timestamp() FROM operator o"
        f" WHERE o.id = l.operator_id AND {LIVE_LINK} RETURNING {COLUMNS}",
        (token_hash(token),),
    ).fetchone()
    return None if row is None else Operator(*row)
