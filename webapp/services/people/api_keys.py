"""Creates and revokes API keys."""

from collections.abc import Sequence

from webapp.config import Settings
from webapp.store.people import apps, audit
from webapp.store.system.connection import connect


def create_api_key(settings: Settings, app: str, name: str, scopes: Sequence[str], by: str) -> str:
    """Create a key of an app, which is created if it is new; return the secret, which is not stored."""
    with connect(settings.database_url) as conn:
        number, secret = apps.new_key(conn, apps.ensure_app(conn, app), name, list(scopes))
        audit.note(conn, by, "key.made", name, after={"key": number, "app": app, "scopes": list(scopes)})
        conn.commit()
    return secret


def revoke_api_key(settings: Settings, number: int, by: str) -> bool:
    """Revoke a key, from its next request on; False if there is no such live key."""
    with connect(settings.database_url) as conn:
        if not apps.revoke_key(conn, number):
            return False
        name = next(key.name for key in apps.keys(conn) if key.id == number)
        audit.note(conn, by, "key.revoked", name, before={"key": number})
        conn.commit()
    return True
