"""The demo: on the first start the past is imported; the remaining events are then sent as a trickle.

The trickle sends the rest of the data in order, each event as if it happened now: faster than the students worked, so
that there is something to see. It can be stopped and started again.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from rules_library import demo
from rules_library.demo import Submission
from webapp.config import Settings
from webapp.queue import wakeups
from webapp.runtime import clock
from webapp.services.demo.demo_campaign import open_demo_campaign
from webapp.services.pipeline.bulk_import import BATCH, Importer
from webapp.store.events import event_log
from webapp.store.events.event_log import NewEvent
from webapp.store.people import apps, audit
from webapp.store.system import settings as store_settings
from webapp.store.system.connection import Connection, connect

APP = "demo"
KEY = "demo"
CHECK_SECONDS = 1.0
NOT_BEGUN, STOPPED, IMPORTING, PLAYING, DONE = "not begun", "stopped", "importing", "playing", "done"
_encode = msgspec.json.Encoder(order="deterministic").encode


def demo_state(conn: Connection) -> dict[str, Any]:
    """The demo's settings row; `status` sums it up, and is its only member before the first start.

    The data is moved by `weeks` and has run `since` a moment; `sent` of `total` events are sent, of which `past` are
    imported; the rest is `faster` than it happened.
    """
    state: dict[str, Any] = store_settings.read(conn, KEY) or {}
    return state | {"status": _status(state)}


def _status(state: dict[str, Any]) -> str:
    if "weeks" not in state:
        return STOPPED if state.get("is_stopped") else NOT_BEGUN
    if state["sent"] >= state["total"]:
        return DONE
    if state.get("is_stopped"):
        return STOPPED
    return IMPORTING if state["sent"] < state["past"] else PLAYING


def save_demo_state(conn: Connection, **changes: Any) -> None:
    """Change some members of the demo's settings row and leave the others; the caller commits."""
    store_settings.merge(conn, KEY, changes)


def stop_demo(settings: Settings, by: str) -> None:
    """Send nothing more until it is started again; what was sent stays."""
    _switch_demo(settings, "demo.stop", by, is_stopped=True)


def start_demo(settings: Settings, by: str) -> None:
    """Resume it wherever `laurel up` runs with its demo."""
    _switch_demo(settings, "demo.go-on", by, is_stopped=False)


def _switch_demo(settings: Settings, action: str, by: str, *, is_stopped: bool) -> None:
    with connect(settings.database_url) as conn:
        save_demo_state(conn, is_stopped=is_stopped)
        audit.note(conn, by, action, KEY)
        conn.commit()


def main() -> None:
    """What the supervisor runs: open the campaign, import, trickle. A run that is killed is continued by the next."""
    settings = Settings.from_environment()
    app = _begin(settings)
    open_demo_campaign(settings)
    send_demo_events(settings, app)


def _begin(settings: Settings) -> int:
    """Fix, the first time, by how many weeks the data moves and how much of it is past; returns the app's id."""
    with connect(settings.database_url) as conn:
        app = apps.ensure_app(conn, APP, "Demo")
        if "weeks" not in demo_state(conn):
            now = clock.now()
            weeks = demo.weeks_to(now)
            moments = [submission.occurred_at for submission in demo.submissions(weeks)]
            past = sum(moment <= now for moment in moments)
            faster = demo.faster(moments[past:])
            save_demo_state(
                conn, weeks=weeks, since=now.isoformat(), sent=0, past=past, total=len(moments), faster=faster
            )
        conn.commit()
    return app


def send_demo_events(settings: Settings, app: int) -> None:
    """Import the rest of the past, then send the remaining events one by one."""
    with connect(settings.database_url) as conn:
        state = demo_state(conn)
    sent, past = state["sent"], state["past"]
    remaining = islice(demo.submissions(state["weeks"]), sent, None)
    importer = Importer(settings, app)
    while sent < past:
        batch = list(islice(remaining, min(BATCH, past - sent)))
        _wait_while_stopped(settings)
        importer.send([new_event(submission, submission.occurred_at) for submission in batch])
        sent += len(batch)
        with connect(settings.database_url) as conn:
            save_demo_state(conn, sent=sent)
            conn.commit()
    _trickle(settings, app, sent, list(remaining))


def _trickle(settings: Settings, app: int, sent: int, remaining: Sequence[Submission]) -> None:
    """Send one by one what had not happened when the demo began, each as if it happened now."""
    pauses = demo.pauses([submission.occurred_at for submission in remaining])
    for number, (submission, seconds) in enumerate(zip(remaining, pauses, strict=True), start=sent + 1):
        _pause(settings, seconds)
        with connect(settings.database_url) as conn:
            appended = event_log.append(conn, app, [new_event(submission, None)])
            save_demo_state(conn, sent=number)
            conn.commit()
        wakeups.hint(settings, appended.shards)


def _pause(settings: Settings, seconds: float) -> None:
    """Wait for some seconds, and for as long as the demo is stopped."""
    ends_at = time.monotonic() + seconds
    while (left := ends_at - time.monotonic()) > 0:
        time.sleep(min(CHECK_SECONDS, left))
    _wait_while_stopped(settings)


def _wait_while_stopped(settings: Settings) -> None:
    while _is_stopped(settings):
        time.sleep(CHECK_SECONDS)


def _is_stopped(settings: Settings) -> bool:
    with connect(settings.database_url) as conn:
        return bool(demo_state(conn).get("is_stopped"))


def new_event(submission: Submission, occurred_at: datetime | None) -> NewEvent:
    """The event as the API would accept it; without a moment it happens when it is received."""
    moment = None if occurred_at is None else clock.to_micros(occurred_at)
    properties = {name: _as_integer(value) for name, value in submission.properties.items()}
    return NewEvent(submission.id, submission.type, submission.player, moment, _encode(properties), None)


def _as_integer(value: Any) -> Any:
    """1.0 becomes 1: the log holds one form of a number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


if __name__ == "__main__":
    main()
