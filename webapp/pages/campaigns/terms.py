"""A campaign's document in the words of its pages: its games, their brands, when they are open, how they stand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from webapp.pages.formats import humane, until
from webapp.runtime.zones import ZONES
from webapp.store.campaigns.campaign_rows import Campaign


def games_of(campaign: Campaign) -> list[dict[str, Any]]:
    """The games of a campaign's document."""
    return list(campaign.document["games"])


def names_of(raw_games: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The brands of these games by key, as people know them."""
    budgets = [budget for raw in raw_games for budget in raw["budgets"]]
    return {each["brand"]: each.get("brand_name") or humane(each["brand"]) for each in budgets}


def moment(text: str) -> datetime:
    """A moment of a document."""
    return datetime.fromisoformat(text).astimezone(UTC)


def opening(raw: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """From when until when a game is open."""
    return moment(raw["starts_at"]), moment(raw["ends_at"])


def zone_of(document: Mapping[str, Any]) -> tzinfo:
    """The zone of a campaign, UTC where it names none."""
    return ZONES[document.get("timezone") or "UTC"]


def state_of(campaign: Campaign, starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Where a game, or a campaign, stands: ended, paused, scheduled or running."""
    if campaign.ended_at is not None or now >= ends_at:
        return "ended"
    if campaign.paused_at is not None:
        return "paused"
    return "scheduled" if now < starts_at else "running"


def next_game(raw_games: Sequence[Mapping[str, Any]], now: datetime) -> Mapping[str, Any]:
    """The game that runs, else the next, else the last."""
    ordered = sorted(raw_games, key=opening)
    open_ = [each for each in ordered if opening(each)[1] > now]
    return open_[0] if open_ else ordered[-1]


Times = tuple[datetime, datetime, datetime]
"""From when, until when, and now."""


def span(times: Times, zone: tzinfo) -> str:
    """When something ends, or has ended, or begins: "until 23:00"."""
    starts_at, ends_at, now = times
    if now >= ends_at:
        return f"ended {ends_at.astimezone(zone):%-d %b, %H:%M}"
    if now < starts_at:
        return f"begins {starts_at.astimezone(zone):%-d %b, %H:%M}"
    form = "%H:%M" if ends_at - now < timedelta(hours=24) else "%-d %b, %H:%M"
    return f"until {ends_at.astimezone(zone):{form}}"


def term(times: Times, zone: tzinfo) -> str:
    """The same, and while it lasts how long still: "until 23:00, 2 h 33 min left"."""
    starts_at, ends_at, now = times
    is_open = starts_at <= now < ends_at
    return span(times, zone) + (f", {until(ends_at, now).removeprefix('in ')} left" if is_open else "")
