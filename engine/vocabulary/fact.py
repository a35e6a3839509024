"""What a rule may ask about: one fact, and the catalogue of all of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Self, TypeAlias

EVENT_PROPERTY = "event.properties."
PLAYER_ATTRIBUTE = "player.attributes."
NAMED_BY_RULES = ("player.badges", "player.segments")
"""Facts whose values are keys of rule documents, which people know by their names."""
PATH_LENGTH_MAX = 200
GUESSES_MAX = 50  # each is compared with every known name: a document of mistakes must not keep a worker busy
_GUESSED_LENGTH_MAX = 100
_LAST_DAYS = re.compile(r"metric\.([a-z][a-z0-9_]*)\.last_([1-9][0-9]?)_days")
_LAST_DAYS_MAX = 90
_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z](?![A-Z])")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


class FactType(StrEnum):
    """What kind of value a fact has. UNKNOWN means that nobody has declared it and no event has shown it."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TEXTS = "texts"
    LIST = "list"
    UNKNOWN = "unknown"


class FactGroup(StrEnum):
    """The heading under which a form lists a fact."""

    EVENT = "Event"
    PLAYER = "Player"
    METRICS = "Metrics"
    STREAKS = "Streaks"
    MISSIONS = "Missions"
    TIME = "Time"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a rule may ask about.

    `choices` are the values it is known to have; with `is_closed` no other value is allowed in a rule.
    `noun` is what is counted, for "4 more assessments passed"; empty if nothing is.
    """

    path: str
    label: str
    type: FactType
    unit: str | None = None
    choices: tuple[Any, ...] = ()
    group: FactGroup = FactGroup.EVENT
    example: Any = None
    is_closed: bool = False
    noun: str = ""


@dataclass(frozen=True, slots=True)
class SeenProperty:
    """What real events have carried under one name: the kinds of value ("number", "text", …) and a few examples."""

    kinds: tuple[str, ...]
    examples: tuple[Any, ...] = ()


SeenProperties: TypeAlias = Mapping[str, Mapping[str, SeenProperty]]
"""Event type → property name → what was seen."""


def humanise(name: str) -> str:
    """An identifier as words: `passed_at` → `passed at`, `firstName` → `first name`."""
    spaced = _HUMP.sub(lambda hump: f" {hump[0].lower()}", name)
    return " ".join(spaced.replace("_", " ").replace(".", " ").split())


@dataclass(frozen=True)
class Catalogue:
    """All facts that rules may ask about, and the names of rule documents.

    `properties` holds, for each event type ("*" for no particular one), its declared or seen properties. `names` maps
    the key of each known rule document to its name. `events` are the types whose properties are in scope; empty for
    all.
    """

    known: Mapping[str, Fact] = field(default_factory=dict)
    properties: Mapping[str, Mapping[str, Fact]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    guesses: list[str] = field(default_factory=list, compare=False, repr=False)
    properties_cache: dict[tuple[tuple[str, ...], str], Fact | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def from_documents(cls, documents: Iterable[Any], seen: SeenProperties | None = None) -> Self:
        """Read the facts that `documents` (plain dicts, or anything with a `.raw` dict) contribute.

        Malformed documents contribute nothing; reporting them is not the catalogue's task.
        """
        from engine.vocabulary import known_facts  # it builds on the nouns of this module

        raws = [document if isinstance(document, Mapping) else document.raw for document in documents]
        return cls(
            known={fact.path: fact for fact in known_facts.from_documents(raws)},
            properties=known_facts.properties(raws, seen or {}),
            names=known_facts.names(raws),
        )

    def fact(self, path: str) -> Fact | None:
        """The fact at `path`; None if there is none. Event properties and player attributes always exist."""
        if path in self.known:
            return self.known[path]
        if path.startswith(EVENT_PROPERTY):
            cache_key = (self.events, path)
            if cache_key not in self.properties_cache:
                self.properties_cache[cache_key] = self._property(path.removeprefix(EVENT_PROPERTY))
            return self.properties_cache[cache_key]
        if path.startswith(PLAYER_ATTRIBUTE):
            return _attribute(path)
        return self._last_days(path)

    def name(self, key: str) -> str:
        """The name of the rule with this key; of one without a name, its key as words."""
        return self.names.get(key) or humanise(key)

    def facts(self) -> list[Fact]:
        """Every fact worth listing, in the order of a form; properties as far as they are known."""
        names = sorted({name for properties in self.properties.values() for name in properties})
        event_properties = [fact for fact in map(self._property, names) if fact]
        order = list(FactGroup)
        return sorted([*event_properties, *self.known.values()], key=lambda fact: order.index(fact.group))

    def did_you_mean(self, word: str, candidates: Iterable[str]) -> str:
        """The end of a message about an unknown name, with the nearest candidate; empty if none is near.

        Comparing with all candidates is slow, so only the first `GUESSES_MAX` unknown names are looked up.
        """
        if len(self.guesses) >= GUESSES_MAX:
            return ""
        self.guesses.append(word)
        nearest = get_close_matches(word[:_GUESSED_LENGTH_MAX], list(candidates), n=1)
        return f"; did you mean {nearest[0]!r}?" if nearest else ""

    def for_events(self, types: Sequence[str]) -> "Catalogue":
        """The same catalogue with the properties of these event types only ("*" keeps all)."""
        if "*" in types:
            return self
        return replace(self, events=tuple(types))

    def _property(self, name: str) -> Fact | None:
        """What the events in scope agree on: a property they declare differently has no type, or no choices."""
        if not is_valid_name(name):
            return None
        events = self.events or tuple(self.properties)
        facts = [self.properties[event][name] for event in events if name in self.properties.get(event, {})]
        if not facts:
            return Fact(EVENT_PROPERTY + name, humanise(name), FactType.UNKNOWN)
        first = facts[0]
        if any(fact.type != first.type for fact in facts):
            return replace(first, type=FactType.UNKNOWN, choices=(), is_closed=False)
        if any(fact.choices != first.choices for fact in facts):
            return replace(first, choices=(), is_closed=False)
        return first

    def _last_days(self, path: str) -> Fact | None:
        match = _LAST_DAYS.fullmatch(path)
        total = self.known.get(f"metric.{match[1]}.total") if match else None
        if match is None or total is None or int(match[2]) > _LAST_DAYS_MAX:
            return None
        days = "day" if match[2] == "1" else f"{match[2]} days"
        return replace(total, path=path, label=f"{total.label} in the last {days}", noun=f"{total.noun} in {days}")


def is_valid_name(name: str) -> bool:
    """Whether a rule may name a property or attribute so: no empty step, no control character, not too long."""
    return bool(name) and len(name) <= PATH_LENGTH_MAX and all(name.split(".")) and not _UNPRINTABLE.search(name)


def _attribute(path: str) -> Fact | None:
    name = path.removeprefix(PLAYER_ATTRIBUTE)
    if not is_valid_name(name):
        return None
    return Fact(path, f"player's {humanise(name)}", FactType.UNKNOWN, group=FactGroup.PLAYER)
