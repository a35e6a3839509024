"""The gate of publication: compiled rules must say what the reference interpreter says, on real events and examples."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.documents.condition_places import Place
from engine.kinds import KINDS
from engine.language.compile import compile_logic
from engine.language.facts import Facts
from engine.language.reference_check import difference
from engine.rules.build_rulebook import build_rulebook
from engine.scoring.fold import fold
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state import player_state
from engine.scoring.state.memory import Player
from engine.scoring.views.explanation_facts import facts_at
from engine.vocabulary.entry import Entry
from engine.vocabulary.problem import Problem, pointer
from rules_library.examples import entries_of
from webapp.runtime.zones import ZONES
from webapp.store.events import seen_properties as seen
from webapp.store.rules import test_cases
from webapp.store.system.connection import Connection

EVALUATIONS_MAX = 3_000  # in all, so that the gate takes a second or two at most
SAMPLES_MAX = 60  # of real events for one document
EXAMPLE_EVENTS_MAX = 100

Raw = Mapping[str, Any]
Case = tuple[Entry, Player]


@dataclass(slots=True)
class EngineAgreement:
    """How often the two were asked, and every piece of logic about which they differ."""

    asked: int = 0
    problems: list[Problem] = field(default_factory=list)


def engine_disagreements(conn: Connection, documents: Sequence[Raw], beside: Sequence[Raw]) -> list[Problem]:
    """Every piece of logic in `documents` whose compiled form differs from the reference; `beside` are live too."""
    return compare_engines(conn, documents, beside).problems


def compare_engines(conn: Connection, documents: Sequence[Raw], beside: Sequence[Raw]) -> EngineAgreement:
    """Ask both about real events, the documents' examples, and the test cases that people wrote."""
    keys = {each["key"] for each in documents}
    book = book_of([*documents, *(each for each in beside if each["key"] not in keys)])
    known = [(each, list(KINDS[each["kind"]].places(each, pointer("", index)))) for index, each in enumerate(documents)]
    samples = _samples(conn, known)
    share = max(5, EVALUATIONS_MAX // max(1, sum(len(found) for _, found in known)))
    told = EngineAgreement()
    for document, found in known:
        cases = [*_examples(document, book), *_fitting(samples, found)][:share]
        asked = [(entry.event_id, facts_at(player.state, entry, book, player.memory)) for entry, player in cases]
        _compare(found, [*asked, *_given(conn, document["key"])], told)
    return told


def book_of(documents: Sequence[Raw]) -> Rulebook:
    """The rulebook that these documents would be."""
    return build_rulebook(0, [RuleVersion(i, each["key"], 0, dict(each)) for i, each in enumerate(documents)], ZONES)


def _compare(found: list[Place], asked: list[tuple[str, Raw]], told: EngineAgreement) -> None:
    for place in found:
        compiled = compile_logic(place.logic)
        for name, known in asked:
            told.asked += 1
            wrong = difference(place.logic, compiled, known)
            if wrong:
                told.problems.append(
                    Problem(place.at, f"the rule does not say the same everywhere (event {name}): {wrong}")
                )
                break


def _given(conn: Connection, key: str) -> list[tuple[str, Raw]]:
    return [(case.name, Facts(case.given.get("facts") or {})) for case in test_cases.cases_of(conn, key)]


def _samples(conn: Connection, known: Sequence[tuple[Any, list[Place]]]) -> list[Case]:
    """The newest real events that any of the logic would see, each with its player as it now is."""
    types = {event for _, found in known for place in found for event in place.events}
    loaded = seen.newest(conn, None if "*" in types else sorted(types)) if types else []
    return [(entry, Player(entry.player, player_state.decode(stored))) for entry, stored in loaded]


def _fitting(samples: list[Case], found: list[Place]) -> list[Case]:
    types = {event for place in found for event in place.events}
    return [case for case in samples if "*" in types or case[0].type in types][:SAMPLES_MAX]


def _examples(document: Raw, book: Rulebook) -> Iterator[Case]:
    """The events of the document's own examples, each with what the ones before it made of the player."""
    for example in document.get("examples") or ():
        player = Player(0)
        for entry in _entries(example):
            fold(player, entry, book)
            yield entry, player


def _entries(example: Any) -> list[Entry]:
    """The events of an example; none of one that has another form, since authors may note examples as they like."""
    try:
        return list(entries_of(example["events"]))[:EXAMPLE_EVENTS_MAX]
    except (TypeError, KeyError, ValueError, AttributeError):
        return []
