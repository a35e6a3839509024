"""Trying a draft: one event, player or form of values, judged by the code that judges for real. See TRYING.md."""

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
HISTORY_MAX = 3000  # entries; a longer history is not gone through again while somebody waits


@dataclass(frozen=True, slots=True)
class TrialInput:
    """What a draft is tried on: a real event by its number in the log, else a player as of now, else facts alone.

    `kind` is the type of the event that goes with facts alone. `values` are facts changed by hand; `at` (µs) and
    `zone` ask as of another moment and as if the player had always lived in another zone.
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
    """What a draft says to what was given.

    `verdict` is whether it would match; `marks` tell of each row; `facts` are those that its rows ask about, in the
    order of the page. `award` and `refused` are what would come of it, where the whole draft was judged (`is_whole`):
    with an event, and nothing changed that only history knows. `is_of_now` where the player's history is too long to
    be gone through once more.
    """

    verdict: bool
    is_heard: bool
    marks: TreeTrace
    facts: dict[str, Any]
    kind: str
    player: str | None
    at: int | None
    award: HistoricalAward | None = None
    refused: tuple[str, ...] = ()
    is_whole: bool = False
    is_of_now: bool = False


def try_draft(
    conn: Connection, document: Raw, tree: Tree, given: TrialInput, catalogue: Catalogue | None = None
) -> TrialResult | None:
    """Judge what is given by a draft, which need not be finished; None where event or player are unknown."""
    known = catalogue or seen_properties.catalogue(conn).for_events(trigger_events(document))
    trial = _Trial(conn, document, tree, given, known)
    if given.event is not None:
        return trial.of_event(given.event)
    return trial.of_player(given.player) if given.player else trial.of_facts()


@dataclass(frozen=True, slots=True)
class _Trial:
    conn: Connection
    document: Raw
    tree: Tree
    given: TrialInput
    catalogue: Catalogue

    def of_facts(self) -> TrialResult:
        """Facts alone; a moment gives those of the calendar."""
        found = {**self.given.facts}
        if self.given.at is not None:
            there = local_time(self.given.at, ZONES[self.given.zone or "UTC"])
            found |= {f"time.{name}": getattr(there, name) for name in ("hour", "weekday", "date")}
        return self._told(found, self.given.kind)

    def of_event(self, seq: int) -> TrialResult | None:
        """A real event as it was met: the player's history before it is gone through once more."""
        found = sample_events.applied(self.conn, seq)
        if found is None:
            return None
        through = rehearse_draft(self.conn, self.document, self.tree, self.catalogue, found.rulebook)
        before = self._before(found.entry, through, found.entry.n - 1 if self.given.at is None else None)
        entry = self._changed(found.entry)
        player = before or self._stored(found.player, entry.occurred_at, through)
        if player is None:
            return None
        seen = through.seen(player, entry, paths_read_by(self.tree))
        told = self._told(seen, entry.type, found.player, entry.occurred_at)
        return replace(self._with_outcome(told, player, entry, through), is_of_now=before is None)

    def of_player(self, player_id: str) -> TrialResult | None:
        """A player as of now, or of another moment, with the newest event that the rule would look at."""
        number, moment = player_states.number_of(self.conn, player_id), self.given.at or clock.now_micros()
        if number is None:
            return None
        through = rehearse_draft(
            self.conn, self.document, self.tree, self.catalogue, rule_versions.live_number(self.conn)
        )
        newest = player_profiles.newest_event(self.conn, number, list(trigger_events(self.document)))
        entry = newest or Entry(0, 0, number, NOTHING_SENT, "", "laurel", moment, moment, {})
        is_another = self.given.at is not None or self.given.zone is not None
        before = self._before(entry, through) if is_another else None
        player = before or self._stored(player_id, moment, through)
        if player is None:
            return None
        seen = through.now(player, self._changed(replace(entry, occurred_at=moment)), paths_read_by(self.tree))
        told = self._told(seen, newest.type if newest else "", player_id, moment)
        return replace(told, is_of_now=is_another and before is None)

    def _before(self, entry: Entry, through: DraftRehearsal, until: int | None = None) -> Player | None:
        """The player as history makes it, up to an n or else to the moment asked for; None where it is too long."""
        past = sample_events.history(self.conn, entry.player, NEWEST if until is None else until, HISTORY_MAX)
        at = self.given.at
        if past is None:
            return None
        met = [
            (each, number)
            for each, number in past
            if at is None or (each.occurred_at <= at and (each.seq != entry.seq or self.given.event is None))
        ]
        return through.folded(Player(entry.player), met, self.given.zone)

    def _stored(self, player_id: str, moment: int, through: DraftRehearsal) -> Player | None:
        """The player as of now; None where it was erased a moment ago."""
        found = player_profiles.find(self.conn, player_id, through.book, moment)
        return found.player if found else None

    def _changed(self, entry: Entry) -> Entry:
        """The event with what was changed by hand, at the moment and in the zone that are asked for."""
        attributes = {**(entry.attributes or {}), **self._changed_under(ATTRIBUTES)}
        return replace(
            entry,
            occurred_at=self.given.at or entry.occurred_at,
            properties=entry.properties | self._changed_under(PROPERTIES),
            attributes=attributes or None,
            timezone=self.given.zone or entry.timezone,
        )

    def _changed_under(self, head: str) -> dict[str, Any]:
        return {path.removeprefix(head): v for path, v in self.given.values.items() if path.startswith(head)}

    def _told(self, found: Raw, kind: str, player: str | None = None, at: int | None = None) -> TrialResult:
        known = Facts({**found, **self.given.values})
        told, listened = trace_tree(self.tree, known, self.catalogue), trigger_events(self.document)
        is_heard = not kind or "*" in listened or kind in listened
        shown = {path: known[path] for path in paths_read_by(self.tree)}
        return TrialResult(is_heard and told.verdict, is_heard, told, shown, kind, player, at or self.given.at)

    def _with_outcome(self, told: TrialResult, player: Player, entry: Entry, through: DraftRehearsal) -> TrialResult:
        if through.own is None or not all(each.startswith((PROPERTIES, ATTRIBUTES)) for each in self.given.values):
            return told
        outcome = dry_run(player, [entry], through.own)[0]
        refused = tuple(str(each.reason) for each in outcome.not_awarded if each.rule == through.key)
        return replace(told, award=award_of_rule(entry, outcome, through.key), refused=refused, is_whole=True)
