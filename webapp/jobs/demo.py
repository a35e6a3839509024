"""The demo: on the first start all that has happened is imported; the rest is then played as a trickle.

The trickle plays what is left of the data in its order, one event every few seconds, each as happening now: slower
or faster than the students were, so that there is something to see. It can be stopped and started again.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from rules_library import demo
from rules_library.demo import Submission
from webapp import clock
from webapp.config import Settings
from webapp.jobs import hints
from webapp.store import apps, entries
from webapp.store.connection import Connection, connect
from webapp.store.entries import NewEvent

APP = "demo"
KEY = "demo"
BATCH = 500
BACKLOG_MAX = 6_000  # about two seconds of work
TRICKLE_SECONDS = 3.0
LOOK_SECONDS = 2.0
canonical = msgspec.json.Encoder(order="sorted").encode


def state(conn: Connection) -> dict[str, Any]:
    """What the demo remembers: `status` (importing, playing, stopped or done), `weeks` moved, events `sent`."""
    row = conn.execute("SELECT value FROM setting WHERE key = %s", (KEY,)).fetchone()
    return dict(row[0]) if row else {}


def remember(conn: Connection, **changes: Any) -> dict[str, Any]:
    """Change what the demo remembers; the caller commits."""
    changed = {**state(conn), **changes}
    conn.execute(
        "INSERT INTO setting (key, value) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (KEY, Jsonb(changed)),
    )
    return changed


def stop(conn: Connection) -> None:
    """End the trickle after its present event; what was imported stays. The caller commits."""
    if state(conn).get("status") != "done":
        remember(conn, status="stopped")


def start(conn: Connection) -> None:
    """Let the trickle go on, or begin the demo. The caller commits."""
    known = state(conn)
    if known.get("status") != "done":
        remember(conn, status="playing" if known.get("imported") else "importing")


def main() -> None:
    """What the supervisor runs: import, then play until nothing is left; killed, the next run goes on from there."""
    settings = Settings.from_environment()
    with connect(settings.database_url) as conn:
        known = state(conn)
        if not known:
            weeks = demo.weeks_to(clock.now())
            known = remember(conn, status="importing", weeks=weeks, since=clock.now().isoformat(), sent=0)
        app = apps.ensure_app(conn, APP, "Demo")
        conn.commit()
    if not known.get("imported"):
        _import(settings, app, known)
    _play(settings, app)


def _import(settings: Settings, app: int, known: dict[str, Any]) -> None:
    """Append everything that had happened when the demo began; a second run appends nothing twice."""
    since = datetime.fromisoformat(known["since"])
    past = (each for each in demo.submissions(known["weeks"]) if each.occurred_at <= since)
    sent = 0
    for batch in _batches(past):
        _wait_for_room(settings)
        with connect(settings.database_url) as conn:
            if state(conn).get("status") == "stopped":
                return
            appended = entries.append(conn, app, [_event(each, each.occurred_at) for each in batch])
            sent += len(batch)
            remember(conn, sent=sent)
            conn.commit()
        hints.hint(settings, appended.shards)
    with connect(settings.database_url) as conn:
        remember(conn, status="playing", imported=True)
        conn.commit()


def _batches(events: Iterator[Submission]) -> Iterator[list[Submission]]:
    while batch := list(islice(events, BATCH)):
        yield batch


def _wait_for_room(settings: Settings) -> None:
    while True:
        with connect(settings.database_url) as conn:
            if entries.backlog(conn) < BACKLOG_MAX:
                return
        time.sleep(0.05)


def _play(settings: Settings, app: int) -> None:
    with connect(settings.database_url) as conn:
        known = state(conn)
    if not known.get("imported"):
        return
    rest = list(demo.submissions(known["weeks"]))[known["sent"] :]
    for place, each in enumerate(rest, start=known["sent"] + 1):
        _wait_while_stopped(settings)
        with connect(settings.database_url) as conn:
            appended = entries.append(conn, app, [_event(each, None)])
            remember(conn, sent=place)
            conn.commit()
        hints.hint(settings, appended.shards)
        time.sleep(TRICKLE_SECONDS)
    with connect(settings.database_url) as conn:
        remember(conn, status="done")
        conn.commit()


def _wait_while_stopped(settings: Settings) -> None:
    while True:
        with connect(settings.database_url) as conn:
            if state(conn).get("status") != "stopped":
                return
        time.sleep(LOOK_SECONDS)


def _event(each: Submission, occurred_at: datetime | None) -> NewEvent:
    moment = None if occurred_at is None else clock.to_micros(occurred_at)
    return NewEvent(each.id, each.type, each.player, moment, canonical(each.properties), None)


if __name__ == "__main__":
    main()
