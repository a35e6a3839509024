"""The player profile: a player as apps and people see it at a moment, with the windows and streaks of that moment."""

from typing import Any, Literal, TypedDict

from engine.scoring import metrics, streaks
from engine.scoring.evaluation_context import progress_of
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledRule
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import (
    date_of_day,
    day_starts_at,
    first_day,
    local_time,
    month_days,
    period_ordinal,
)
from engine.scoring.state.generations import is_stale
from engine.scoring.state.memory import Player, State
from engine.scoring.state.series import days_missing
from engine.vocabulary.moment import rfc3339

WINDOWS = ("total", "today", "this_week", "this_month")
_DAYS_BEFORE_MONTH = 6  # a week that began in the month before


class LevelView(TypedDict):
    """The level that a player's XP reaches; `xp_to_next` is null on the highest one."""

    number: int
    name: str | None
    xp_to_next: int | None


class StreakView(TypedDict):
    """A streak as of now."""

    current: int
    longest: int
    freezes: int
    at_risk: bool
    last_day: str | None


class MissionView(TypedDict):
    """A mission in its current period."""

    key: str
    name: str
    progress: int
    target: int
    state: Literal["active", "completed"]
    ends_at: str | None


class ProfileView(TypedDict):
    """A player as of now, except for the id and what is kept in its own tables (badges)."""

    timezone: str
    attributes: dict[str, Any]
    xp: int
    coins: int
    level: LevelView
    state: str | None
    streaks: dict[str, StreakView]
    missions: list[MissionView]
    metrics: dict[str, dict[str, Any]]
    segments: list[str]
    version: int


def profile_preload(state: State, book: Rulebook, now: int) -> list[tuple[str, int, int]]:
    """The ranges of series that must be in the memory for a profile; nearly always none."""
    today = local_time(now, book.zone(state.get("tz"))).day
    earliest = month_days(today)[0] - _DAYS_BEFORE_MONTH
    ranges = []
    for key, metric in book.metrics.items():
        span = days_missing(state.get("days", {}).get(key), earliest, today)
        if span:
            ranges.append((metric.retention.series, *span))
    return ranges


def player_profile(player: Player, book: Rulebook, now: int) -> ProfileView:
    """Everything in `GET /v1/players/{player}` but the id and what is kept in its own tables (badges)."""
    state = player.state
    today = local_time(now, book.zone(state.get("tz"))).day
    return {
        "timezone": state.get("tz", "UTC"),
        "attributes": state.get("attributes", {}),
        "xp": state.get("xp", 0),
        "coins": state.get("coins", 0),
        "level": level_view(state.get("xp", 0), book),
        "state": book.lifecycle.state_of(state) if book.lifecycle else state.get("life", [None])[0],
        "streaks": {key: streak_view(player, book, key, now) for key in book.streaks},
        "missions": [mission_view(player, rule, book, now) for rule in book.missions],
        "metrics": {
            key: {window: metric_value(player, metric, window, today) for window in WINDOWS}
            for key, metric in book.metrics.items()
        },
        "segments": state.get("in", []),
        "version": state.get("v", 0),
    }


def metric_value(player: Player, metric: CompiledMetric, window: str, today: int) -> Any:
    """A metric's value in a window; None while its history is being counted again."""
    return None if is_stale(player.state, metric) else metrics.value(player, metric, window, today)


def level_view(xp: int, book: Rulebook) -> LevelView:
    """The level that some XP reaches; without rules for levels everybody is on the first."""
    levels = book.levels
    if levels is None:
        return {"number": 1, "name": None, "xp_to_next": None}
    level = levels.level_at(xp)
    return {"number": level, "name": levels.name_of(level), "xp_to_next": levels.xp_to_next(xp)}


def streak_view(player: Player, book: Rulebook, key: str, now: int) -> StreakView:
    """A streak as it is now: 0 once broken, at risk while there is no activity in this period yet."""
    streak = book.streaks[key]
    record = player.state.get("streaks", {}).get(key)
    if record is None or not record["runs"] or is_stale(player.state, streak):
        freezes = record["freezes"] if record else streak.initial_freezes
        return {"current": 0, "longest": 0, "freezes": freezes, "at_risk": False, "last_day": None}
    today = local_time(now, book.zone(player.state.get("tz"))).day
    current, freezes, at_risk = streaks.status_at(record, period_ordinal(today, streak.every))
    newest = streaks.newest_active(record["runs"][-1])
    return {
        "current": current,
        "longest": record["longest"],
        "freezes": freezes,
        "at_risk": at_risk,
        "last_day": date_of_day(first_day(newest, streak.every)),
    }


def mission_view(player: Player, rule: CompiledRule, book: Rulebook, now: int) -> MissionView:
    """A mission in its present period."""
    zone = book.zone(rule.zone or player.state.get("tz"))
    period = period_ordinal(local_time(now, zone).day, rule.period)
    progress, is_done = progress_of(player, rule, period)
    ends_at = None
    if rule.period != "once":
        ends_at = rfc3339(day_starts_at(first_day(period + 1, rule.period), zone))
    return {
        "key": rule.key,
        "name": rule.name,
        "progress": progress,
        "target": rule.target,
        "state": "completed" if is_done else "active",
        "ends_at": ends_at,
    }
