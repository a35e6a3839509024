"""The known facts: those of every installation, and those that metrics, streaks, missions and event types add."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from engine.vocabulary.fact import EVENT_PROPERTY, Fact, FactGroup, FactType, SeenProperties, SeenProperty, humanise

Raw: TypeAlias = Mapping[str, Any]

_TYPE_OF_SEEN_KIND = {
    "number": FactType.NUMBER,
    "text": FactType.TEXT,
    "boolean": FactType.BOOLEAN,
    "texts": FactType.TEXTS,
    "list": FactType.LIST,
    "object": FactType.UNKNOWN,
}
_WINDOWS = {"total": "", "today": " today", "this_week": " this week", "this_month": " this month"}


def from_documents(raws: Sequence[Raw]) -> Iterator[Fact]:
    """The facts of every installation, and those that these documents contribute, in the order of a form."""
    yield _event_type_fact(raws)
    yield from _player_facts(raws)
    for raw in raws:
        key, kind = raw.get("key"), raw.get("kind")
        if not isinstance(key, str):
            continue
        label = str(raw.get("name") or humanise(key))
        if kind == "metric":
            yield from _metric_facts(key, label)
        elif kind == "streak":
            yield from _streak_facts(key, label, str(raw.get("every") or "day"))
        elif kind == "mission":
            yield from _mission_facts(key, label)
    yield from _time_facts()


def names(raws: Sequence[Raw]) -> dict[str, str]:
    """Key → name of every document that has both."""
    return {raw["key"]: str(raw["name"]) for raw in raws if isinstance(raw.get("key"), str) and raw.get("name")}


def properties(raws: Sequence[Raw], seen: SeenProperties) -> dict[str, dict[str, Fact]]:
    """Event type → property → fact. What a document declares takes precedence over what events have shown."""
    by_event = {
        event: {name: _seen_fact(name, seen_property) for name, seen_property in seen_properties.items()}
        for event, seen_properties in seen.items()
    }
    for raw in raws:
        declared = raw.get("properties")
        if raw.get("kind") != "event_type" or not isinstance(declared, Mapping):
            continue
        event = str(raw.get("type") or raw.get("event") or raw.get("key"))
        facts = {name: _declared_fact(name, shape) for name, shape in declared.items() if isinstance(shape, Mapping)}
        by_event[event] = {**by_event.get(event, {}), **facts}
    return by_event


def _event_type_fact(raws: Sequence[Raw]) -> Fact:
    types = tuple(sorted(str(raw.get("key")) for raw in raws if raw.get("kind") == "event_type"))
    return Fact("event.type", "event type", FactType.TEXT, choices=types, example="lesson_completed")


def _player_facts(raws: Sequence[Raw]) -> Iterator[Fact]:
    number, text = FactType.NUMBER, FactType.TEXT
    yield Fact("player.xp", "XP", number, "XP", group=FactGroup.PLAYER, example=510, noun="XP")
    yield Fact("player.coins", "coins", number, "coins", group=FactGroup.PLAYER, example=40, noun="coins")
    yield Fact("player.level", "level", number, group=FactGroup.PLAYER, example=3, noun="levels")
    states = tuple(_lifecycle_states(raws))
    yield Fact(
        "player.state",
        "lifecycle state",
        text,
        choices=states,
        group=FactGroup.PLAYER,
        example="ACTIVE",
        is_closed=bool(states),
    )
    for kind in ("badge", "segment"):
        keys = tuple(raw["key"] for raw in raws if raw.get("kind") == kind and isinstance(raw.get("key"), str))
        if keys or kind == "badge":
            yield Fact(
                f"player.{kind}s",
                f"{kind}s",
                FactType.TEXTS,
                choices=keys,
                group=FactGroup.PLAYER,
                example=list(keys[:1]),
                is_closed=True,
            )


def _lifecycle_states(raws: Sequence[Raw]) -> Iterator[str]:
    for raw in raws:
        states = raw.get("states")
        if raw.get("kind") != "lifecycle" or not isinstance(states, Sequence) or isinstance(states, str):
            continue
        for state in states:
            yield str(state.get("key") or state.get("name")) if isinstance(state, Mapping) else str(state)


def _metric_facts(key: str, label: str) -> Iterator[Fact]:
    for window, words in _WINDOWS.items():
        yield Fact(
            f"metric.{key}.{window}",
            label + words,
            FactType.NUMBER,
            group=FactGroup.METRICS,
            example=5,
            noun=lower_first_word(label) + words,
        )


def _streak_facts(key: str, label: str, every: str) -> Iterator[Fact]:
    unit, noun = f"{every}s", f"{every}s of {label}"
    labels = {"current": label, "longest": f"longest {lower_first_word(label)}"}
    for which, name in labels.items():
        path = f"streak.{key}.{which}"
        yield Fact(path, name, FactType.NUMBER, unit, group=FactGroup.STREAKS, example=7, noun=noun)


def _mission_facts(key: str, label: str) -> Iterator[Fact]:
    yield Fact(
        f"mission.{key}.progress",
        f"progress of {label}",
        FactType.NUMBER,
        group=FactGroup.MISSIONS,
        example=2,
        noun=f"steps of {label}",
    )
    yield Fact(
        f"mission.{key}.completed",
        f"{label} is completed",
        FactType.BOOLEAN,
        group=FactGroup.MISSIONS,
        example=False,
    )


def _time_facts() -> Iterator[Fact]:
    number, group = FactType.NUMBER, FactGroup.TIME
    yield Fact("time.hour", "hour of the day", number, choices=tuple(range(24)), group=group, example=17)
    yield Fact("time.weekday", "weekday", number, choices=tuple(range(1, 8)), group=group, example=1, is_closed=True)
    yield Fact("time.date", "date", FactType.DATE, group=group, example="2026-11-20")


def _declared_fact(name: str, raw: Raw) -> Fact:
    kind = str(raw.get("type") or "unknown")
    declared = raw.get("choices")
    choices = tuple(declared) if isinstance(declared, Sequence) and not isinstance(declared, str) else ()
    return Fact(
        EVENT_PROPERTY + name,
        str(raw.get("label") or humanise(name)),
        FactType(kind) if kind in set(FactType) else FactType.UNKNOWN,
        str(raw["unit"]) if raw.get("unit") else None,
        choices,
        example=raw.get("example"),
        is_closed=bool(choices),
    )


def _seen_fact(name: str, seen: SeenProperty) -> Fact:
    types = {_TYPE_OF_SEEN_KIND.get(kind, FactType.UNKNOWN) for kind in seen.kinds if kind != "null"}
    fact_type = types.pop() if len(types) == 1 else FactType.UNKNOWN
    example = seen.examples[0] if seen.examples else None
    return Fact(EVENT_PROPERTY + name, humanise(name), fact_type, choices=(), example=example)


def lower_first_word(label: str) -> str:
    """The label inside a sentence: a first word that is not an abbreviation loses its capital."""
    first, rest = label[:1], label.split(" ", 1)[0][1:]
    is_abbreviation = not rest or rest != rest.lower()
    return label if is_abbreviation else first.lower() + label[1:]
