"""Apps and their API keys: a key is shown once and kept as a hash."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Integer, LargeBinary, any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from webapp.models import ApiKeyRow, AppRow
from webapp.runtime import clock
from webapp.runtime.tokens import new_token, token_hash
from webapp.store.system.compiled_statements import CompiledStatement
from webapp.store.system.connection import Connection
from webapp.store.system.orm import session

DEFAULT_APP = "default"
OWN_APP = "laurel"
PREFIX_LENGTH = 14
SCOPES = (
    "events:write",
    "players:read",
    "players:write",
    "players:grant",
    "players:erase",
    "leaderboards:read",
    "plays:write",
    "campaigns:read",
    "coupons:read",
    "coupons:redeem",
    "rewards:redeem",
    "rules:read",
    "rules:write",
    "admin",
)


@dataclass(frozen=True, slots=True)
class App:
    """A source of events; ids of events are unique within it."""

    id: int
    key: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key: never the key itself."""

    id: int
    app_id: int
    app: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def may(self, scope: str) -> bool:
        """Whether this key carries the scope; `admin` carries all."""
        return scope in self.scopes or "admin" in self.scopes


def all_apps(conn: Connection) -> list[App]:
    """Every app that can have keys, oldest first."""
    with session(conn) as orm:
        rows = orm.scalars(select(AppRow).where(AppRow.key != OWN_APP).order_by(AppRow.id))
        return [App(row.id, row.key, row.name, row.created_at) for row in rows]


def app_id(conn: Connection, key: str) -> int | None:
    """The number of an app, None if there is none with this key."""
    with session(conn) as orm:
        return orm.scalar(select(AppRow.id).where(AppRow.key == key))


def ensure_app(conn: Connection, key: str, name: str | None = None) -> int:
    """The number of the app with this key, created if it is new."""
    with session(conn) as orm:
        orm.execute(insert(AppRow).values(key=key, name=name or key).on_conflict_do_nothing())
    number = app_id(conn, key)
    assert number is not None
    return number


def new_key(conn: Connection, app: int, name: str, scopes: list[str]) -> tuple[int, str]:
    """Create a key; gives its number and the key itself, which is stored only as a hash."""
    secret = f"laurel_{new_token()}"
    row = ApiKeyRow(
        app_id=app,
        name=name,
        prefix=secret[:PREFIX_LENGTH],
        secret_hash=token_hash(secret),
        scopes=sorted(scopes),
    )
    with session(conn) as orm:
        orm.add(row)
    return row.id, secret


# Every API request runs it.
LIVE_KEYS = CompiledStatement(
    select(
        ApiKeyRow.secret_hash,
        ApiKeyRow.id,
        ApiKeyRow.app_id,
        AppRow.key,
        ApiKeyRow.name,
        ApiKeyRow.prefix,
        ApiKeyRow.scopes,
        ApiKeyRow.created_at,
        ApiKeyRow.last_used_at,
        ApiKeyRow.revoked_at,
    )
    .join(ApiKeyRow.app)
    .where(
        ApiKeyRow.secret_hash == any_(bindparam("hashes", type_=ARRAY(LargeBinary))),
        ApiKeyRow.revoked_at.is_(None),
    )
)


def key_of_secret(conn: Connection, secret: str) -> ApiKey | None:
    """The live key that this secret belongs to."""
    return keys_of_secrets(conn, {secret}).get(secret)


def keys_of_secrets(conn: Connection, secrets: Iterable[str]) -> dict[str, ApiKey]:
    """The live keys that these secrets belong to; secrets of none are left out."""
    hashes = {token_hash(secret): secret for secret in secrets}
    live_keys = {}
    for secret_hash, *values in LIVE_KEYS.rows(conn, hashes=list(hashes)):
        key = ApiKey(*values)
        live_keys[hashes[secret_hash]] = replace(key, scopes=tuple(key.scopes))
    return live_keys


def was_revoked(conn: Connection, secret: str) -> bool:
    """Whether this secret belongs to a key that was revoked."""
    query = select(ApiKeyRow.id).where(ApiKeyRow.secret_hash == token_hash(secret), ApiKeyRow.revoked_at.is_not(None))
    with session(conn) as orm:
        return orm.scalar(query) is not None


LIVE_AMONG = CompiledStatement(
    select(ApiKeyRow.id).where(
        ApiKeyRow.id == any_(bindparam("ids", type_=ARRAY(Integer))), ApiKeyRow.revoked_at.is_(None)
    )
)


def live_among(conn: Connection, key_ids: Iterable[int]) -> set[int]:
    """Those of these keys that are not revoked."""
    return {row[0] for row in LIVE_AMONG.rows(conn, ids=list(set(key_ids)))}


def keys(conn: Connection, app: int | None = None) -> list[ApiKey]:
    """All keys, of one app or of every app, newest first; revoked ones stay listed."""
    query = select(ApiKeyRow).order_by(ApiKeyRow.id.desc())
    if app is not None:
        query = query.where(ApiKeyRow.app_id == app)
    with session(conn) as orm:
        return [_api_key(row) for row in orm.scalars(query)]


def _api_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        row.id,
        row.app_id,
        row.app.key,
        row.name,
        row.prefix,
        tuple(row.scopes),
        row.created_at,
        row.last_used_at,
        row.revoked_at,
    )


def revoke_key(conn: Connection, key_id: int) -> bool:
    """Revoke a key from its next request on; False if it was not live."""
    revoked = (
        update(ApiKeyRow)
        .where(ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(ApiKeyRow.id)
    )
    with session(conn) as orm:
        return orm.scalar(revoked) is not None


def is_use_due(key: ApiKey) -> bool:
    """Whether a use of this key is worth noting; by this machine's clock, for nothing depends on it."""
    return key.last_used_at is None or clock.now() - key.last_used_at > timedelta(minutes=1)


def note_use(conn: Connection, key_id: int) -> None:
    """Remember that a key was used, at most once a minute."""
    now, last_used_at = func.clock_timestamp(), ApiKeyRow.last_used_at
    is_stale = or_(last_used_at.is_(None), last_used_at < now - timedelta(minutes=1))
    with session(conn) as orm:
        orm.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id, is_stale).values(last_used_at=now))
