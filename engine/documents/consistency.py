"""What a document must fulfil by itself beyond its shape: order of moments and thresholds, members that need others."""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.documents.condition_places import trigger_events
from engine.language.check import is_once_per_path
from engine.vocabulary.fact import is_speakable
from engine.vocabulary.problem import Problem, pointer

Raw = Mapping[str, Any]


def sense(raw: Raw, at: str, zones: Container[str] | None) -> Iterator[Problem]:
    """Every problem of a document whose shape is right."""
    yield from _period(raw, at)
    yield from _zone(raw, at, zones)
    if len(trigger_events(raw)) > 1 and "*" in trigger_events(raw):
        yield Problem(pointer(at, "trigger" if "trigger" in raw else "events"), "* means every event; name it alone")
    rules = _RULES.get(raw["kind"])
    if rules:
        yield from rules(raw, at)


def _period(raw: Raw, at: str) -> Iterator[Problem]:
    starts, ends = raw.get("starts_at"), raw.get("ends_at")
    if starts and ends and datetime.fromisoformat(starts) >= datetime.fromisoformat(ends):
        yield Problem(pointer(at, "ends_at"), "must be later than starts_at")


def _zone(raw: Raw, at: str, zones: Container[str] | None) -> Iterator[Problem]:
    zone = raw.get("timezone")
    if zone is None or (zone == "player" and raw["kind"] == "mission"):
        return
    if zone == "player":
        yield Problem(pointer(at, "timezone"), "must be one zone for all players, such as Europe/London")
    elif zones is not None and zone not in zones:
        yield Problem(
            pointer(at, "timezone"), f"unknown time zone {zone!r}; an IANA name is needed, such as Europe/London"
        )


def _metric(raw: Raw, at: str) -> Iterator[Problem]:
    name = raw.get("property")
    if raw["aggregate"] == "count" and name is not None:
        yield Problem(pointer(at, "property"), "count counts events and takes no property")
    if raw["aggregate"] != "count" and name is None:
        yield Problem(pointer(at, "property"), f"is required for {raw['aggregate']}")
    if name is not None and not is_speakable(name):
        yield Problem(pointer(at, "property"), f"{name!r} names no property: each step between the dots needs a name")


def _levels(raw: Raw, at: str) -> Iterator[Problem]:
    thresholds = raw.get("thresholds") or []
    if thresholds and raw.get("formula") is not None:
        yield Problem(pointer(at, "formula"), "levels go by thresholds or by a formula, not by both")
    for index, level in enumerate(thresholds):
        here = pointer(at, "thresholds", index, "xp")
        if index == 0 and level["xp"] != 0:
            yield Problem(here, "the first level must begin at 0 XP")
        if index and level["xp"] <= thresholds[index - 1]["xp"]:
            yield Problem(here, "must be more XP than the level before")


def _earning(raw: Raw, at: str) -> Iterator[Problem]:
    limits = raw.get("limits") or {}
    for index, path in enumerate(limits.get("once_per") or ()):
        if not is_once_per_path(path):
            here = pointer(at, "limits", "once_per", index)
            yield Problem(here, "once_per takes event.*, player.attributes.* and time.* only")


def _streak(raw: Raw, at: str) -> Iterator[Problem]:
    freezes = raw.get("freezes") or {}
    if (freezes.get("initial") or 0) > (freezes.get("max") or 0):
        yield Problem(pointer(at, "freezes", "initial"), "must not be more than max")


def _boost(raw: Raw, at: str) -> Iterator[Problem]:
    if raw["multiplier"] == 1:
        yield Problem(pointer(at, "multiplier"), "a boost by 1 changes nothing")


def states_of(raw: Raw) -> list[str]:
    """The names of the states of a lifecycle document."""
    return [each["name"] if isinstance(each, dict) else each for each in raw["states"]]


def sources_of(step: Raw) -> list[str]:
    """The states that a transition leaves; empty means every one."""
    source = step.get("from")
    if source in (None, "*"):
        return []
    return list(source) if isinstance(source, list) else [str(source)]


def _lifecycle(raw: Raw, at: str) -> Iterator[Problem]:
    states = states_of(raw)
    doubled = sorted({each for each in states if states.count(each) > 1})
    for name in doubled:
        yield Problem(pointer(at, "states"), f"the state {name!r} stands here twice")
    if raw.get("initial") is not None and raw["initial"] not in states:
        yield Problem(pointer(at, "initial"), f"unknown state {raw['initial']!r}")
    for index, step in enumerate(raw["transitions"]):
        here = pointer(at, "transitions", index)
        for name in [*sources_of(step), step["to"]]:
            if name not in states:
                where = "to" if name == step["to"] else "from"
                yield Problem(pointer(here, where), f"unknown state {name!r}; known are {', '.join(states)}")
        if step.get("after_days_inactive") is not None and (step.get("trigger") or step.get("condition") is not None):
            yield Problem(here, "goes by time or by events: after_days_inactive takes no trigger and no condition")


def _reward(raw: Raw, at: str) -> Iterator[Problem]:
    fulfilment = raw.get("fulfilment") or {}
    if fulfilment.get("by") == "coupon_pool" and not fulfilment.get("coupon_pool"):
        yield Problem(pointer(at, "fulfilment", "coupon_pool"), "is required when a coupon pool fulfils")
    if fulfilment.get("by") == "webhook" and not fulfilment.get("url"):
        yield Problem(pointer(at, "fulfilment", "url"), "is required when a webhook fulfils")


def _campaign(raw: Raw, at: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, game in enumerate(raw["games"]):
        here = pointer(at, "games", index)
        yield from _period(game, here)
        if game["key"] in seen:
            yield Problem(pointer(here, "key"), f"the game {game['key']!r} stands here twice")
        seen.add(game["key"])


_RULES: dict[str, Callable[[Raw, str], Iterator[Problem]]] = {
    "metric": _metric,
    "levels": _levels,
    "earning": _earning,
    "streak": _streak,
    "boost": _boost,
    "lifecycle": _lifecycle,
    "reward": _reward,
    "campaign": _campaign,
}
