"""Explanations: what a rule has given a player and why, how its condition stands, and what the next event brings."""

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Literal, NotRequired, TypedDict

import msgspec

from engine.coupons.reward import cost_of
from engine.documents.condition_places import trigger_events
from engine.kinds import GROUPS, KINDS, Kind
from engine.kinds.reward import REWARD
from engine.language.explain import Explanation, explain
from engine.language.words.formula_parts import FormulaParts
from engine.language.words.wording import OperandWords
from engine.rehearsal.expectation import expectations, next_event
from engine.rehearsal.expectation_words import expectation_text, obstacle_text
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.preload import preload_for
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import local_time, period_id, period_ordinal
from engine.scoring.state.memory import Player
from engine.scoring.views.grant_records import GrantView
from engine.vocabulary.entry import SYSTEM_TYPE_PREFIX, Entry
from engine.vocabulary.moment import rfc3339
from engine.vocabulary.prospect import DocumentStanding, Expectation, Obstacle, ObstacleReason, Prospect
from webapp.runtime.clock import from_micros, now_micros
from webapp.services.pipeline.apply_batch import fill_memories
from webapp.services.players.award_traces import AwardTrace, award_trace
from webapp.services.rewards.decide_redemption import reward_refusals
from webapp.store.events import seen_properties
from webapp.store.players import player_profiles, rule_awards
from webapp.store.players.grant_records import with_grants
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.players.rule_awards import RuleAward
from webapp.store.rules import rule_versions, rulebooks
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection

