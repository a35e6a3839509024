"""A campaign's document in the words of its pages: its games, their brands, when they are open, their state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from webapp.pages.formats import until
from webapp.runtime.zones import ZONES
from webapp.store.campaigns.campaign_rows import Campaign


@dataclass(frozen=True, slots=True, order=True)
class OpenHours:
    """From when until when a game, or a whole campaign, takes plays.

    `ended_at` is when the campaign was ended by hand, before or after the end that was planned for it.
    """

    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None = field(default=None, compare=False)

    @property
    def closes_at(self) -> datetime:
        """The end: the planned one, unless the campaign was ended before it."""
        return min(self.ends_at, self.ended_at or self.ends_at)

    @property
    def shown_until(self) -> datetime:
        """The end of a chart's axis: where it closes, or the planned end of what was ended before it began."""
        return self.closes_at if self.closes_at > self.starts_at else self.ends_at

    def span(self, now: datetime, zone: tzinfo) -> str:
        """When it ends, ended, or starts: "until 23:00"."""
        if now >= self.closes_at:
            return f"ended {self.closes_at.astimezone(zone):%-d %b, %H:%M}"
        if now < self.starts_at:
            return f"starts {self.starts_at.astimezone(zone):%-d %b, %H:%M}"
        form = "%H:%M" if self.ends_at - now < timedelta(hours=24) else "%-d %b, %H:%M"
        return f"until {self.ends_at.astimezone(zone):{form}}"

    def term(self, now: datetime, zone: tzinfo) -> str:
        """The same, and how much time is left while it is open: "until 23:00, 2 h 33 min left"."""
        is_open = self.starts_at <= now < self.closes_at
        left = f", {until(self.ends_at, now).removeprefix('in ')} left" if is_open else ""
        return self.span(now, zone) + left


def games_of(campaign: Campaign) -> list[dict[str, Any]]:
    """The games of a campaign's document."""
    return list(campaign.document["games"])


def hours_of(campaign: Campaign, raw_game: Mapping[str, Any]) -> OpenHours:
    """When a game of a campaign is open."""
    return OpenHours(_moment(raw_game["starts_at"]), _moment(raw_game["ends_at"]), campaign.ended_at)


def hours_of_all(campaign: Campaign, raw_games: Sequence[Mapping[str, Any]]) -> OpenHours:
    """From the start of the first of these games to the end of the last."""
    hours = [hours_of(campaign, raw) for raw in raw_games]
    return OpenHours(min(of.starts_at for of in hours), max(of.ends_at for of in hours), campaign.ended_at)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def zone_of(document: Mapping[str, Any]) -> tzinfo:
    """The time zone of a campaign; UTC where it names none."""
    return ZONES[document.get("timezone") or "UTC"]


def state_of(campaign: Campaign, hours: OpenHours, now: datetime) -> str:
    """The state of a game or campaign: ended, paused, scheduled or running."""
    if now >= hours.closes_at:
        return "ended"
    if campaign.paused_at is not None:
        return "paused"
    return "scheduled" if now < hours.starts_at else "running"


def current_game(campaign: Campaign, now: datetime) -> Mapping[str, Any]:
    """The game that runs, else the next, else the last."""
    ordered = sorted(games_of(campaign), key=lambda raw: hours_of(campaign, raw))
    not_over = [raw for raw in ordered if hours_of(campaign, raw).closes_at > now]
    return not_over[0] if not_over else ordered[-1]
