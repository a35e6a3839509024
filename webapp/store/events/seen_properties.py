"""What real events have carried, by type and property, for the fact catalogue; and how often recent ones lack it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from psycopg.types.json import Jsonb

from engine.vocabulary.entry import SYSTEM_TYPE_PREFIX, Entry
from engine.vocabulary.fact import EVENT_PROPERTY, Catalogue, SeenProperty
from webapp.store.events.applied_entries import FIELDS, decode_json, entry_of
from webapp.store.rules import rule_versions
from webapp.store.system import settings
from webapp.store.system.connection import Connection

EXAMPLES_MAX = 5
EXAMPLE_LENGTH_MAX = 60
PROPERTIES_MAX = 60
SEARCHED_MAX = 3_000  # newest entries of the log that are searched for samples
SAMPLES_MAX = 300
GAPS_SEARCHED_MAX = 1_000  # newest entries of the log that are searched for events that may lack a property
GAP_SAMPLES_MAX = 200
GAP_SAMPLES_MIN = 20
"""With fewer events a share would mean nothing."""
NO_PROPERTY = ""  # stands for the type itself, which may carry none


def seen(conn: Connection) -> dict[str, dict[str, SeenProperty]]:
    """By event type and property: the kinds of values it had, and a few examples."""
    by_type: dict[str, dict[str, SeenProperty]] = {}
    for kind, name, kinds, examples in conn.execute("SELECT type, property, kinds, examples FROM seen_property"):
        properties = by_type.setdefault(kind, {})
        if name != NO_PROPERTY:
            properties[name] = SeenProperty(tuple(kinds), tuple(examples))
    return by_type


NEWEST = f"""
SELECT {FIELDS}, p.state FROM (SELECT * FROM entry ORDER BY received_on DESC, seq DESC LIMIT %s) e
JOIN app a ON a.id = e.app_id JOIN player p ON p.number = e.player
WHERE e.type NOT LIKE %s AND (%s::text[] IS NULL OR e.type = ANY(%s)) ORDER BY e.seq DESC LIMIT %s
"""


def newest(conn: Connection, types: Sequence[str] | None) -> list[tuple[Entry, bytes | None]]:
    """The newest events, of some types only or of all, each with its player's state as it is stored now."""
    chosen_types = None if types is None else list(types)
    rows = conn.execute(
        NEWEST, (SEARCHED_MAX, f"{SYSTEM_TYPE_PREFIX}%", chosen_types, chosen_types, SAMPLES_MAX), binary=True
    )
    return [(entry_of(row, 0), row[-1]) for row in rows]


SINCE = """
SELECT seq, type, payload FROM (SELECT seq, type, payload FROM entry
  WHERE received_on >= (clock_timestamp() AT TIME ZONE 'UTC')::date - 1 ORDER BY received_on DESC, seq DESC LIMIT %s) e
WHERE seq > %s AND type NOT LIKE %s
"""


LAST_SEQ = "noticed"
"""The setting that holds the number of the last event looked at."""


def notice(conn: Connection) -> int:
    """Note what events carried that came since the last time, at most the newest 300; returns how many they were."""
    last_seq = settings.read_locked(conn, LAST_SEQ) or 0
    rows = conn.execute(SINCE, (SAMPLES_MAX, last_seq, f"{SYSTEM_TYPE_PREFIX}%")).fetchall()
    if rows:
        note_seen(conn, [(kind, decode_json(payload)) for _, kind, payload in rows])
        settings.write(conn, LAST_SEQ, value=max(seq for seq, _, _ in rows))
    return len(rows)


def catalogue(conn: Connection) -> Catalogue:
    """The catalogue of all facts that a rule may ask about now, with the names of all rules, also of archived ones."""
    known = Catalogue.from_documents(rule_versions.documents_beside(conn, with_drafts=True), seen(conn))
    return replace(known, names=rule_versions.names(conn))


def note_seen(conn: Connection, events: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Record what a sample of events carried; the caller chooses how often."""
    seen_now: dict[tuple[str, str], tuple[set[str], list[Any]]] = {}
    for kind, properties in events:
        seen_now.setdefault((kind, NO_PROPERTY), (set(), []))
        for name, value in list(properties.items())[:PROPERTIES_MAX]:
            kinds, examples = seen_now.setdefault((kind, name), (set(), []))
            kinds.add(kind_of(value))
            if _is_example(value) and value not in examples and len(examples) < EXAMPLES_MAX:
                examples.append(value)
    for (kind, name), (kinds, examples) in sorted(seen_now.items()):
        conn.execute(NOTE, (kind, name, Jsonb(sorted(kinds)), Jsonb(examples)))


NOTE = """
INSERT INTO seen_property AS s (type, property, kinds, examples, count, last_seen)
VALUES (%s, %s, %s, %s, 1, clock_timestamp())
ON CONFLICT (type, property) DO UPDATE SET
  kinds = (SELECT coalesce(jsonb_agg(DISTINCT k ORDER BY k), '[]')
           FROM jsonb_array_elements(s.kinds || excluded.kinds) AS k),
  examples = CASE WHEN jsonb_array_length(s.examples) >= 5 THEN s.examples
             ELSE (SELECT coalesce(jsonb_agg(DISTINCT e), '[]')
                   FROM jsonb_array_elements(s.examples || excluded.examples) AS e) END,
  count = s.count + 1, last_seen = excluded.last_seen
"""


def kind_of(value: Any) -> str:
    """The kind of a JSON value as the catalogue names it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return "object"
    return "texts" if all(isinstance(item, str) for item in value) else "list"


def _is_example(value: Any) -> bool:
    return isinstance(value, (int, float, bool)) or (isinstance(value, str) and len(value) <= EXAMPLE_LENGTH_MAX)


NEWEST_PAYLOADS = """
SELECT payload FROM (SELECT type, payload FROM entry ORDER BY received_on DESC, seq DESC LIMIT %s) e
WHERE type NOT LIKE %s AND (%s::text[] IS NULL OR type = ANY(%s)) LIMIT %s
"""


def shares_lacking(conn: Connection, types: Sequence[str], paths: Sequence[str]) -> dict[str, float]:
    """By fact, the share of the newest events of these types that lack it, 0 to 1; empty where there are too few."""
    properties = [path for path in paths if path.startswith(EVENT_PROPERTY)]
    chosen_types = None if "*" in types else list(types)
    if not properties:
        return {}
    rows = conn.execute(
        NEWEST_PAYLOADS,
        (GAPS_SEARCHED_MAX, f"{SYSTEM_TYPE_PREFIX}%", chosen_types, chosen_types, GAP_SAMPLES_MAX),
        binary=True,
    ).fetchall()
    if len(rows) < GAP_SAMPLES_MIN:
        return {}
    events = [decode_json(row[0]) for row in rows]
    return {path: sum(_lacks(event, path) for event in events) / len(events) for path in properties}


def _lacks(properties: Mapping[str, Any], path: str) -> bool:
    value: Any = properties
    for step in path.removeprefix(EVENT_PROPERTY).split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value is None
