"""Explanations: what a rule has given a player and why, how its condition stands, and what the next event brings."""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

import msgspec

from engine.documents.condition_places import trigger_events
from engine.kinds import GROUPS, KINDS, Kind
from engine.kinds.reward import REWARD
from engine.language.words.formula_parts import FormulaParts
from engine.rehearsal.expectation_words import obstacle_text
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.views.grant_records import GrantView
from engine.vocabulary.entry import HISTORY_AWARD, SYSTEM_TYPE_PREFIX
from engine.vocabulary.moment import rfc3339
from engine.vocabulary.prospect import Obstacle, Prospect
from webapp.runtime import clock
from webapp.services.players.award_traces import AwardTrace, award_trace
from webapp.services.players.rule_standings import PlayerStandings, RuleStanding, moment_text, standing_now
from webapp.store.players import rule_awards
from webapp.store.players.grant_records import with_grants
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.players.rule_awards import RuleAward
from webapp.store.rules import rule_versions
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection

AWARDS_MAX = 20


class RevocationView(TypedDict):
    """When an award was taken back, and the reason that was given."""

    at: str
    reason: str | None


class FormulaPartView(TypedDict):
    """A term or factor of an amount: its value then, and what it is in words (empty for a number)."""

    value: float
    words: str


class FormulaView(TypedDict):
    """An amount that depended on facts: what it came to, in words, and its terms or factors."""

    currency: str
    value: float
    text: str
    parts: list[FormulaPartView]


class AwardView(TypedDict):
    """One award of a rule. `trace` is its condition as it was judged then; only the explained award has one.

    It also has `grants`, which say how its amounts came about, and `formulas`, which take apart those that depended on
    facts.

    `rule_version` is null for an award by hand, `reason` is the one that was given for it. `event` is the id of the
    entry; where that awarded history, `past_event` is the event that earned the award.
    """

    at: str
    event: str
    past_event: str | None
    rule_version: int | None
    period: str
    xp: int
    coins: int
    reason: str | None
    revoked: RevocationView | None
    trace: NotRequired[dict[str, Any] | None]
    grants: NotRequired[list[GrantView]]
    formulas: NotRequired[list[FormulaView]]


class ObstacleView(TypedDict):
    """One thing that keeps a rule from awarding. It passes at `until`; `have` of `need` counts towards it."""

    reason: str
    text: str
    until: str | None
    have: int | None
    need: int | None


class NextAward(TypedDict):
    """What the next event that triggers the rule brings.

    `verdict`: `yes` (the award, whatever the event says), `depends` (on what it says), `no` (nothing now), `never`.
    `would_award` says it of an event like `judged_event`.
    """

    verdict: Literal["yes", "depends", "no", "never"]
    would_award: bool
    text: str
    obstacles: list[ObstacleView]


class RuleExplanation(TypedDict):
    """Why a player got a rule's award, or why not yet.

    `holds`, `missing` and `trace` are about the condition as it stands now, with the values of `judged_event`, the
    newest event that triggers the rule. Where the award is final, they are about the award as it was.
    """

    player: str
    rule: str
    version: int
    kind: str
    name: str
    status: str
    awarded: list[AwardView]
    judged_event: dict[str, Any] | None
    holds: bool
    missing: str
    trace: dict[str, Any] | None
    next: NextAward


