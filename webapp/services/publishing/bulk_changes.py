"""Pauses or archives several rules at once: all that can be, or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.services.publishing import publish
from webapp.store.events import backlog
from webapp.store.rules import rule_versions
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection

COUNTED_UP_TO = 10_000
PAUSE, ARCHIVE = "pause", "archive"
_CHANGES = {PAUSE: publish.pause, ARCHIVE: publish.archive}


@dataclass(frozen=True, slots=True)
class BulkChange:
    """A change to some rules: which of them it affects, and what prevents it.

    `dependents` names rules that other live rules need, each with those. `waiting` is how many events wait to be
    applied.
    """

    verb: str
    affected: tuple[StoredRule, ...]
    unaffected: tuple[StoredRule, ...]
    dependents: tuple[tuple[str, list[str]], ...]
    waiting: int = 0

    @property
    def is_possible(self) -> bool:
        """Whether there is anything to change, and no other live rule needs it."""
        return bool(self.affected) and not self.dependents


def preview_change(conn: Connection, verb: str, keys: Sequence[str]) -> BulkChange:
    """What pausing or archiving the rules with these keys would do, as things are; nothing is written."""
    rules = [rule for key in dict.fromkeys(keys) if (rule := rule_versions.rule(conn, key))]
    affected = tuple(rule for rule in rules if _is_affected(verb, rule))
    unaffected = tuple(rule for rule in rules if rule not in affected)
    affected_keys, names = {rule.key for rule in affected}, rule_versions.names(conn)
    dependents = [
        (rule.name, [names[key] for key in publish.dependent_rules(conn, rule.key) if key not in affected_keys])
        for rule in affected
    ]
    waiting = backlog.measure(conn, COUNTED_UP_TO).waiting
    needed = tuple((name, needing) for name, needing in dependents if needing)
    return BulkChange(verb, affected, unaffected, needed, waiting)


def _is_affected(verb: str, rule: StoredRule) -> bool:
    return rule.status in {"live", "counting"} if verb == PAUSE else rule.status != "archived"


def change_rules(conn: Connection, verb: str, keys: Sequence[str], by: str) -> BulkChange:
    """Pause or archive the rules with these keys, and commit; if the returned change is not possible, none of them."""
    rule_versions.lock(conn)
    change = preview_change(conn, verb, keys)
    if change.is_possible:
        for rule in change.affected:
            _CHANGES[verb](conn, rule.key, by)
        conn.commit()
    return change
