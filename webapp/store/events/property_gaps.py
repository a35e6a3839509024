"""How often recent events lack a property: a condition on it does not hold for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.vocabulary.entry import SYSTEM_TYPE_PREFIX
from engine.vocabulary.fact import EVENT_PROPERTY
from webapp.store.events.history import decode_json
from webapp.store.system.connection import Connection

SEARCHED_MAX = 1_000  # newest entries of the log
SAMPLES_MAX = 200
SAMPLES_MIN = 20
"""With fewer events a share would mean nothing."""

NEWEST = """
SELECT payload FROM (SELECT type, payload FROM entry ORDER BY received_on DESC, seq DESC LIMIT %s) e
WHERE type NOT LIKE %s AND (%s::text[] IS NULL OR type = ANY(%s)) LIMIT %s
"""


def shares(conn: Connection, types: Sequence[str], paths: Sequence[str]) -> dict[str, float]:
    """By fact, the share of the newest events of these types that lack it, 0 to 1; empty where there are too few."""
    properties = [path for path in paths if path.startswith(EVENT_PROPERTY)]
    wanted = None if "*" in types else list(types)
    if not properties:
        return {}
    rows = conn.execute(
        NEWEST, (SEARCHED_MAX, f"{SYSTEM_TYPE_PREFIX}%", wanted, wanted, SAMPLES_MAX), binary=True
    ).fetchall()
    if len(rows) < SAMPLES_MIN:
        return {}
    events = [decode_json(row[0]) for row in rows]
    return {path: sum(_lacks(event, path) for event in events) / len(events) for path in properties}


def _lacks(properties: Mapping[str, Any], path: str) -> bool:
    value: Any = properties
    for step in path.removeprefix(EVENT_PROPERTY).split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value is None
