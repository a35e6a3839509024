"""Explanations: a live rule read against a player's own facts and the newest real event that fits it."""

from collections.abc import Sequence
from typing import Any, TypedDict

from engine.language.explain import Explanation, explain
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.entry import Entry
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.moment import rfc3339
from webapp.runtime.clock import now_micros
from webapp.store.events import seen_properties
from webapp.store.players import player_profiles
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection


class RuleExplanation(TypedDict):
    """Why a player got a rule's award, or why not yet; `trace` has each row of its condition with actual values."""

    player: str
    rule: str
    version: int
    kind: str
    name: str
    awarded: list[dict[str, Any]]
    judged_event: dict[str, Any] | None
    holds: bool
    missing: str
    trace: dict[str, Any] | None


def traces(conn: Connection, record: PlayerRecord, book: Rulebook, keys: Sequence[str]) -> dict[str, Explanation]:
    """How far a player meets the condition of each of these rules; rules without one, or not live, are left out."""
    documents = rule_versions.live_documents(conn) if keys else []
    conditions = {document["key"]: document.get("condition") for document in documents}
    explained = [key for key in keys if key in book.rules and conditions.get(key) is not None]
    known = seen_properties.catalogue(conn) if explained else Catalogue()
    entries = {events: _newest(conn, record, events) for events in {book.rules[key].events for key in explained}}
    contexts = {events: EvaluationContext(record.player, entry, book) for events, entry in entries.items()}
    return {
        key: explain(conditions[key], contexts[events].facts, known.for_events(events), "/condition")
        for key, events in ((key, book.rules[key].events) for key in explained)
    }


def _newest(conn: Connection, record: PlayerRecord, events: Sequence[str]) -> Entry:
    return player_profiles.newest_event(conn, record.number, list(events)) or _no_event(record)


def _no_event(record: PlayerRecord) -> Entry:
    now = now_micros()
    return Entry(0, 0, record.number, "laurel.none", "", "laurel", now, now, {})


def explanation(conn: Connection, record: PlayerRecord, book: Rulebook, key: str) -> RuleExplanation | None:
    """Everything that is to be said of one rule and one player; None where no such rule is live."""
    rule = book.rules.get(key)
    if rule is None:
        return None
    entry = player_profiles.newest_event(conn, record.number, list(rule.events))
    judged = traces(conn, record, book, [key]).get(key)
    badges = [badge for badge in player_profiles.badges(conn, record.number) if badge.badge == key]
    return {
        "player": record.id,
        "rule": key,
        "version": rule.version,
        "kind": rule.kind,
        "name": rule.name,
        "awarded": [
            {
                "at": badge.at.isoformat(),
                "event": badge.event,
                "rule_version": badge.rule_version,
                "period": badge.period,
            }
            for badge in badges
        ],
        "judged_event": None if entry is None else {"id": entry.event_id, "at": rfc3339(entry.occurred_at)},
        "holds": True if judged is None else judged.verdict,
        "missing": "" if judged is None else judged.missing,
        "trace": None if judged is None else judged.to_json()["root"],
    }
