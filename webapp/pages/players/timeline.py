"""A player's timeline: what entries came to, and between them the coupons that plays won."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge

from webapp.pages.entry_words import entry_words
from webapp.pages.outcome_lines import OutcomeLine, RuleLabels, entry_lines
from webapp.pages.players.view_models import TimelineLine
from webapp.store.campaigns import coupons
from webapp.store.campaigns.claims import with_claims
from webapp.store.campaigns.coupons import Coupon
from webapp.store.players import player_profiles
from webapp.store.players.player_profiles import PlayerRecord, TimelineEntry
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class TimelineCursor:
    """The entry, and the play that won, before which a page begins; None for the newest."""

    seq: int | None = None
    play: int | None = None


@dataclass(frozen=True, slots=True)
class TimelinePart:
    """A page of a timeline, the newest first, and the cursor of the one below it; None on the last."""

    lines: Sequence[TimelineLine]
    following: TimelineCursor | None


def timeline_page(
    conn: Connection, record: PlayerRecord, cursor: TimelineCursor, length: int, labels: RuleLabels
) -> TimelinePart:
    """A page of so many entries and wins, in the order in which Laurel received or issued them."""
    entries = _entries(conn, record, cursor.seq, length + 1)
    wins = coupons.player_wins(conn, record.number, cursor.play, length + 1)
    streams: tuple[Sequence[TimelineEntry | Coupon], ...] = (entries, wins)
    newest_first = list(merge(*streams, key=_moment, reverse=True))
    shown = newest_first[:length]
    lines = [_win_line(one) if isinstance(one, Coupon) else _entry_line(one, labels) for one in shown]
    has_more = len(newest_first) > length
    return TimelinePart([line for line in lines if line.lines], _behind(shown, cursor) if has_more else None)


def _moment(one: TimelineEntry | Coupon) -> datetime:
    moment = one.issued_at if isinstance(one, Coupon) else one.received_at
    assert moment is not None, "a coupon that was won is issued"
    return moment


def _behind(shown: Sequence[TimelineEntry | Coupon], cursor: TimelineCursor) -> TimelineCursor:
    """The cursor behind the last entry and the last win of a page."""
    seqs = [one.seq for one in shown if isinstance(one, TimelineEntry)]
    plays = [one.play for one in shown if isinstance(one, Coupon)]
    return TimelineCursor(seqs[-1] if seqs else cursor.seq, plays[-1] if plays else cursor.play)


def _entries(conn: Connection, record: PlayerRecord, before: int | None, limit: int) -> list[TimelineEntry]:
    """Entries that came to something, with what has become of granted coupons by now."""
    entries = player_profiles.timeline(conn, record.number, before, limit)
    outcomes = with_claims(conn, {entry.seq: entry.outcome for entry in entries})
    return [replace(entry, outcome=outcomes[entry.seq]) for entry in entries]


def _entry_line(entry: TimelineEntry, labels: RuleLabels) -> TimelineLine:
    lines = entry_lines(entry.type, entry.content, entry.outcome, labels)
    return TimelineLine(entry.at, entry_words(entry.type, entry.content).note, lines)


def _win_line(coupon: Coupon) -> TimelineLine:
    won = OutcomeLine("won", f"a coupon of {coupon.prize}", "", "ticket", is_award=True)
    return TimelineLine(_moment(coupon), coupon.game_name or "a game", [won])
