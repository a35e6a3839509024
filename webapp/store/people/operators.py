"""Operators: people who sign in here, by a one-time link first and by their password from then on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.models import OperatorRow, OperatorSessionRow, SignInLinkRow
from webapp.runtime.tokens import new_token, token_hash
from webapp.store.system.connection import Connection
from webapp.store.system.orm import session

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


OPERATOR = (
    OperatorRow.id,
    OperatorRow.email,
    OperatorRow.name,
    OperatorRow.role,
    OperatorRow.password_hash.is_not(None),
    OperatorRow.created_at,
    OperatorRow.disabled_at,
)
"""The columns of an `Operator`, in the order of its fields."""


def _first(conn: Connection, is_meant: ColumnElement[bool]) -> Operator | None:
    with session(conn) as orm:
        row = orm.execute(select(*OPERATOR).where(is_meant)).first()
    return None if row is None else Operator(*row)


def all_operators(conn: Connection) -> list[Operator]:
    """All operators, including disabled ones, by e-mail address."""
    with session(conn) as orm:
        return [Operator(*row) for row in orm.execute(select(*OPERATOR).order_by(OperatorRow.email))]


def operator(conn: Connection, operator_id: int) -> Operator | None:
    """One operator by number."""
    return _first(conn, OperatorRow.id == operator_id)


def operator_of_email(conn: Connection, email: str) -> Operator | None:
    """One operator by e-mail address, ignoring case."""
    return _first(conn, OperatorRow.email == spelled(email))


def spelled(email: str) -> str:
    """An e-mail address as it is stored: trimmed, in lower case."""
    return email.strip().lower()


def new_operator(conn: Connection, email: str, role: str, name: str = "") -> int | None:
    """Add an operator and give their number; None if the address is taken."""
    added = (
        insert(OperatorRow)
        .values(email=spelled(email), name=name, role=role)
        .on_conflict_do_nothing(index_elements=[OperatorRow.email])
        .returning(OperatorRow.id)
    )
    with session(conn) as orm:
        return orm.scalar(added)


def set_role(conn: Connection, operator_id: int, role: str) -> None:
    """Change an operator's role; it applies from their next request on."""
    with session(conn) as orm:
        orm.execute(update(OperatorRow).where(OperatorRow.id == operator_id).values(role=role))


def disable(conn: Connection, operator_id: int) -> None:
    """Lock an operator out at once: their sign-in links and sessions end, too."""
    enabled = and_(OperatorRow.id == operator_id, OperatorRow.disabled_at.is_(None))
    with session(conn) as orm:
        orm.execute(update(OperatorRow).where(enabled).values(disabled_at=func.clock_timestamp()))
        orm.execute(delete(OperatorSessionRow).where(OperatorSessionRow.operator_id == operator_id))
        orm.execute(delete(SignInLinkRow).where(_is_unused_link_of(operator_id)))


def enable(conn: Connection, operator_id: int) -> None:
    """Let a disabled operator sign in again."""
    with session(conn) as orm:
        orm.execute(update(OperatorRow).where(OperatorRow.id == operator_id).values(disabled_at=None))


def new_link(conn: Connection, operator_id: int) -> str:
    """Make a one-time sign-in token, valid for a day; it replaces unused ones of the same operator."""
    token = new_token()
    expires_at = func.clock_timestamp() + timedelta(hours=LINK_HOURS)
    with session(conn) as orm:
        orm.execute(delete(SignInLinkRow).where(_is_unused_link_of(operator_id)))
        orm.add(SignInLinkRow(token_hash=token_hash(token), operator_id=operator_id, expires_at=expires_at))
    return token


def _is_unused_link_of(operator_id: int) -> ColumnElement[bool]:
    return and_(SignInLinkRow.operator_id == operator_id, SignInLinkRow.used_at.is_(None))


def _is_valid_link(token: str) -> ColumnElement[bool]:
    return and_(
        SignInLinkRow.token_hash == token_hash(token),
        SignInLinkRow.used_at.is_(None),
        SignInLinkRow.expires_at > func.clock_timestamp(),
        OperatorRow.id == SignInLinkRow.operator_id,
        OperatorRow.disabled_at.is_(None),
    )


def operator_of_link(conn: Connection, token: str) -> Operator | None:
    """Whom a link would sign in, without using it up."""
    return _first(conn, _is_valid_link(token))


def spend_link(conn: Connection, token: str) -> Operator | None:
    """Use up a link and give whom it signs in; None if it was used, has expired or never existed.

    Two requests with the same link wait for each other at the update, and the second one gets None.
    """
    spent = (
        update(SignInLinkRow)
        .where(_is_valid_link(token))
        .values(used_at=func.clock_timestamp())
        .returning(SignInLinkRow.operator_id)
        .execution_options(synchronize_session=False)
    )
    with session(conn) as orm:
        operator_id = orm.scalar(spent)
    return None if operator_id is None else operator(conn, operator_id)
