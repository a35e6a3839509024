"""The portrait: a player as apps and people see it at a moment. Windows and streaks are those of that moment."""

from typing import Any

from engine.scoring import metrics, streaks
from engine.scoring.evaluation_context import progress_of
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledRule
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import date_of_day, day_starts_at, first_day, local_time, month_days, period_ordinal
from engine.scoring.state.generations import is_stale
from engine.scoring.state.memory import Player, State
from engine.scoring.state.series import days_missing
from engine.vocabulary.moment import rfc3339

WINDOWS = ("total", "today", "this_week", "this_month")


def profile_preload(state: State, book: Rulebook, now: int) -> list[tuple[str, int, int]]:
    """The ranges of series that must be in the memory for a portrait; nearly always none."""
    today = local_time(now, book.zone(state.get("tz"))).day
    spans = []
    for key, metric in book.metrics.items():
        span = days_missing(state.get("days", {}).get(key), month_days(today)[0] - 6, today)
        if span:
            spans.append((metric.retention.series, *span))
    return spans


def player_profile(player: Player, book: Rulebook, now: int) -> dict[str, Any]:
    """Everything that `GET /v1/players/{player}` says, but for the id and what stands in tables of its own (badges)."""
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
    """A metric's value in a window; None while its history is counted anew."""
    return None if is_stale(player.state, metric) else metrics.value(player, metric, window, today)


def level_view(xp: int, book: Rulebook) -> dict[str, Any]:
    """The level that some XP stands on; without rules for levels everybody is on the first."""
    if book.levels is None:
        return {"number": 1, "name": None, "xp_to_next": None}
    number = book.levels.level_at(xp)
    return {"number": number, "name": book.levels.name_of(number), "xp_to_next": book.levels.xp_to_next(xp)}


def streak_view(player: Player, book: Rulebook, key: str, now: int) -> dict[str, Any]:
    """A streak as it stands now: 0 once broken, at risk while nothing has happened in this period yet."""
    ruled = book.streaks[key]
    record = player.state.get("streaks", {}).get(key)
    if record is None or not record["runs"] or is_stale(player.state, ruled):
        freezes = record["freezes"] if record else ruled.initial_freezes
        return {"current": 0, "longest": 0, "freezes": freezes, "at_risk": False, "last_day": None}
    period = period_ordinal(local_time(now, book.zone(player.state.get("tz"))).day, ruled.every)
    current, freezes, at_risk = streaks.status_at(record, period)
    newest = streaks.newest_active(record["runs"][-1])
    return {
        "current": current,
        "longest": record["longest"],
        "freezes": freezes,
        "at_risk": at_risk,
        "last_day": date_of_day(first_day(newest, ruled.every)),
    }


def mission_view(player: Player, rule: CompiledRule, book: Rulebook, now: int) -> dict[str, Any]:
    """A mission in its present period."""
    zone = book.zone(rule.zone or player.state.get("tz"))
    period = period_ordinal(local_time(now, zone).day, rule.period)
    progress, done = progress_of(player, rule, period)
    ends = None if rule.period == "once" else rfc3339(day_starts_at(first_day(period + 1, rule.period), zone))
    return {
        "key": rule.key,
        "name": rule.name,
        "progress": progress,
        "target": rule.target,
        "state": "completed" if done else "active",
        "ends_at": ends,
    }
