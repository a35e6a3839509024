"""Signing in: passwords by argon2id with a limit on guesses, and sessions that can be ended one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import and_, bindparam, delete, func, select, update

from webapp.models import OperatorRow, OperatorSessionRow
from webapp.runtime.tokens import new_token, token_hash
from webapp.store.people.operators import OPERATOR, Operator, operator, spelled
from webapp.store.system.compiled_statements import CompiledStatement
from webapp.store.system.connection import Connection
from webapp.store.system.orm import session

PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX = 12, 256
TRIES_MAX, LOCK_MINUTES = 5, 15
SESSION_HOURS, SESSION_IDLE_HOURS = 7 * 24, 8

_HASHER = PasswordHasher()
# Each hash takes 64 MiB: many at once would be a way to exhaust the machine.
_HASHING = BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How an attempt ended: an operator, or how many tries are left (0: locked until `locked_until`)."""

    operator: Operator | None
    tries_left: int = 0
    locked_until: datetime | None = None


def password_problem(password: str, email: str = "") -> str | None:
    """What is wrong with a new password, None for a good one."""
    if len(password) < PASSWORD_LENGTH_MIN:
        return f"At least {PASSWORD_LENGTH_MIN} characters."
    if len(password) > PASSWORD_LENGTH_MAX:
        return f"At most {PASSWORD_LENGTH_MAX} characters."
    if len(set(password.lower())) <= 3 or (email and email.partition("@")[0].lower() == password.lower()):
        return "Too easy to guess."
    return None


def set_password(conn: Connection, operator_id: int, password: str) -> None:
    """Give an operator a password and end a lock; asked for `password_problem` before."""
    assert password_problem(password) is None
    with _HASHING:
        hashed = _HASHER.hash(password)
    unlocked = {"password_hash": hashed, "failed_sign_ins": 0, "locked_until": None}
    with session(conn) as orm:
        orm.execute(update(OperatorRow).where(OperatorRow.id == operator_id).values(unlocked))


def sign_in(conn: Connection, email: str, password: str) -> SignIn:
    """Try a password; the caller commits in every case, or wrong tries are not counted.

    An unknown address takes as long and is answered like a known one with a wrong password.
    The try is counted before the hash is worked out, so that many at once do not get more tries than one by one.
    """
    # By hand: counting, locking and reading in one statement, under one lock, decide how many tries there are.
    row = conn.execute(
        "UPDATE operator SET"
        " failed_sign_ins = CASE WHEN locked_until < clock_timestamp() THEN 1 ELSE failed_sign_ins + 1 END,"
        " locked_until = CASE WHEN failed_sign_ins + 1 >= %(tries)s AND locked_until IS NULL"
        " THEN clock_timestamp() + make_interval(mins => %(minutes)s)"
        " WHEN locked_until < clock_timestamp() THEN NULL ELSE locked_until END"
        " WHERE email = %(email)s AND disabled_at IS NULL RETURNING id, password_hash, failed_sign_ins, locked_until",
        {"email": spelled(email), "tries": TRIES_MAX, "minutes": LOCK_MINUTES},
    ).fetchone()
    number, hashed, tries, locked_until = row or (None, None, 1, None)
    if tries > TRIES_MAX:
        return SignIn(None, 0, locked_until)
    if _is_right(hashed, password) and number is not None:
        with session(conn) as orm:
            orm.execute(
                update(OperatorRow).where(OperatorRow.id == number).values(failed_sign_ins=0, locked_until=None)
            )
        return SignIn(operator(conn, number))
    return SignIn(None, TRIES_MAX - tries, locked_until)


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
