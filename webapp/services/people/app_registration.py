"""Registers the apps that send events; the ids of events are unique within an app."""

from webapp.config import Settings
from webapp.store.people import apps, audit
from webapp.store.system.connection import connect


class AppExists(Exception):  # noqa: N818  (it names the app's state)
    """There is an app with this key already."""


def register_app(settings: Settings, key: str, name: str, by: str) -> None:
    """Register an app, which has no keys yet. Raises AppExists."""
    with connect(settings.database_url) as conn:
        if apps.app_id(conn, key) is not None:
            raise AppExists(key)
        apps.ensure_app(conn, key, name)
        audit.note(conn, by, "app.made", key, after={"name": name})
        conn.commit()
