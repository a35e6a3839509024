"""What real events have carried, by type and property: it feeds the fact catalogue."""

from collections.abc import Iterable
from typing import Any

from psycopg.types.json import Jsonb

from engine.vocabulary.fact import Catalogue, SeenProperty
from webapp.store import rules
from webapp.store.connection import Connection

EXAMPLES_MAX = 5
EXAMPLE_LENGTH_MAX = 60
PROPERTIES_MAX = 60


def seen(conn: Connection) -> dict[str, dict[str, SeenProperty]]:
    """Event type → property → the kinds of value it had and a few examples."""
    found: dict[str, dict[str, SeenProperty]] = {}
    for kind, name, kinds, examples in conn.execute("SELECT type, property, kinds, examples FROM event_type_seen"):
        found.setdefault(kind, {})[name] = SeenProperty(tuple(kinds), tuple(examples))
    return found


def catalogue(conn: Connection) -> Catalogue:
    """The catalogue of all facts that a rule may ask about now."""
    return Catalogue.from_documents(rules.documents_beside(conn, with_drafts=True), seen(conn))


def note_seen(conn: Connection, events: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Take up what a sample of events carried; the caller chooses how often."""
    found: dict[tuple[str, str], tuple[set[str], list[Any]]] = {}
    for kind, properties in events:
        for name, value in list(properties.items())[:PROPERTIES_MAX]:
            kinds, examples = found.setdefault((kind, name), (set(), []))
            kinds.add(kind_of(value))
            if _is_example(value) and value not in examples and len(examples) < EXAMPLES_MAX:
                examples.append(value)
    for (kind, name), (kinds, examples) in sorted(found.items()):
        conn.execute(NOTE, (kind, name, Jsonb(sorted(kinds)), Jsonb(examples)))


NOTE = """
INSERT INTO event_type_seen AS s (type, property, kinds, examples, count, last_seen)
VALUES (%s, %s, %s, %s, 1, clock_timestamp())
ON CONFLICT (type, property) DO UPDATE SET
  kinds = (SELECT jsonb_agg(DISTINCT k ORDER BY k) FROM jsonb_array_elements(s.kinds || excluded.kinds) AS k),
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
    return "texts" if all(isinstance(each, str) for each in value) else "list"


def _is_example(value: Any) -> bool:
    return isinstance(value, (int, float, bool)) or (isinstance(value, str) and len(value) <= EXAMPLE_LENGTH_MAX)
