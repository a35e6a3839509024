"""The facts there are: those of every installation, and those that metrics, streaks, missions and event types add."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from engine.vocabulary.fact import EVENT_PROPERTY, Fact, FactGroup, FactType, SeenProperties, SeenProperty, humanised

Raw: TypeAlias = Mapping[str, Any]

_STATES = "lifecycle"
_KINDS_SEEN = {
    "number": FactType.NUMBER,
    "text": FactType.TEXT,
    "boolean": FactType.BOOLEAN,
    "texts": FactType.TEXTS,
    "list": FactType.LIST,
    "object": FactType.UNKNOWN,
}
_WINDOWS = {"total": "", "today": " today", "this_week": " this week", "this_month": " this month"}


def from_documents(raws: Sequence[Raw]) -> Iterator[Fact]:
    """The facts of every installation, then those that these documents bring."""
    yield from _of_events(raws)
    yield from _of_players(raws)
    for raw in raws:
        key, kind = raw.get("key"), raw.get("kind")
        if not isinstance(key, str):
            continue
        label = str(raw.get("name") or humanised(key))
        if kind == "metric":
            yield from _of_metric(key, label)
        elif kind == "streak":
            yield from _of_streak(key, label, str(raw.get("every") or "day"))
        elif kind == "mission":
            yield from _of_mission(key, label)
    yield from _of_time()


def names(raws: Sequence[Raw]) -> dict[str, str]:
    """Key → name of every document that has both."""
    return {raw["key"]: str(raw["name"]) for raw in raws if isinstance(raw.get("key"), str) and raw.get("name")}


def properties(raws: Sequence[Raw], seen: SeenProperties) -> dict[str, dict[str, Fact]]:
    """Event type → property → fact. What a document declares goes before what events have shown."""
    found = {event: {name: _seen(name, each) for name, each in by.items()} for event, by in seen.items()}
    for raw in raws:
        declared = raw.get("properties")
        if raw.get("kind") != "event_type" or not isinstance(declared, Mapping):
            continue
        event = str(raw.get("type") or raw.get("event") or raw.get("key"))
        facts = {name: _declared(name, each) for name, each in declared.items() if isinstance(each, Mapping)}
        found[event] = {**found.get(event, {}), **facts}
    return found


def _of_events(raws: Sequence[Raw]) -> Iterator[Fact]:
    types = tuple(sorted(str(raw.get("key")) for raw in raws if raw.get("kind") == "event_type"))
    yield Fact("event.type", "event type", FactType.TEXT, choices=types, example="lesson_completed")


def _of_players(raws: Sequence[Raw]) -> Iterator[Fact]:
    number, text = FactType.NUMBER, FactType.TEXT
    yield Fact("player.xp", "XP", number, "XP", group=FactGroup.PLAYER, example=510, noun="XP")
    yield Fact("player.coins", "coins", number, "coins", group=FactGroup.PLAYER, example=40, noun="coins")
    yield Fact("player.level", "level", number, group=FactGroup.PLAYER, example=3, noun="levels")
    states = tuple(_states(raws))
    yield Fact(
        "player.state", "lifecycle state", text, None, states, FactGroup.PLAYER, "ACTIVE", is_closed=bool(states)
    )
    for kind in ("badge", "segment"):
        keys = tuple(raw["key"] for raw in raws if raw.get("kind") == kind and isinstance(raw.get("key"), str))
        path, label = f"player.{kind}s", f"{kind}s"
        if keys or kind == "badge":
            yield Fact(path, label, FactType.TEXTS, None, keys, FactGroup.PLAYER, list(keys[:1]), is_closed=True)


def _states(raws: Sequence[Raw]) -> Iterator[str]:
    for raw in raws:
        states = raw.get("states")
        if raw.get("kind") == _STATES and isinstance(states, Sequence) and not isinstance(states, str):
            for state in states:
                yield str(state.get("key") or state.get("name")) if isinstance(state, Mapping) else str(state)


def _of_metric(key: str, label: str) -> Iterator[Fact]:
    for window, words in _WINDOWS.items():
        yield Fact(
            f"metric.{key}.{window}",
            label + words,
            FactType.NUMBER,
            group=FactGroup.METRICS,
            example=5,
            noun=lowered(label) + words,
        )


def _of_streak(key: str, label: str, every: str) -> Iterator[Fact]:
    for which in ("current", "longest"):
        name = label if which == "current" else f"longest {lowered(label)}"
        noun = f"{every}s of {label}"
        yield Fact(
            f"streak.{key}.{which}", name, FactType.NUMBER, f"{every}s", group=FactGroup.STREAKS, example=7, noun=noun
        )


def _of_mission(key: str, label: str) -> Iterator[Fact]:
    progress, done = f"progress of {label}", f"{label} is completed"
    noun = f"steps of {label}"
    yield Fact(f"mission.{key}.progress", progress, FactType.NUMBER, group=FactGroup.MISSIONS, example=2, noun=noun)
    yield Fact(f"mission.{key}.completed", done, FactType.BOOLEAN, group=FactGroup.MISSIONS, example=False)


def _of_time() -> Iterator[Fact]:
    yield Fact("time.hour", "hour of the day", FactType.NUMBER, None, tuple(range(24)), FactGroup.TIME, 17)
    yield Fact("time.weekday", "weekday", FactType.NUMBER, None, tuple(range(1, 8)), FactGroup.TIME, 1, is_closed=True)
    yield Fact("time.date", "date", FactType.DATE, group=FactGroup.TIME, example="2026-11-20")


def _declared(name: str, raw: Raw) -> Fact:
    kind = str(raw.get("type") or "unknown")
    choices = raw.get("choices")
    known = tuple(choices) if isinstance(choices, Sequence) and not isinstance(choices, str) else ()
    return Fact(
        EVENT_PROPERTY + name,
        str(raw.get("label") or humanised(name)),
        FactType(kind) if kind in set(FactType) else FactType.UNKNOWN,
        str(raw["unit"]) if raw.get("unit") else None,
        known,
        example=raw.get("example"),
        is_closed=bool(known),
    )


def _seen(name: str, each: SeenProperty) -> Fact:
    kinds = {_KINDS_SEEN.get(kind, FactType.UNKNOWN) for kind in each.kinds if kind != "null"}
    known = kinds.pop() if len(kinds) == 1 else FactType.UNKNOWN
    example = each.examples[0] if each.examples else None
    return Fact(EVENT_PROPERTY + name, humanised(name), known, choices=(), example=example)


def lowered(label: str) -> str:
    """The label as it reads inside a sentence: a first word that is not an abbreviation loses its capital."""
    first = label.split(" ", 1)[0]
    return label if first[1:] != first[1:].lower() or len(first) == 1 else label[:1].lower() + label[1:]
