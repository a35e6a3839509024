"""The first steps: a first event can be sent for somebody, and the list of steps can be put away."""

from secrets import token_hex

from webapp.config import Settings
from webapp.queue import wakeups
from webapp.store.events import event_log
from webapp.store.events.event_log import NewEvent
from webapp.store.people import apps
from webapp.store.system import settings as store_settings
from webapp.store.system.connection import Connection, connect

PLAYER = "ada"
EVENT_TYPE = "lesson_completed"
DISMISSED = "first_steps_dismissed"


def first_event_id() -> str:
    """A fresh id for a first event, by which a page recognises it when it arrives."""
    return f"first-{token_hex(4)}"


def send_first_event(settings: Settings) -> str:
    """Send a first event into the default app, as an app would, and return its id."""
    event = NewEvent(first_event_id(), EVENT_TYPE, PLAYER, None, b"{}", None)
    with connect(settings.database_url) as conn:
        appended = event_log.append(conn, apps.ensure_app(conn, apps.DEFAULT_APP), [event])
        conn.commit()
    wakeups.hint(settings, appended.shards)
    return event.id


def are_first_steps_dismissed(conn: Connection) -> bool:
    """Whether somebody put the list of first steps away."""
    return bool(store_settings.read(conn, DISMISSED))


def dismiss_first_steps(settings: Settings) -> None:
    """Put the list of first steps away, for everybody."""
    with connect(settings.database_url) as conn:
        store_settings.write(conn, DISMISSED, value=True)
        conn.commit()
