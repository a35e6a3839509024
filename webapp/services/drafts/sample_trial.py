"""Tries a draft on one event, player or form of values, with the code that judges for real. See TRYING.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.authoring.fact_paths import paths_read_by
from engine.authoring.trace import TreeTrace, trace_tree
from engine.authoring.tree.nodes import Tree
from engine.documents.condition_places import trigger_events
from engine.language.facts import Facts
from engine.rehearsal.rehearse import HistoricalAward, dry_run
from engine.scoring.state.calendar import local_time
from engine.scoring.state.memory import Player
from engine.scoring.step_budget import StepBudgetSpent
from engine.vocabulary.entry import Entry
from engine.vocabulary.fact import Catalogue
from webapp.runtime import clock
from webapp.runtime.zones import ZONES
from webapp.services.backtest.tally import award_of_rule
from webapp.services.drafts.sample_rehearsal import DraftRehearsal, rehearse_draft
from webapp.store.events import seen_properties
from webapp.store.players import player_profiles, player_states
from webapp.store.rules import rule_versions, sample_events
from webapp.store.system.connection import Connection

Raw = Mapping[str, Any]
PROPERTIES, ATTRIBUTES = "event.properties.", "player.attributes."
NOTHING_SENT = "laurel.none"
NEWEST = 2**62
TOO_COSTLY = "too_costly"
"""Says in the place of a refusal's reason that the event would be parked."""
HISTORY_MAX = 3000  # entries; folding a longer history takes too long while somebody waits


