"""Why, or why not yet: one rule read against one player, in rows that a page can show."""

from dataclasses import dataclass
from datetime import datetime

from engine.scoring.rulebook.rulebook import Rulebook
from webapp.pages.condition_rows import Seen, rows_of
from webapp.services.players import explanations
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Awarded:
    """Once that the player got it: when, by which event, by which version."""

    at: datetime
    event: str
    version: int | None
    period: str


@dataclass(frozen=True, slots=True)
class Why:
    """Everything a page says about one rule and one player."""

    key: str
    name: str
    kind: str
    version: int
    holds: bool
    missing: str
    judged: str
    awarded: tuple[Awarded, ...]
    tree: tuple[Seen, ...]


def why(conn: Connection, found: PlayerRecord, book: Rulebook, key: str) -> Why | None:
    """The explanation of a rule for a player; None where no such rule is live."""
    told = explanations.explanation(conn, found, book, key)
    if told is None:
        return None
    rule = rule_versions.rule(conn, key)
    awarded = (
        Awarded(datetime.fromisoformat(each["at"]), each["event"], each["rule_version"], each["period"])
        for each in told["awarded"]
    )
    return Why(
        key=key,
        name=told["name"],
        kind=told["kind"],
        version=told["version"],
        holds=told["holds"],
        missing=told["missing"],
        judged=(told["judged_event"] or {}).get("id", ""),
        awarded=tuple(awarded),
        tree=rows_of(told["trace"], rule.document if rule else {}) if told["trace"] else (),
    )
