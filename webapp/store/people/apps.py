"""Apps and their API keys: a key is shown once and kept as a hash."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.runtime import clock
from webapp.runtime.tokens import new_token, token_hash
from webapp.store.system.connection import Connection

DEFAULT_APP = "default"
OWN_APP = "laurel"
PREFIX_LENGTH = 14
SCOPES = (
    "events:write",
    "players:read",
    "players:write",
    "leaderboards:read",
    "plays:write",
    "campaigns:read",
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
    """Every app that may have keys, the oldest first."""
    rows = conn.execute("SELECT id, key, name, created_at FROM app WHERE key <> %s ORDER BY id", (OWN_APP,))
    return [App(*row) for row in rows]


def app_id(conn: Connection, key: str) -> int | None:
    """The number of an app, None where there is no such app."""
    row = conn.execute("SELECT id FROM app WHERE key = %s", (key,)).fetchone()
    return None if row is None else int(row[0])


def ensure_app(conn: Connection, key: str, name: str | None = None) -> int:
    """The number of the app of that key, made now if it is new."""
    conn.execute("INSERT INTO app (key, name) VALUES (%s, %s) ON CONFLICT DO NOTHING", (key, name or key))
    found = app_id(conn, key)
    assert found is not None
    return found


def new_key(conn: Connection, app: int, name: str, scopes: list[str]) -> tuple[int, str]:
    """Make a key; gives its number and the key itself, which cannot be had again."""
    secret = f"laurel_{new_token()}"
    row = conn.execute(
        "INSERT INTO api_key (app_id, name, prefix, secret_hash, scopes) VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (app, name, secret[:PREFIX_LENGTH], token_hash(secret), sorted(scopes)),
    ).fetchone()
    assert row is not None
    return int(row[0]), secret


COLUMNS = "k.id, k.app_id, a.key, k.name, k.prefix, k.scopes, k.created_at, k.last_used_at, k.revoked_at"


def key_of_secret(conn: Connection, secret: str) -> ApiKey | None:
    """The live key that this secret belongs to."""
    return keys_of_secrets(conn, {secret}).get(secret)


def keys_of_secrets(conn: Connection, secrets: Iterable[str]) -> dict[str, ApiKey]:
    """The live keys that these secrets belong to; secrets of none are left out."""
    hashes = {token_hash(secret): secret for secret in secrets}
    rows = conn.execute(
        f"SELECT {COLUMNS}, k.secret_hash FROM api_key k JOIN app a ON a.id = k.app_id"
        " WHERE k.secret_hash = ANY(%s) AND k.revoked_at IS NULL",
        (list(hashes),),
    )
    return {hashes[bytes(row[-1])]: _key(row[:-1]) for row in rows}


def keys(conn: Connection, app: int | None = None) -> list[ApiKey]:
    """All keys, of one app or of every app, the newest first; revoked ones stay listed."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM api_key k JOIN app a ON a.id = k.app_id"
        " WHERE %s::int IS NULL OR a.id = %s ORDER BY k.id DESC",
        (app, app),
    )
    return [_key(row) for row in rows]


def _key(row: tuple[object, ...]) -> ApiKey:
    values = list(row)
    values[5] = tuple(values[5])  # type: ignore[arg-type]  # text[] arrives as a list
    return ApiKey(*values)  # type: ignore[arg-type]  # in the order of COLUMNS


def revoke_key(conn: Connection, key_id: int) -> bool:
    """End a key from its next request on; False where it was not live."""
    row = conn.execute(
        "UPDATE api_key SET revoked_at = clock_timestamp() WHERE id = %s AND revoked_at IS NULL RETURNING id", (key_id,)
    ).fetchone()
    return row is not None


def is_use_due(key: ApiKey) -> bool:
    """Whether a use of this key is worth noting; by this machine's clock, for nothing depends on it."""
    return key.last_used_at is None or clock.now() - key.last_used_at > timedelta(minutes=1)


def note_use(conn: Connection, key_id: int) -> None:
    """Remember that a key was used, at most once a minute."""
    conn.execute(
        "UPDATE api_key SET last_used_at = clock_timestamp() WHERE id = %s"
        " AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')",
        (key_id,),
    )