AWARDS_MAX = 20
MADE_UP_TYPE = "event"


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

    `rule_version` is null for an award by hand, `reason` is the one that was given for it.
    """

    at: str
    event: str
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


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """How a rule stands for a player: its condition now (None where it has none), and what the next event brings.

    `text` says the latter in words, `obstacle` the first thing that stands against it.
    """

    trace: Explanation | None
    expectation: Expectation
    text: str
    obstacle: str = ""

    @property
    def missing(self) -> str:
        """What is still needed, or else what stands against it; empty if nothing does."""
        return (self.trace.missing if self.trace else "") or self.obstacle


def standings(conn: Connection, record: PlayerRecord, book: Rulebook, keys: Sequence[str]) -> dict[str, RuleStanding]:
    """How each of these rules stands for a player; those that are not live are left out."""
    return _Standings(conn, record, book).of([key for key in keys if key in book.rules]) if keys else {}


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


def moment_text(moment: int) -> str:
    """A moment (µs) inside a sentence: "1 Dec 2026, 09:00 UTC"."""
    return f"{from_micros(moment):%-d %b %Y, %H:%M} UTC"


class _Standings:
    """What the standings of one player's rules have in common."""

    def __init__(self, conn: Connection, record: PlayerRecord, book: Rulebook) -> None:
        self.conn, self.record, self.book = conn, record, book
        self.now = now_micros()
        versions = rulebooks.versions(conn, book.number)
        self.documents = {version.key: version.document for version in versions}
        self.versions = {version.key: version.version for version in versions}
        self.catalogue = seen_properties.catalogue(conn)
        self.words = OperandWords(self.catalogue)
        self.newest_events: dict[tuple[str, ...], Entry | None] = {}

    def of(self, keys: Collection[str]) -> dict[str, RuleStanding]:
        """The standing of each of these live rules."""
        by_events: dict[tuple[str, ...], list[str]] = {}
        for key in keys:
            by_events.setdefault(self.book.rules[key].events, []).append(key)
        found: dict[str, RuleStanding] = {}
        for events, keys_of_events in by_events.items():
            found |= self._of_events(events, keys_of_events)
        return {key: found[key] for key in keys}

    def _of_events(self, events: tuple[str, ...], keys: Sequence[str]) -> dict[str, RuleStanding]:
        """The standings of rules that listen to the same events: one of these, like the newest, is tried on them."""
        newest = self.newest(events)
        event = self.next_like(newest, events)
        player = self.record.player
        fill_memories(
            self.conn, {player.number: player}, {player.number: preload_for(player.state, [event], self.book)}
        )
        traces_then: dict[str, Explanation] = {}

        def watch(key: str, facts: Mapping[str, Any]) -> None:
            explained = self.explained(key, facts)
            if explained is not None:
                traces_then[key] = explained

        expected = expectations(player, event, self.book, keys, watch)
        facts = EvaluationContext(player, event, self.book).facts
        example = newest.event_id if newest else ""
        return {
            key: RuleStanding(
                _trace_to_show(self.explained(key, facts), traces_then.get(key)),
                expected[key],
                expectation_text(expected[key], example, self.words, moment_text),
                self.first_obstacle(expected[key]),
            )
            for key in keys
        }

    def first_obstacle(self, expectation: Expectation) -> str:
        """What stands most lastingly against an award, without a full stop; the condition speaks for itself."""
        for obstacle in expectation.obstacles:
            if obstacle.reason is not ObstacleReason.CONDITION:
                return obstacle_text(obstacle, self.words, moment_text).rstrip(".")
        return ""

    def of_other(self, kind: Kind, key: str) -> RuleStanding:
        """The standing of a live document that no event is judged by."""
        assert kind.standing is not None, "asked only of kinds that have one"
        event = self.next_like(self.newest(trigger_events(self.documents[key])), ("*",))
        player = self.record.player
        copy = Player(player.number, deepcopy(player.state), player.memory)
        standing = kind.standing(EvaluationContext(copy, event, self.book), key, moment_text)
        trace = self.explained(key, EvaluationContext(player, event, self.book).facts)
        return self._stated(standing, trace)

    def of_reward(self, key: str) -> RuleStanding:
        """Whether the player can redeem a live reward now."""
        document = self.documents[key]
        [refused] = reward_refusals(self.conn, [document], self.record.number)
        now = self.next_like(None, ("*",))
        trace = self.explained(key, EvaluationContext(self.record.player, now, self.book).facts)
        if refused is None:
            return self._stated(DocumentStanding(Prospect.YES, "The player can redeem it now."), trace)
        detail = f"{refused.detail[:1].upper()}{refused.detail[1:]}."
        need = cost_of(document) if refused.missing else None
        have = need - refused.missing if need is not None else None
        obstacle = Obstacle(ObstacleReason.NOT_REDEEMABLE, have=have, need=need)
        stated = self._stated(DocumentStanding(Prospect.NO, detail, (obstacle,)), trace)
        return replace(stated, text=detail, obstacle=refused.detail)

    def _stated(self, standing: DocumentStanding, trace: Explanation | None) -> RuleStanding:
        would = standing.prospect is Prospect.YES
        expectation = Expectation(standing.prospect, would_award=would, obstacles=standing.obstacles)
        obstacles = [
            obstacle_text(obstacle, self.words, moment_text)
            for obstacle in standing.obstacles
            if obstacle.reason is not ObstacleReason.XP
        ]
        return RuleStanding(trace, expectation, " ".join(filter(None, [standing.text, *obstacles])))

    def newest(self, events: tuple[str, ...]) -> Entry | None:
        """The newest event of the player that is one of these."""
        if events not in self.newest_events:
            self.newest_events[events] = player_profiles.newest_event(self.conn, self.record.number, list(events))
        return self.newest_events[events]

    def next_like(self, newest: Entry | None, events: tuple[str, ...]) -> Entry:
        """An event like the newest one that comes now; one without properties where there is none."""
        kind = next((event for event in events if event != "*"), MADE_UP_TYPE)
        example = newest or Entry(0, 0, self.record.number, kind, "", "default", self.now, self.now, {})
        return next_event(example, self.now)

    def explained(self, key: str, facts: Mapping[str, Any]) -> Explanation | None:
        """The condition of a rule read against facts; None where it has none."""
        document = self.documents[key]
        member = "filter" if "filter" in document else "condition"
        if document.get(member) is None:
            return None
        known = self.catalogue.for_events(trigger_events(document))
        return explain(document[member], facts, known, f"/{member}")


