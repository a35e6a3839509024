"""What a field lets authors choose from, and what each choice is called: also what depends on other documents."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    values = _SOURCES[field.choices_from].values(document, others, catalogue)
    return [(value, choice_words(field, value, catalogue)) for value in values]


def choice_words(field: FormField, value: str, catalogue: Catalogue) -> str:
    """What one of the values of a field is called, by the names and labels of `catalogue`."""
    if field.choices_from:
        return _SOURCES[field.choices_from].words(value, catalogue)
    return next((words for known, words in field.choices if known == value), value)


@dataclass(frozen=True, slots=True)
class _ChoiceSource:
    """Where choices come from: the values that there are, and what each is called."""

    values: Callable[[Raw, Sequence[Raw], Catalogue], Iterable[str]]
    words: Callable[[str, Catalogue], str]


def _named_rules(*kinds: Kind) -> _ChoiceSource:
    """The keys of the documents of these kinds, called by their names."""
    keys = [kind.key for kind in kinds]
    return _ChoiceSource(
        lambda _document, others, _: [str(other.get("key")) for other in others if other.get("kind") in keys],
        lambda key, catalogue: catalogue.name(key),
    )


def _events(_document: Raw, others: Sequence[Raw], catalogue: Catalogue) -> list[str]:
    declared = {str(other.get("type") or other.get("key")) for other in others if other.get("kind") == EVENT_TYPE.key}
    return ["*", *sorted(declared | {event for event in catalogue.properties if event != "*"})]


def _event_words(event: str, _: Catalogue) -> str:
    return "any event" if event == "*" else humanise(event)


def _once_per(document: Raw, _others: Sequence[Raw], catalogue: Catalogue) -> list[str]:
    facts = catalogue.for_events(trigger_events(document)).facts()
    return [fact.path for fact in facts if is_once_per_path(fact.path)]


def _properties(document: Raw, _others: Sequence[Raw], catalogue: Catalogue) -> list[str]:
    facts = catalogue.for_events(trigger_events(document)).facts()
    own = [fact.path for fact in facts if fact.path.startswith(EVENT_PROPERTY)]
    return [path.removeprefix(EVENT_PROPERTY) for path in own]


def _segment_by(_document: Raw, _others: Sequence[Raw], catalogue: Catalogue) -> list[str]:
    paths = [fact.path for fact in catalogue.facts()]
    return [path for path in paths if path in SEGMENTING_FACTS or path.startswith(PLAYER_ATTRIBUTE)]


def _fact_words(path: str, catalogue: Catalogue) -> str:
    fact = catalogue.fact(path)
    return fact.label if fact else humanise(path)


_SCORES = {"xp": "XP earned", "coins": "Coins earned"}
_METRIC_SCORE = "metric."


def _scores(document: Raw, others: Sequence[Raw], catalogue: Catalogue) -> list[str]:
    metrics = _named_rules(METRIC).values(document, others, catalogue)
    return [*_SCORES, *(f"{_METRIC_SCORE}{key}" for key in metrics)]


def _score_words(score: str, catalogue: Catalogue) -> str:
    return _SCORES.get(score) or catalogue.name(score.removeprefix(_METRIC_SCORE))


def _states(document: Raw, _others: Sequence[Raw], _: Catalogue) -> list[str]:
    return states_of({"states": document.get("states") or []})


_SOURCES: Mapping[str, _ChoiceSource] = {
    "events": _ChoiceSource(_events, _event_words),
    "once_per": _ChoiceSource(_once_per, _fact_words),
    "properties": _ChoiceSource(_properties, lambda name, catalogue: _fact_words(f"{EVENT_PROPERTY}{name}", catalogue)),
    "scores": _ChoiceSource(_scores, _score_words),
    "segment_by": _ChoiceSource(_segment_by, _fact_words),
    "states": _ChoiceSource(_states, lambda state, _: state),
    "segments": _named_rules(SEGMENT),
    "pools": _named_rules(COUPON_POOL),
    "brands": _named_rules(BRAND),
    "granting": _named_rules(*(kind for kind in KINDS.values() if kind.grants)),
}
