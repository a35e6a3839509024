"""What the pages about events show: the newest ones, and one of them with its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.pages.entry_words import EntryWords
from webapp.pages.formats import humane
from webapp.pages.outcome_lines import OutcomeLine
from webapp.store.events.logged_entries import LoggedEntry
from webapp.store.events.parked_entries import ParkedEntry

STANDING_MARKS = {"applied": "live", "pending": "scheduled", "parked": "paused", "replayed": "review"}


@dataclass(frozen=True, slots=True)
class EventFilters:
    """The filters of the address; empty where it has none."""

    type: str
    player: str
    with_internal: bool

    @property
    def is_set(self) -> bool:
        """Whether the list may be empty because of them."""
        return bool(self.type or self.player)

    @property
    def nothing_found(self) -> str:
        """What an empty list says: what was looked for, by the filters that are set."""
        of_type = f" of the type {humane(self.type)}" if self.type else ""
        of_player = f" for {self.player}" if self.player else ""
        return f"No event{of_type} has arrived{of_player}."


@dataclass(frozen=True, slots=True)
class EventRow:
    """An entry of the list, what it says, and what came of it, the most important first."""

    entry: LoggedEntry
    words: EntryWords
    lines: Sequence[OutcomeLine]

    @property
    def mark(self) -> str:
        """The mark beside its standing."""
        return STANDING_MARKS[self.entry.standing]


@dataclass(frozen=True, slots=True)
class EventsPage:
    """A page of the log that passes the filters, the newest first; `types` are the choices to filter by."""

    rows: Sequence[EventRow]
    types: Sequence[str]
    filters: EventFilters
    older_address: str


@dataclass(frozen=True, slots=True)
class StreakAfter:
    """How long a streak was once the event was applied."""

    name: str
    current: int
    longest: int


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line of an outcome, and where it is explained; no address where nothing explains it."""

    line: OutcomeLine
    why_address: str


@dataclass(frozen=True, slots=True)
class GrantedAmount:
    """One amount that an entry gave or took, the name of its rule (empty by hand), and where it is explained."""

    line: OutcomeLine
    rule: str
    why_address: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """One entry: what it says, what was sent, what it did, and the rules that granted nothing for it.

    `parked` is set while it is parked, and after a replay.
    """

    event: LoggedEntry
    words: EntryWords
    sent: str
    lines: Sequence[ExplainedLine]
    amounts: Sequence[GrantedAmount]
    refusals: Sequence[OutcomeLine]
    streaks: Sequence[StreakAfter]
    parked: ParkedEntry | None

    @property
    def title(self) -> str:
        """What the page is called: an event by its type and id, an entry of Laurel's own by what it says of whom."""
        whom = self.event.player or "an erased player"
        return f"{self.words.what}, {self.event.event_id if self.words.is_event else whom}"

    @property
    def mark(self) -> str:
        """The mark beside its standing."""
        return STANDING_MARKS[self.event.standing]
