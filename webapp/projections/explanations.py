"""Explanations: a live rule read against a player's own facts and the newest real event that fits it."""

from typing import Any

from engine.earning.rulebook import Rulebook
from engine.earning.scene import Scene
from engine.logic.explain import Trace, explain
from engine.vocabulary.entry import Entry
from engine.vocabulary.moment import rfc3339
from webapp.clock import now_micros
from webapp.store import facts, portraits, rules
from webapp.store.connection import Connection
from webapp.store.portraits import Found


def trace(conn: Connection, found: Found, book: Rulebook, key: str) -> Trace | None:
    """How each condition of a rule stands for a player; None where the rule has no condition or is not live."""
    rule, stored = book.rules.get(key), rules.rule(conn, key)
    condition = stored.document.get("condition") if stored else None
    if rule is None or condition is None:
        return None
    entry = portraits.newest_event(conn, found.number, list(rule.events)) or _no_event(found)
    scene = Scene(found.player, entry, book)
    return explain(condition, scene.facts, facts.catalogue(conn).for_events(rule.events), "/condition")


def _no_event(found: Found) -> Entry:
    now = now_micros()
    return Entry(0, 0, found.number, "laurel.none", "", "laurel", now, now, {})


def explanation(conn: Connection, found: Found, book: Rulebook, key: str) -> dict[str, Any] | None:
    """Everything that is to be said of one rule and one player; None where no such rule is live."""
    rule = book.rules.get(key)
    if rule is None:
        return None
    entry = portraits.newest_event(conn, found.number, list(rule.events))
    judged = trace(conn, found, book, key)
    held = [each for each in portraits.badges(conn, found.number) if each.badge == key]
    return {
        "player": found.id,
        "rule": key,
        "version": rule.version,
        "kind": rule.kind,
        "name": rule.name,
        "awarded": [
            {"at": each.at.isoformat(), "event": each.event, "rule_version": each.rule_version, "period": each.period}
            for each in held
        ],
        "judged_event": None if entry is None else {"id": entry.event_id, "at": rfc3339(entry.occurred_at)},
        "holds": True if judged is None else judged.verdict,
        "missing": "" if judged is None else judged.missing,
        "trace": None if judged is None else judged.to_json()["root"],
    }
