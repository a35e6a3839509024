"""Why, or why not yet: one rule read against one player, in rows that a page can show."""

from dataclasses import dataclass
from datetime import datetime

from engine.scoring.rulebook.rulebook import Rulebook
from webapp.pages.condition_rows import ConditionLine, rows_of
from webapp.services.players import explanations
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class PastAward:
    """One award of the rule to the player: when, for which event, by which version."""

    at: datetime
    event: str
    version: int | None
    period: str


@dataclass(frozen=True, slots=True)
class PlayerExplanation:
    """Everything a page says about one rule and one player; `judged` is the id of the event it was evaluated with."""

    key: str
    name: str
    kind: str
    version: int
    holds: bool
    missing: str
    judged: str
    awards: tuple[PastAward, ...]
    tree: tuple[ConditionLine, ...]


def explain_for_player(conn: Connection, record: PlayerRecord, book: Rulebook, key: str) -> PlayerExplanation | None:
    """The explanation of a rule for a player; None where no such rule is live."""
    explanation = explanations.explanation(conn, record, book, key)
    if explanation is None:
        return None
    rule = rule_versions.rule(conn, key)
    awards = (
        PastAward(datetime.fromisoformat(award["at"]), award["event"], award["rule_version"], award["period"])
        for award in explanation["awarded"]
    )
    trace = explanation["trace"]
    return PlayerExplanation(
        key=key,
        name=explanation["name"],
        kind=explanation["kind"],
        version=explanation["version"],
        holds=explanation["holds"],
        missing=explanation["missing"],
        judged=(explanation["judged_event"] or {}).get("id", ""),
        awards=tuple(awards),
        tree=rows_of(trace, rule.document if rule else {}) if trace else (),
    )