@dataclass(frozen=True, slots=True)
class TrialInput:
    """What to try a draft on: a real event by its number in the log, else a player as of now, else facts alone.

    `kind` is the event type that goes with facts alone. `values` are facts changed by hand. `at` (µs) and `zone` try it
    at another moment, and as if the player had always lived in another time zone.
    """

    event: int | None = None
    player: str | None = None
    kind: str = ""
    facts: Raw = field(default_factory=dict)
    values: Raw = field(default_factory=dict)
    at: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a draft says to an input.

    `verdict` is whether it matches, False as long as the trace says that it is unfinished; `is_heard` whether the event
    triggers it at all. `marks` describe each row; `facts` are those that its rows read, in the order of the page. If
    the whole draft was judged (`is_whole`), `award` and `refused` (reasons, each with the path of the fact that is
    missing, if one is) are what would come of it: that takes an event, and no changed values that only history knows.
    `is_of_now` means that the player's history is too long to be folded again, so the stored state was used.
    """

    verdict: bool
    is_heard: bool
    marks: TreeTrace
    facts: dict[str, Any]
    kind: str
    player: str | None
    at: int | None
    award: HistoricalAward | None = None
    refused: tuple[tuple[str, str], ...] = ()
    is_whole: bool = False
    is_of_now: bool = False


def try_draft(
    conn: Connection, document: Raw, tree: Tree, trial_input: TrialInput, catalogue: Catalogue | None = None
) -> TrialResult | None:
    """Try a draft, which need not be finished, on an input; None if its event or player is unknown."""
    known_facts = catalogue or seen_properties.catalogue(conn).for_events(trigger_events(document))
    trial = _SampleTrial(conn, document, tree, trial_input, known_facts)
    if trial_input.event is not None:
        return trial.of_event(trial_input.event)
    return trial.of_player(trial_input.player) if trial_input.player else trial.of_facts()


@dataclass(frozen=True, slots=True)
class _SampleTrial:
    conn: Connection
    document: Raw
    tree: Tree
    input: TrialInput
    catalogue: Catalogue

    def of_facts(self) -> TrialResult:
        """On facts alone; a moment adds those of the calendar."""
        facts = dict(self.input.facts)
        if self.input.at is not None:
            local = local_time(self.input.at, ZONES[self.input.zone or "UTC"])
            facts |= {f"time.{name}": getattr(local, name) for name in ("hour", "weekday", "date")}
        return self._judge_facts(facts, self.input.kind)

    def of_event(self, seq: int) -> TrialResult | None:
        """On a real event as it was applied: the player's history up to it is folded again."""
        applied = sample_events.applied_entry(self.conn, seq)
        if applied is None:
            return None
        rehearsal = rehearse_draft(self.conn, self.document, self.tree, self.catalogue, applied.rulebook)
        until = applied.entry.n - 1 if self.input.at is None else None
        folded_player = self._player_from_history(applied.entry, rehearsal, until)
        entry = self._with_changes(applied.entry)
        player = folded_player or self._stored_player(applied.player, entry.occurred_at, rehearsal)
        if player is None:
            return None
        facts = rehearsal.facts_when_asked(player, entry, paths_read_by(self.tree))
        result = self._judge_facts(facts, entry.type, applied.player, entry.occurred_at)
        result = self._with_outcome(result, player, entry, rehearsal)
        return replace(result, is_of_now=folded_player is None)

    def of_player(self, player_id: str) -> TrialResult | None:
        """On a player as of now, or of another moment, with the newest event that would trigger the rule."""
        number, moment = player_states.number_of(self.conn, player_id), self.input.at or clock.now_micros()
        if number is None:
            return None
        live_number = rule_versions.live_number(self.conn)
        rehearsal = rehearse_draft(self.conn, self.document, self.tree, self.catalogue, live_number)
        newest = player_profiles.newest_event(self.conn, number, list(trigger_events(self.document)))
        entry = newest or Entry(0, 0, number, NOTHING_SENT, "", "laurel", moment, moment, {})
        needs_history = self.input.at is not None or self.input.zone is not None
        folded_player = self._player_from_history(entry, rehearsal) if needs_history else None
        player = folded_player or self._stored_player(player_id, moment, rehearsal)
        if player is None:
            return None
        entry_at_moment = self._with_changes(replace(entry, occurred_at=moment))
        facts = rehearsal.facts_now(player, entry_at_moment, paths_read_by(self.tree))
        result = self._judge_facts(facts, newest.type if newest else "", player_id, moment)
        return replace(result, is_of_now=needs_history and folded_player is None)

    def _player_from_history(self, entry: Entry, rehearsal: DraftRehearsal, until: int | None = None) -> Player | None:
        """The player as history makes it, up to an n or else to the moment of the input; None if it is too long.

        Tried at another moment, the event itself is left out of its own past.
        """
        history = sample_events.history(self.conn, entry.player, NEWEST if until is None else until, HISTORY_MAX)
        at = self.input.at
        if history is None:
            return None
        earlier = [
            (past_entry, number)
            for past_entry, number in history
            if at is None
            or (past_entry.occurred_at <= at and (past_entry.seq != entry.seq or self.input.event is None))
        ]
        return rehearsal.fold_history(Player(entry.player), earlier, self.input.zone)

    def _stored_player(self, player_id: str, moment: int, rehearsal: DraftRehearsal) -> Player | None:
        """The player as of now; None if it was erased a moment ago."""
        profile = player_profiles.find_player(self.conn, player_id, rehearsal.question_book, moment)
        return profile.player if profile else None

    def _with_changes(self, entry: Entry) -> Entry:
        """The event with the values that were changed by hand, at the moment and in the zone of the input."""
        attributes = {**(entry.attributes or {}), **self._changed_values(ATTRIBUTES)}
        return replace(
            entry,
            occurred_at=self.input.at or entry.occurred_at,
            properties=entry.properties | self._changed_values(PROPERTIES),
            attributes=attributes or None,
            timezone=self.input.zone or entry.timezone,
        )

    def _changed_values(self, prefix: str) -> dict[str, Any]:
        """The changed facts under a prefix, by the rest of their path."""
        return {
            path.removeprefix(prefix): value for path, value in self.input.values.items() if path.startswith(prefix)
        }

    def _judge_facts(self, facts: Raw, kind: str, player: str | None = None, at: int | None = None) -> TrialResult:
        """The verdict of the condition alone."""
        known_facts = Facts({**facts, **self.input.values})
        row_marks, triggers = trace_tree(self.tree, known_facts, self.catalogue), trigger_events(self.document)
        is_heard = not kind or "*" in triggers or kind in triggers
        return TrialResult(
            verdict=is_heard and row_marks.verdict and not row_marks.unfinished,
            is_heard=is_heard,
            marks=row_marks,
            facts={path: known_facts[path] for path in paths_read_by(self.tree)},
            kind=kind,
            player=player,
            at=at or self.input.at,
        )

    def _with_outcome(
        self, result: TrialResult, player: Player, entry: Entry, rehearsal: DraftRehearsal
    ) -> TrialResult:
        """The result with what the whole draft would give; unchanged if the draft cannot be judged as a whole."""
        can_be_changed = (PROPERTIES, ATTRIBUTES)  # all other values come from history, which cannot be edited
        if rehearsal.draft_book is None or not all(path.startswith(can_be_changed) for path in self.input.values):
            return result
        try:
            outcome = dry_run(player, [entry], rehearsal.draft_book)[0]
        except StepBudgetSpent:
            return replace(result, refused=((TOO_COSTLY, ""),), is_whole=True)
        refused = tuple((str(line.reason), line.fact) for line in outcome.not_awarded if line.rule == rehearsal.key)
        award = award_of_rule(entry, outcome, rehearsal.key)
        return replace(result, award=award, refused=refused, is_whole=True)
