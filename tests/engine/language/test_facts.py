"""The catalogue: which facts there are, and what they are called."""

from types import SimpleNamespace

import pytest

from engine.vocabulary.fact import Catalogue, FactGroup, FactType, SeenProperty, humanise
from tests.engine.language.rules import CATALOGUE


@pytest.mark.parametrize(
    ("path", "kind", "label"),
    [
        ("event.type", FactType.TEXT, "event type"),
        ("event.properties.amount", FactType.NUMBER, "amount"),
        ("event.properties.passed_at", FactType.UNKNOWN, "passed at"),
        ("event.properties.shipTo.postCode", FactType.UNKNOWN, "ship to post code"),
        ("player.attributes.home_town", FactType.UNKNOWN, "player's home town"),
        ("player.badges", FactType.TEXTS, "badges"),
        ("player.state", FactType.TEXT, "lifecycle state"),
        ("metric.passed.total", FactType.NUMBER, "Assessments passed"),
        ("metric.passed.this_week", FactType.NUMBER, "Assessments passed this week"),
        ("metric.passed.last_1_days", FactType.NUMBER, "Assessments passed in the last day"),
        ("metric.passed.last_90_days", FactType.NUMBER, "Assessments passed in the last 90 days"),
        ("streak.daily.longest", FactType.NUMBER, "longest daily streak"),
        ("mission.three_today.completed", FactType.BOOLEAN, "Three today is completed"),
        ("time.date", FactType.DATE, "date"),
    ],
)
def test_facts_have_types_and_labels(path: str, kind: FactType, label: str) -> None:
    fact = CATALOGUE.fact(path)
    assert fact is not None
    assert (fact.path, fact.type, fact.label) == (path, kind, label)


NO_FACTS = ["", "event", "event.properties", "event.properties.", "event.properties.a..b", "player.name", "time.minute"]
NO_METRICS = ["metric.x.total", "metric.passed.last_0_days", "metric.passed.last_91_days", "metric.passed.last_07_days"]


@pytest.mark.parametrize("path", NO_FACTS + NO_METRICS)
def test_an_unknown_path_has_no_fact(path: str) -> None:
    assert CATALOGUE.fact(path) is None


def test_the_list_of_facts_is_grouped_in_the_order_of_a_form() -> None:
    groups = [fact.group for fact in CATALOGUE.facts()]
    assert groups == sorted(groups, key=list(FactGroup).index)
    assert set(groups) == set(FactGroup)


def test_lifecycle_states_are_the_choices_of_the_state() -> None:
    states = {"kind": "lifecycle", "key": "l", "name": "L", "states": ["NEW", {"key": "ACTIVE"}]}
    fact = Catalogue.from_documents([SimpleNamespace(raw=states)]).fact("player.state")
    assert fact is not None
    assert (fact.choices, fact.is_closed) == (("NEW", "ACTIVE"), True)


def test_a_declared_property_takes_precedence_over_one_that_was_seen() -> None:
    declared = {"kind": "event_type", "key": "a", "name": "A", "properties": {"n": {"type": "text"}}}
    fact = Catalogue.from_documents([declared], {"a": {"n": SeenProperty(("number",))}}).fact("event.properties.n")
    assert fact is not None
    assert fact.type is FactType.TEXT


def test_a_property_that_differs_between_events_is_unknown_until_the_events_are_named() -> None:
    seen = {"a": {"n": SeenProperty(("number",))}, "b": {"n": SeenProperty(("text",))}}
    catalogue = Catalogue.from_documents([], seen)
    facts = [some_catalogue.fact("event.properties.n") for some_catalogue in (catalogue, catalogue.for_events(["a"]))]
    types = [fact.type for fact in facts if fact is not None]
    assert types == [FactType.UNKNOWN, FactType.NUMBER]


def test_malformed_documents_add_no_facts() -> None:
    unkeyed = [{"kind": "metric"}, {"kind": "metric", "key": 5}, {"kind": "event_type", "key": "e", "properties": 3}]
    untyped = [{"kind": "event_type", "key": "e", "properties": {"x": 1}}, {"kind": "lifecycle", "states": "AB"}, {}]
    assert [fact.path for fact in Catalogue.from_documents([*unkeyed, *untyped]).facts() if "metric" in fact.path] == []


@pytest.mark.parametrize(
    ("name", "words"), [("passed_at", "passed at"), ("firstName", "first name"), ("isVIP", "isVIP"), ("a.b", "a b")]
)
def test_names_are_humanised(name: str, words: str) -> None:
    assert humanise(name) == words
