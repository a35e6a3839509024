"""Why, why not yet, and what comes next: one rule and one player, in words and rows that a page can show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from engine.kinds import KINDS
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.pages.condition_rows import ConditionLine, rows_of
from webapp.pages.formats import granted_amounts, number
from webapp.pages.grant_words import level_text, origin_text
from webapp.services.players import explanations
from webapp.services.players.explanations import AwardView, NextAward, RuleExplanation
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

AWARDS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class PastAward:
    """One award: when, by which event and version, and what it came to; `id` is that of the entry.

    `revoked` says when it was taken back, None if it was not. The award that is explained has `rows` as they were, and
    `origins` of its amounts.
    """

    at: datetime
    id: str
    event: str
    version: int | None
    amounts: str
    reason: str | None
    revoked: datetime | None
    revocation_reason: str | None
    is_explained: bool
    rows: tuple[ConditionLine, ...]
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayerExplanation:
    """Everything a page says about one rule and one player.

    `needed` is what the condition still needs. `rows` are the condition as it stands now, empty where the award is
    final: then only what was counts. `is_judged` is whether events are judged by the rule.
    """

    key: str
    name: str
    version: int
    status: str
    needed: str
    judged: str
    awards: tuple[PastAward, ...]
    has_more_awards: bool
    next: NextAward
    rows: tuple[ConditionLine, ...]
    is_judged: bool

    @property
    def is_final(self) -> bool:
        """Whether no event will bring the award (again)."""
        return self.next["verdict"] == "never"

    @property
    def title(self) -> str:
        """What the card answers."""
        return "Why?" if self.awards else "Why not yet?" if self.is_judged else "How it stands"


def explain_for_player(
    conn: Connection,
    record: PlayerRecord,
    book: Rulebook,
    key: str,
    event: str | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> PlayerExplanation | None:
    """The explanation of a rule for a player, with the award that `event` brought; None for an unknown rule."""
    explanation = explanations.explanation(conn, record, book, key, event)
    if explanation is None:
        return None
    awards = explanation["awarded"]
    explained = next((index for index, award in enumerate(awards) if "trace" in award), 0)
    award_views = [_past_award(conn, key, award, names) for award in awards]
    rows = _rows_of_now(conn, explanation)
    first = max(0, min(explained, len(awards) - AWARDS_SHOWN))
    return PlayerExplanation(
        key=key,
        name=explanation["name"],
        version=explanation["version"],
        status=explanation["status"],
        needed="" if explanation["holds"] else explanation["missing"],
        judged=(explanation["judged_event"] or {}).get("id", ""),
        awards=tuple(award_views[first : first + AWARDS_SHOWN]),
        has_more_awards=len(awards) > AWARDS_SHOWN,
        next=explanation["next"],
        # The same rows a second time would say nothing new.
        rows=() if any(award.rows == rows for award in award_views) else rows,
        is_judged=KINDS[explanation["kind"]].judges_events,
    )


def _rows_of_now(conn: Connection, explanation: RuleExplanation) -> tuple[ConditionLine, ...]:
    if explanation["trace"] is None or explanation["next"]["verdict"] == "never":
        return ()
    rule = rule_versions.rule(conn, explanation["rule"])
    return rows_of(explanation["trace"], rule.document if rule else {})


def _past_award(conn: Connection, key: str, award: AwardView, names: Mapping[str, str]) -> PastAward:
    trace, version = award.get("trace"), award["rule_version"]
    document = rule_versions.document(conn, key, version) if trace and version else None
    revoked = award["revoked"]
    return PastAward(
        at=datetime.fromisoformat(award["at"]),
        id=award["event"],
        event=award["past_event"] or award["event"],
        version=version,
        amounts=" and ".join(granted_amounts(award)),
        reason=award["reason"],
        revoked=datetime.fromisoformat(revoked["at"]) if revoked else None,
        revocation_reason=revoked["reason"] if revoked else None,
        is_explained="trace" in award,
        rows=rows_of(trace, document or {}) if trace else (),
        origins=tuple(_origins(award, names)),
    )


def _origins(award: AwardView, names: Mapping[str, str]) -> Iterator[str]:
    """How the amounts of an award came about: formulas taken apart, boosts, what was cut off, the level."""
    for formula in award.get("formulas", ()):
        if len(formula["parts"]) > 1 or formula["parts"][0]["words"]:
            yield f"{_unit(formula['currency'])}: {formula['text']} = {number(formula['value'])}"
    for grant in award.get("grants", ()):
        said = [text for text in (origin_text(grant, names), level_text(grant)) if text]
        if said:
            yield f"{_unit(grant['currency'])}: {' · '.join(said)}"


def _unit(currency: str) -> str:
    return "XP" if currency == "xp" else "Coins"
