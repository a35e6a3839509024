"""The demo: on the first start all that has happened is imported; the rest is then played as a trickle.

The trickle plays what is left of the data in its order, each event as happening now: faster than the students were,
so that there is something to see. It can be stopped and started again.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from rules_library import demo
from rules_library.demo import Submission
from webapp.config import Settings
from webapp.queue import wakeups
from webapp.runtime import clock
from webapp.services.demo.demo_campaign import open_demo_campaign
from webapp.services.pipeline.bulk_import import BATCH, Importer
from webapp.store.events import event_log
from webapp.store.events.event_log import NewEvent
from webapp.store.people import apps
from webapp.store.system.connection import Connection, connect

APP = "demo"
KEY = "demo"
LOOK_SECONDS = 1.0
NOT_BEGUN, STOPPED, IMPORTING, PLAYING, DONE = "not begun", "stopped", "importing", "playing", "done"
_encode = msgspec.json.Encoder(order="deterministic").encode


def demo_state(conn: Connection) -> dict[str, Any]:
    """What the demo remembers; `status` sums it up. Empty but for that before the first start.

    `weeks` it was moved, `since` when, `sent` of `total` events, `past` of them imported, `faster` than it happened.
    """
    row = conn.execute("SELECT value FROM setting WHERE key = %s", (KEY,)).fetchone()
    known: dict[str, Any] = dict(row[0]) if row else {}
    return known | {"status": _status(known)}


def _status(known: dict[str, Any]) -> str:
    if "weeks" not in known:
        return STOPPED if known.get("is_stopped") else NOT_BEGUN
    if known["sent"] >= known["total"]:
        return DONE
    if known.get("is_stopped"):
        return STOPPED
    return IMPORTING if known["sent"] < known["past"] else PLAYING


def save_demo_state(conn: Connection, **changes: Any) -> None:
    """Change some of what the demo remembers and leave the rest to others; the caller commits."""
    conn.execute(
        "INSERT INTO setting (key, value) VALUES (%s, %s)"
        " ON CONFLICT (key) DO UPDATE SET value = setting.value || excluded.value",
        (KEY, Jsonb(changes)),
    )


def stop_demo(conn: Connection) -> None:
    """Send nothing more until it is started again; what was sent stays. The caller commits."""
    save_demo_state(conn, is_stopped=True)


def start_demo(conn: Connection) -> None:
    """Let it go on, wherever `laurel up` runs with its demo. The caller commits."""
    save_demo_state(conn, is_stopped=False)


def main() -> None:
    """What the supervisor runs: open the campaign, import, play; killed, the next run goes on from there."""
    settings = Settings.from_environment()
    app = _begin(settings)
    open_demo_campaign(settings)
    send_demo_events(settings, app)


def _begin(settings: Settings) -> int:
    """Fix, the first time, by how many weeks the data moves and how much of it is past. Gives the app's number."""
    with connect(settings.database_url) as conn:
        app = apps.ensure_app(conn, APP, "Demo")
        if "weeks" not in demo_state(conn):
            now = clock.now()
            weeks = demo.weeks_to(now)
            moments = [each.occurred_at for each in demo.submissions(weeks)]
            past = sum(moment <= now for moment in moments)
            faster = demo.faster(moments[past:])
            save_demo_state(
                conn, weeks=weeks, since=now.isoformat(), sent=0, past=past, total=len(moments), faster=faster
            )
        conn.commit()
    return app


def send_demo_events(settings: Settings, app: int) -> None:
    """Send what is left."""
    with connect(settings.database_url) as conn:
        known = demo_state(conn)
    left = islice(demo.submissions(known["weeks"]), known["sent"], None)
    importer = Importer(settings, app)
    while known["sent"] < known["past"]:
        batch = list(islice(left, min(BATCH, known["past"] - known["sent"])))
        _wait_while_stopped(settings)
        importer.send([new_event(each, each.occurred_at) for each in batch])
        known["sent"] += len(batch)
        with connect(settings.database_url) as conn:
            save_demo_state(conn, sent=known["sent"])
            conn.commit()
    _play(settings, app, known["sent"], list(left))


def _play(settings: Settings, app: int, sent: int, rest: Sequence[Submission]) -> None:
    """Send one by one what had not happened when the demo began, each as happening now."""
    pauses = demo.pauses([each.occurred_at for each in rest])
    for place, (each, seconds) in enumerate(zip(rest, pauses, strict=True), start=sent + 1):
        _rest(settings, seconds)
        with connect(settings.database_url) as conn:
            appended = event_log.append(conn, app, [new_event(each, None)])
            save_demo_state(conn, sent=place)
            conn.commit()
        wakeups.hint(settings, appended.shards)


def _rest(settings: Settings, seconds: float) -> None:
    """Wait so long, and for as long as the demo is stopped."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        time.sleep(min(LOOK_SECONDS, left))
    _wait_while_stopped(settings)


def _wait_while_stopped(settings: Settings) -> None:
    while _is_stopped(settings):
        time.sleep(LOOK_SECONDS)


def _is_stopped(settings: Settings) -> bool:
    with connect(settings.database_url) as conn:
        return bool(demo_state(conn).get("is_stopped"))


def new_event(each: Submission, occurred_at: datetime | None) -> NewEvent:
    """The event as the API would take it in; without a moment it happens when it is received."""
    moment = None if occurred_at is None else clock.to_micros(occurred_at)
    whole = {name: _settled(value) for name, value in each.properties.items()}
    return NewEvent(each.id, each.type, each.player, moment, _encode(whole), None)


def _settled(value: Any) -> Any:
    """1.0 and 1 are one number in the log."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


if __name__ == "__main__":
    main()