def explainable(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Of these live documents those that can be explained: by kind, in the order of authors, (key, name) by name."""
    kinds = [kind for group in GROUPS.values() for kind in group if _is_explained(kind)]
    by_kind = {
        kind.key: sorted(
            ((key, str(document["name"])) for key, document in documents.items() if document["kind"] == kind.key),
            key=lambda named: named[1].lower(),
        )
        for kind in kinds
    }
    return {kind: rules for kind, rules in by_kind.items() if rules}


def _is_explained(kind: Kind) -> bool:
    return kind.judges_events or kind.standing is not None or kind is REWARD


def explanation(
    conn: Connection, record: PlayerRecord, book: Rulebook, key: str, event: str | None = None
) -> RuleExplanation | None:
    """Everything that is to be said of one rule and one player; None where there is no such rule.

    The newest award is explained as it was, or the one that `event` (an id) brought.
    """
    stored = rule_versions.rule(conn, key)
    if stored is None:
        return None
    kind = KINDS[stored.kind]
    awards = [] if kind is REWARD else rule_awards.rule_awards(conn, record.number, key, AWARDS_MAX)
    is_known = stored.live_version is not None or awards
    if not is_known or not _is_explained(kind):
        return None
    standings = PlayerStandings(conn, record, book)
    explained = next((award for award in awards if award.event == event), awards[0] if awards else None)
    trace = award_trace(conn, record.number, explained, key, standings.catalogue) if explained else None
    standing = standing_now(standings, kind, key)
    view = _view(standings, stored, standing)
    view["awarded"] = [
        _explained_award(conn, key, award, trace) if award is explained else _award_view(award) for award in awards
    ]
    if trace is not None and standing.expectation.prospect is Prospect.NEVER and explained and not explained.revoked_at:
        view.update(_as_it_was(trace))
    return view


def _view(standings: PlayerStandings, stored: StoredRule, standing: RuleStanding) -> RuleExplanation:
    document = standings.documents.get(stored.key)
    newest = standings.newest(trigger_events(document)) if document else None
    trace, expectation = standing.trace, standing.expectation
    holds = trace is None or trace.verdict
    return {
        "player": standings.record.id,
        "rule": stored.key,
        "version": standings.versions.get(stored.key) or stored.live_version or stored.latest_version,
        "kind": stored.kind,
        "name": stored.name,
        "status": stored.status,
        "awarded": [],
        "judged_event": None if newest is None else {"id": newest.event_id, "at": rfc3339(newest.occurred_at)},
        "holds": holds,
        "missing": standing.missing,
        "trace": None if trace is None else trace.to_json()["root"],
        "next": {
            "verdict": expectation.prospect.value,
            "would_award": expectation.would_award,
            "text": standing.text,
            "obstacles": [_obstacle_view(standings, obstacle) for obstacle in expectation.obstacles],
        },
    }


def _obstacle_view(standings: PlayerStandings, obstacle: Obstacle) -> ObstacleView:
    return {
        "reason": obstacle.reason.value,
        "text": obstacle_text(obstacle, standings.words, moment_text),
        "until": None if obstacle.until is None else rfc3339(obstacle.until),
        "have": obstacle.have,
        "need": obstacle.need,
    }


def _explained_award(conn: Connection, key: str, award: RuleAward, trace: AwardTrace | None) -> AwardView:
    stored = msgspec.json.decode(award.outcome, type=dict[str, Any]) if award.outcome else {}
    grants: list[GrantView] = with_grants(conn, {award.seq: stored})[award.seq].get("grants", [])
    return {
        **_award_view(award),
        "trace": trace.explanation.to_json()["root"] if trace and trace.explanation else None,
        "grants": [grant for grant in grants if grant["rule"] == key],
        "formulas": [_formula_view(currency, parts) for currency, parts in trace.formulas.items()] if trace else [],
    }


def _formula_view(currency: str, parts: FormulaParts) -> FormulaView:
    return {
        "currency": currency,
        "value": float(parts.value),
        "text": parts.text,
        "parts": [{"value": float(part.value), "words": part.words} for part in parts.parts],
    }


def _award_view(award: RuleAward) -> AwardView:
    return {
        "at": clock.utc_text(award.at),
        "event": award.event,
        "past_event": str(_content(award.payload)["event"]) if award.type == HISTORY_AWARD else None,
        "rule_version": award.version,
        "period": award.period,
        "xp": award.xp,
        "coins": award.coins,
        "reason": _reason(award.payload) if award.type.startswith(SYSTEM_TYPE_PREFIX) else None,
        "revoked": _revocation(award),
    }


def _content(payload: bytes) -> dict[str, Any]:
    return msgspec.json.decode(payload, type=dict[str, Any])


def _reason(payload: bytes) -> str | None:
    reason = _content(payload).get("reason")
    return None if reason is None else str(reason)


def _revocation(award: RuleAward) -> RevocationView | None:
    if award.revoked_at is None:
        return None
    return {"at": clock.utc_text(award.revoked_at), "reason": _reason(award.revocation) if award.revocation else None}


def _as_it_was(trace: AwardTrace) -> Any:
    """The members of an explanation that speak of the condition, for an award that is final."""
    return {
        "version": trace.version,
        "judged_event": {"id": trace.entry.event_id, "at": rfc3339(trace.entry.occurred_at)},
        "holds": True,
        "missing": "",
        "trace": trace.explanation.to_json()["root"] if trace.explanation else None,
    }