def _trace_to_show(now: Explanation | None, then: Explanation | None) -> Explanation | None:
    """The trace as of now, which does not count the next event yet, unless what holds now fails at that event."""
    return then if now is not None and then is not None and now.verdict and not then.verdict else now


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
    common = _Standings(conn, record, book)
    explained = next((award for award in awards if award.event == event), awards[0] if awards else None)
    trace = award_trace(conn, record.number, explained, key, common.catalogue) if explained else None
    standing = _standing_now(common, kind, stored, awards)
    view = _view(common, stored, standing)
    view["awarded"] = [
        _explained_award(conn, key, award, trace) if award is explained else _award_view(award) for award in awards
    ]
    if trace is not None and standing.expectation.prospect is Prospect.NEVER and explained and not explained.revoked_at:
        view.update(_as_it_was(trace))
    return view


def _standing_now(common: _Standings, kind: Kind, stored: StoredRule, awards: Sequence[RuleAward]) -> RuleStanding:
    key = stored.key
    if key not in common.documents:
        return _not_live(common)
    if kind.judges_events:
        return _told_from_awards(common, common.of([key])[key], awards)
    return common.of_reward(key) if kind is REWARD else common.of_other(kind, key)


def _told_from_awards(common: _Standings, standing: RuleStanding, awards: Sequence[RuleAward]) -> RuleStanding:
    """The standing where the player's state does not tell a badge of this period that is held from a revoked one."""
    day = local_time(common.now, common.book.zone(common.record.player.state.get("tz"))).day

    def told(obstacle: Obstacle) -> Obstacle:
        if obstacle.reason not in (ObstacleReason.HELD, ObstacleReason.REVOKED) or not obstacle.period:
            return obstacle
        period = period_id(period_ordinal(day, obstacle.period), obstacle.period)
        award = next((award for award in awards if award.period == period), None)
        if award is None:
            return obstacle
        return replace(obstacle, reason=ObstacleReason.REVOKED if award.revoked_at else ObstacleReason.HELD)

    expectation = replace(standing.expectation, obstacles=tuple(map(told, standing.expectation.obstacles)))
    if expectation == standing.expectation:
        return standing
    text = expectation_text(expectation, "", common.words, moment_text)
    return RuleStanding(standing.trace, expectation, text, common.first_obstacle(expectation))


def _not_live(common: _Standings) -> RuleStanding:
    """The standing of a rule that is paused or archived."""
    expectation = Expectation(Prospect.NO, would_award=False, obstacles=(Obstacle(ObstacleReason.NOT_LIVE),))
    text = expectation_text(expectation, "", common.words, moment_text)
    return RuleStanding(None, expectation, text, common.first_obstacle(expectation))


def _view(common: _Standings, stored: StoredRule, standing: RuleStanding) -> RuleExplanation:
    document = common.documents.get(stored.key)
    newest = common.newest(trigger_events(document)) if document else None
    trace, expectation = standing.trace, standing.expectation
    holds = trace is None or trace.verdict
    return {
        "player": common.record.id,
        "rule": stored.key,
        "version": common.versions.get(stored.key) or stored.live_version or stored.latest_version,
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
            "obstacles": [_obstacle_view(common, obstacle) for obstacle in expectation.obstacles],
        },
    }


def _obstacle_view(common: _Standings, obstacle: Obstacle) -> ObstacleView:
    return {
        "reason": obstacle.reason.value,
        "text": obstacle_text(obstacle, common.words, moment_text),
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
        "at": award.at.isoformat(),
        "event": award.event,
        "rule_version": award.version,
        "period": award.period,
        "xp": award.xp,
        "coins": award.coins,
        "reason": _reason(award.payload) if award.type.startswith(SYSTEM_TYPE_PREFIX) else None,
        "revoked": _revocation(award),
    }


def _reason(payload: bytes) -> str | None:
    reason = msgspec.json.decode(payload, type=dict[str, Any]).get("reason")
    return None if reason is None else str(reason)


def _revocation(award: RuleAward) -> RevocationView | None:
    if award.revoked_at is None:
        return None
    return {"at": award.revoked_at.isoformat(), "reason": _reason(award.revocation) if award.revocation else None}


def _as_it_was(trace: AwardTrace) -> Any:
    """The members of an explanation that speak of the condition, for an award that is final."""
    return {
        "version": trace.version,
        "judged_event": {"id": trace.entry.event_id, "at": rfc3339(trace.entry.occurred_at)},
        "holds": True,
        "missing": "",
        "trace": trace.explanation.to_json()["root"] if trace.explanation else None,
    }
