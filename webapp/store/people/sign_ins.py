"""Signing in: passwords by argon2id, and sessions that can be ended one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import and_, bindparam, delete, func, select, update

from webapp.models import OperatorRow, OperatorSessionRow
from webapp.runtime.passwords import is_easy_to_guess
from webapp.runtime.tokens import new_token, token_hash
from webapp.store.people.operators import OPERATOR, Operator, operator, spelled
from webapp.store.system.compiled_statements import CompiledStatement
from webapp.store.system.connection import Connection
from webapp.store.system.orm import session

PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX = 12, 256
SESSION_HOURS, SESSION_IDLE_HOURS = 7 * 24, 8

_HASHER = PasswordHasher()
# Each hash takes 64 MiB: many at once would be a way to exhaust the machine.
_HASHING = BoundedSemaphore(2)


def password_problem(password: str, email: str = "") -> str | None:
    """What is wrong with a new password, None for a good one."""
    if len(password) < PASSWORD_LENGTH_MIN:
        return f"At least {PASSWORD_LENGTH_MIN} characters."
    if len(password) > PASSWORD_LENGTH_MAX:
        return f"At most {PASSWORD_LENGTH_MAX} characters."
    if is_easy_to_guess(password, email):
        return "Too easy to guess: hardly more than common words, names, years or rows of keys."
    return None


def set_password(conn: Connection, operator_id: int, password: str) -> None:
    """Give an operator a password; asked for `password_problem` before."""
    assert password_problem(password) is None
    with _HASHING:
        hashed = _HASHER.hash(password)
    with session(conn) as orm:
        orm.execute(update(OperatorRow).where(OperatorRow.id == operator_id).values(password_hash=hashed))


def sign_in(conn: Connection, email: str, password: str) -> Operator | None:
    """The operator with this address and password; None where they do not match, or the operator is disabled.

    Whether the address is unknown makes no difference, nor in the time that it takes. The caller limits the tries.
    """
    known = select(OperatorRow.id, OperatorRow.password_hash).where(
        OperatorRow.email == spelled(email), OperatorRow.disabled_at.is_(None)
    )
    with session(conn) as orm:
        number, password_hash = orm.execute(known).first() or (None, None)
    return operator(conn, number) if _is_right(password_hash, password) and number is not None else None


def _is_right(hashed: str | None, password: str) -> bool:
    with _HASHING:
        try:
            _HASHER.verify(hashed or _nobodys_hash(), password[: PASSWORD_LENGTH_MAX + 1])
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(new_token())


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser; `key` names it in a list without letting anybody in."""

    key: str
    created_at: datetime
    last_seen_at: datetime
    user_agent: str


def open_session(conn: Connection, operator_id: int, user_agent: str = "") -> str:
    """Open a session and give its token; it ends after a week, or eight hours without a request."""
    token = new_token()
    opened = OperatorSessionRow(
        token_hash=token_hash(token),
        operator_id=operator_id,
        expires_at=func.clock_timestamp() + timedelta(hours=SESSION_HOURS),
        user_agent=user_agent[:200].replace("\0", ""),
    )
    with session(conn) as orm:
        orm.add(opened)
    return token


_now = func.clock_timestamp()
_is_live = and_(
    OperatorSessionRow.expires_at > _now,
    OperatorSessionRow.last_seen_at > _now - timedelta(hours=SESSION_IDLE_HOURS),
    OperatorRow.disabled_at.is_(None),
)
_key = func.encode(func.substr(func.sha256(OperatorSessionRow.token_hash), 1, 8), "hex")
_is_this_session = OperatorSessionRow.token_hash == bindparam("token_hash")

# Every request of a page runs the first, and once a minute the second.
OPERATOR_OF_SESSION = CompiledStatement(
    select(*OPERATOR, OperatorSessionRow.last_seen_at < _now - timedelta(minutes=1))
    .join(OperatorSessionRow.operator)
    .where(_is_this_session, _is_live)
)
NOTE_SEEN = CompiledStatement(update(OperatorSessionRow).where(_is_this_session).values(last_seen_at=_now))


def operator_of_session(conn: Connection, token: str) -> Operator | None:
    """Whose session this is; None once it has ended."""
    row = OPERATOR_OF_SESSION.first(conn, token_hash=token_hash(token))
    if row is None:
        return None
    if row[-1]:
        NOTE_SEEN.run(conn, token_hash=token_hash(token))
    return Operator(*row[:-1])


def sessions_of(conn: Connection, operator_id: int) -> list[Session]:
    """The live sessions of an operator, the latest seen first."""
    live = (
        select(_key, OperatorSessionRow.created_at, OperatorSessionRow.last_seen_at, OperatorSessionRow.user_agent)
        .join(OperatorSessionRow.operator)
        .where(OperatorRow.id == operator_id, _is_live)
        .order_by(OperatorSessionRow.last_seen_at.desc())
    )
    with session(conn) as orm:
        return [Session(*row) for row in orm.execute(live)]


def close_session(conn: Connection, token: str) -> None:
    """End the session of this token."""
    with session(conn) as orm:
        orm.execute(delete(OperatorSessionRow).where(OperatorSessionRow.token_hash == token_hash(token)))


def close_session_of(conn: Connection, operator_id: int, key: str) -> bool:
    """End one listed session of an operator; False where there is none of that key."""
    closed = (
        delete(OperatorSessionRow)
        .where(OperatorSessionRow.operator_id == operator_id, _key == key)
        .returning(OperatorSessionRow.operator_id)
    )
    with session(conn) as orm:
        return orm.execute(closed).first() is not None


def close_other_sessions(conn: Connection, operator_id: int, token: str) -> None:
    """Sign an operator out everywhere but here; a new password calls for it."""
    others = and_(
        OperatorSessionRow.operator_id == operator_id,
        OperatorSessionRow.token_hash != token_hash(token),
    )
    with session(conn) as orm:
        orm.execute(delete(OperatorSessionRow).where(others))
