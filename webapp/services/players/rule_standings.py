"""How rules stand for a player: their conditions now, what the next event brings, and what stands against it."""

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from engine.coupons.reward import cost_of
from engine.documents.condition_places import trigger_events
from engine.kinds import Kind
from engine.kinds.reward import REWARD
from engine.language.explain import Explanation, explain
from engine.language.words.wording import OperandWords
from engine.rehearsal.expectation import expectations, next_event, preload_for_expectations
from engine.rehearsal.expectation_words import expectation_text, obstacle_text
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import Entry
from engine.vocabulary.prospect import DocumentStanding, Expectation, Obstacle, ObstacleReason, Prospect
from webapp.runtime.clock import from_micros, now_micros
from webapp.services.pipeline.apply_batch import fill_memories
from webapp.services.rewards.decide_redemption import reward_refusals
from webapp.store.events import seen_properties
from webapp.store.players import player_profiles
from webapp.store.players.player_profiles import PlayerRecord
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection

MADE_UP_TYPE = "event"


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
    return PlayerStandings(conn, record, book).of([key for key in keys if key in book.rules]) if keys else {}


def moment_text(moment: int) -> str:
    """A moment (µs) inside a sentence: "1 Dec 2026, 09:00 UTC"."""
    return f"{from_micros(moment):%-d %b %Y, %H:%M} UTC"


class PlayerStandings:
    """The standings of one player's rules under one rulebook, with what they have in common."""

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
        preload = preload_for_expectations(player.state, event, self.book)
        fill_memories(self.conn, {player.number: player}, {player.number: preload})
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


def standing_now(standings: PlayerStandings, kind: Kind, key: str) -> RuleStanding:
    """The standing of any document, in force or not."""
    if key not in standings.documents:
        return _not_live(standings)
    if kind.judges_events:
        return standings.of([key])[key]
    return standings.of_reward(key) if kind is REWARD else standings.of_other(kind, key)


def _not_live(standings: PlayerStandings) -> RuleStanding:
    """The standing of a rule that is paused or archived."""
    expectation = Expectation(Prospect.NO, would_award=False, obstacles=(Obstacle(ObstacleReason.NOT_LIVE),))
    text = expectation_text(expectation, "", standings.words, moment_text)
    return RuleStanding(None, expectation, text, standings.first_obstacle(expectation))
