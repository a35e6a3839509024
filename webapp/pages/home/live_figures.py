"""What happens now: four figures with their last hour, the chart, the latest awards."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from flask import url_for

from webapp.pages.charts.area_chart import AreaChart, area_chart
from webapp.pages.entry_words import entry_words
from webapp.pages.formats import amount
from webapp.pages.outcome_lines import OutcomeLine, RuleLabels, outcome_lines
from webapp.runtime import clock
from webapp.store.events import rule_activity
from webapp.store.events.rule_activity import FeedEntry, LastHour
from webapp.store.system.connection import Connection

FEED_LENGTH = 12
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """The last hour in figures and as a chart; the oldest event that waits to be applied does so for `lag_seconds`."""

    last_hour: LastHour
    chart: AreaChart
    lag_seconds: float
    since_yesterday: str


@dataclass(frozen=True, slots=True)
class FeedLine:
    """An entry that granted something, in words."""

    player: str | None
    type: str
    at: datetime
    lines: list[OutcomeLine]
    address: str
    is_new: bool

    @property
    def note(self) -> str:
        """What else it granted, at most two things; otherwise the type of the event."""
        more = [line.what for line in self.lines[1:] if line.is_award or line.is_gain]
        return ", ".join(more[:2]) or entry_words(self.type, {}).what

    @property
    def player_address(self) -> str:
        """The page of the player; empty for an erased one."""
        return url_for("players.show_one", player=self.player) if self.player else ""


def live_figures(conn: Connection) -> LiveFigures:
    """The figures and the chart as of now."""
    last_hour = rule_activity.last_hour(conn)
    return LiveFigures(last_hour, _chart(last_hour), rule_activity.lag_seconds(conn), _since_yesterday(last_hour))


def feed_lines(conn: Connection) -> list[FeedLine]:
    """The latest entries that granted something, the newest first."""
    labels = RuleLabels.of(conn)
    return [feed_line(award, labels) for award in rule_activity.latest_awards(conn, FEED_LENGTH)]


def feed_line(award: FeedEntry, labels: RuleLabels) -> FeedLine:
    """One entry in words: first what it gave."""
    outcome = msgspec.json.decode(award.outcome) if award.outcome else {}
    address = url_for("events.show_one", received_on=award.received_on, seq=award.seq)
    is_new = clock.now() - award.applied_at < timedelta(seconds=3)
    lines = sorted(outcome_lines(outcome, labels), key=lambda line: not (line.is_award or line.is_gain))
    return FeedLine(award.player, award.type, award.applied_at, lines, address, is_new)


def _since_yesterday(last_hour: LastHour) -> str:
    """The hour against the same hour a day before, empty where nothing happened then."""
    before = sum(last_hour.events_before[:-1])
    if not before:
        return ""
    change = round(100 * (sum(last_hour.events[:-1]) / before - 1))
    return f"hour {amount(change)} % on yesterday"


def _chart(last_hour: LastHour) -> AreaChart:
    end = last_hour.at
    times = [end - timedelta(minutes=15 * back) for back in range(QUARTERS, -1, -1)]
    before = last_hour.events_before if any(last_hour.events_before) else ()
    return area_chart(last_hour.events, [f"{time:%H:%M}" for time in times], before)
