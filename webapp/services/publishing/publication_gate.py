"""The engine check before publication: compiled rules must agree with the reference interpreter.

Both evaluate every piece of logic of the documents on real events, on the documents' examples, and on test cases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.documents.condition_places import LogicPlace
from engine.kinds import KINDS
from engine.language.compile import compile_logic
from engine.language.facts import Facts
from engine.language.reference_interpreter import difference_from_reference
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
from webapp.store.events import seen_properties
from webapp.store.rules import test_cases
from webapp.store.system.connection import Connection

EVALUATIONS_MAX = 3_000  # for all documents together, so that the check takes a second or two at most
SAMPLES_MIN = 5  # for each document, however many pieces of logic there are
SAMPLES_MAX = 60  # real events for each document
EXAMPLE_EVENTS_MAX = 100

Raw = Mapping[str, Any]
Sample = tuple[Entry, Player]
NamedFacts = tuple[str, Raw]
"""Facts, and the name of the event or test case that they come from."""


@dataclass(slots=True)
class EngineAgreement:
    """How many evaluations were compared, and a problem for each piece of logic that they differ about."""

    evaluations: int = 0
    problems: list[Problem] = field(default_factory=list)


def engine_disagreements(conn: Connection, documents: Sequence[Raw], live: Sequence[Raw]) -> list[Problem]:
    """A problem for each piece of logic in `documents` whose compiled form differs from the reference."""
    return compare_engines(conn, documents, live).problems


def compare_engines(conn: Connection, documents: Sequence[Raw], live: Sequence[Raw]) -> EngineAgreement:
    """Evaluate the logic of `documents` by both engines, in a rulebook with the `live` documents beside them."""
    keys = {document["key"] for document in documents}
    book = book_of([*documents, *(document for document in live if document["key"] not in keys)])
    places_by_document = [
        list(KINDS[document["kind"]].places(document, pointer("", index))) for index, document in enumerate(documents)
    ]
    samples = _newest_samples(conn, [place for places in places_by_document for place in places])
    samples_each = max(SAMPLES_MIN, EVALUATIONS_MAX // max(1, sum(map(len, places_by_document))))

    agreement = EngineAgreement()
    for document, places in zip(documents, places_by_document, strict=True):
        document_samples = [*_example_samples(document, book), *_matching(samples, places)][:samples_each]
        cases = [
            (entry.event_id, facts_at(player.state, entry, book, player.memory)) for entry, player in document_samples
        ]
        _compare(places, [*cases, *_test_case_facts(conn, document["key"])], agreement)
    return agreement


def book_of(documents: Sequence[Raw]) -> Rulebook:
    """The rulebook that these documents would make."""
    versions = [RuleVersion(index, document["key"], 0, dict(document)) for index, document in enumerate(documents)]
    return build_rulebook(0, versions, ZONES)


def _compare(places: list[LogicPlace], cases: list[NamedFacts], agreement: EngineAgreement) -> None:
    for place in places:
        compiled = compile_logic(place.logic)
        for name, facts in cases:
            agreement.evaluations += 1
            mismatch = difference_from_reference(place.logic, compiled, facts)
            if mismatch:
                message = f"the compiled rule differs from the reference (event {name}): {mismatch}"
                agreement.problems.append(Problem(place.at, message))
                break  # one example for each piece of logic is enough to refuse it


def _test_case_facts(conn: Connection, key: str) -> list[NamedFacts]:
    return [(case.name, Facts(case.given.get("facts") or {})) for case in test_cases.cases_of(conn, key)]


def _newest_samples(conn: Connection, places: Sequence[LogicPlace]) -> list[Sample]:
    """The newest real events that any of the logic would see, each with its player as of now."""
    types = _event_types(places)
    if not types:
        return []
    rows = seen_properties.newest(conn, None if "*" in types else sorted(types))
    return [(entry, Player(entry.player, player_state.decode(stored))) for entry, stored in rows]


def _matching(samples: list[Sample], places: Sequence[LogicPlace]) -> list[Sample]:
    types = _event_types(places)
    return [sample for sample in samples if "*" in types or sample[0].type in types][:SAMPLES_MAX]


def _event_types(places: Sequence[LogicPlace]) -> set[str]:
    return {event for place in places for event in place.events}


def _example_samples(document: Raw, book: Rulebook) -> Iterator[Sample]:
    """The events of the document's own examples, each with the player as the earlier events made it."""
    for example in document.get("examples") or ():
        player = Player(0)
        for entry in _example_entries(example):
            fold(player, entry, book, is_history=True)
            yield entry, player


def _example_entries(example: Any) -> list[Entry]:
    """The events of an example; none if it has another form, since authors may write examples as they like."""
    try:
        return list(entries_of(example["events"]))[:EXAMPLE_EVENTS_MAX]
    except (TypeError, KeyError, ValueError, AttributeError):
        return []
