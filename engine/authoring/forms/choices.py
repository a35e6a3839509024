"""The choices of fields that depend on what else there is: events, segments, pools, boards' scores, properties."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.documents.condition_places import trigger_events
from engine.documents.fields import FormField
from engine.kinds import KINDS, Kind
from engine.kinds.brand import BRAND
from engine.kinds.coupon_pool import COUPON_POOL
from engine.kinds.event_type import EVENT_TYPE
from engine.kinds.leaderboard import SEGMENTING_FACTS
from engine.kinds.lifecycle import states_of
from engine.kinds.metric import METRIC
from engine.kinds.segment import SEGMENT
from engine.language.check import is_once_per_path
from engine.vocabulary.fact import EVENT_PROPERTY, PLAYER_ATTRIBUTE, Catalogue, humanise

Raw = Mapping[str, Any]
ChoicePairs = Sequence[tuple[Any, str]]


def choices_of(field: FormField, document: Raw, others: Sequence[Raw], catalogue: Catalogue) -> ChoicePairs:
    """The pairs of value and words of a field; `others` are the documents beside this one."""
    if not field.choices_from:
        return field.choices
    return _FROM[field.choices_from](document, others, catalogue)


def _of_kinds(*kinds: Kind) -> Callable[[Raw, Sequence[Raw], Catalogue], ChoicePairs]:
    keys = [kind.key for kind in kinds]
    return lambda _document, others, _: [
        (str(other.get("key")), str(other.get("name") or other.get("key")))
        for other in others
        if other.get("kind") in keys
    ]


def _events(_document: Raw, others: Sequence[Raw], catalogue: Catalogue) -> ChoicePairs:
    declared = {str(other.get("type") or other.get("key")) for other in others if other.get("kind") == EVENT_TYPE.key}
    known = sorted(declared | {event for event in catalogue.properties if event != "*"})
    return [("*", "any event"), *((event, humanise(event)) for event in known)]


def _once_per(document: Raw, _others: Sequence[Raw], catalogue: Catalogue) -> ChoicePairs:
    facts = catalogue.for_events(trigger_events(document)).facts()
    return [(fact.path, fact.label) for fact in facts if is_once_per_path(fact.path)]


def _properties(document: Raw, _others: Sequence[Raw], catalogue: Catalogue) -> ChoicePairs:
    facts = catalogue.for_events(trigger_events(document)).facts()
    own = [fact for fact in facts if fact.path.startswith(EVENT_PROPERTY)]
    return [(fact.path.removeprefix(EVENT_PROPERTY), fact.label) for fact in own]


def _scores(_document: Raw, others: Sequence[Raw], catalogue: Catalogue) -> ChoicePairs:
    metrics = _of_kinds(METRIC)(_document, others, catalogue)
    return [("xp", "XP earned"), ("coins", "Coins earned"), *((f"metric.{key}", name) for key, name in metrics)]


def _segment_by(_document: Raw, _others: Sequence[Raw], catalogue: Catalogue) -> ChoicePairs:
    facts = [
        fact for fact in catalogue.facts() if fact.path in SEGMENTING_FACTS or fact.path.startswith(PLAYER_ATTRIBUTE)
    ]
    return [(fact.path, fact.label) for fact in facts]


def _states(document: Raw, _others: Sequence[Raw], _: Catalogue) -> ChoicePairs:
    return [(state, state) for state in states_of({"states": document.get("states") or []})]


_FROM: Mapping[str, Callable[[Raw, Sequence[Raw], Catalogue], ChoicePairs]] = {
    "events": _events,
    "once_per": _once_per,
    "properties": _properties,
    "scores": _scores,
    "segment_by": _segment_by,
    "states": _states,
    "segments": _of_kinds(SEGMENT),
    "pools": _of_kinds(COUPON_POOL),
    "brands": _of_kinds(BRAND),
    "granting": _of_kinds(*(kind for kind in KINDS.values() if kind.grants)),
}
