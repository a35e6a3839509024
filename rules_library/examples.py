"""Examples of rules: a few events and what a rule makes of them, run through the same fold as everything else.

An example is `{"events": [...], "outcome": {...}}`. Its events happen to one new player, the first on a Monday
morning, each a minute after the one before unless it says `at`; `times` and `every` repeat one. What `outcome` may
name depends on the rule's kind; README.md lists it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.rules.build_rulebook import build_rulebook
from engine.scoring import metrics, streaks
from engine.scoring.fold import fold
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion, Zones
from engine.scoring.state.memory import Memory, Player
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome

Raw = Mapping[str, Any]
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECOND = 1_000_000
STEPS = {"minute": 60 * SECOND, "day": 86_400 * SECOND, "week": 7 * 86_400 * SECOND}
KINDS_OF_VALUE: dict[str, tuple[type, ...]] = {"number": (int, float), "text": (str,), "boolean": (bool,)}


def book_of(documents: Sequence[Raw], zones: Zones) -> Rulebook:
    """The rulebook of these documents, each in its first version."""
    versions = [
        RuleVersion(index, document["key"], 1, dict(document)) for index, document in enumerate(documents, start=1)
    ]
    return build_rulebook(1, versions, zones)


def differences(document: Raw, book: Rulebook) -> list[str]:
    """Every example of a document that comes out otherwise than it says; `book` holds the document and its like."""
    mismatches = []
    for index, example in enumerate(document.get("examples") or ()):
        came = outcome(document, example, book)
        wrong = {name: came.get(name) for name, value in example["outcome"].items() if came.get(name) != value}
        mismatches += [f"/examples/{index}/outcome/{name}: came to {value!r}" for name, value in wrong.items()]
    return mismatches


def outcome(document: Raw, example: Raw, book: Rulebook) -> dict[str, Any]:
    """All that may be said of an example's outcome, by the names that an example uses."""
    player, outcomes = Player(1, {}, Memory()), list[Outcome]()
    entries = list(entries_of(example["events"]))
    outcomes = [fold(player, entry, book) for entry in entries]
    key = document["key"]
    lines = [line for result in outcomes for line in result.ledger if line.rule == key]
    return {
        "xp": sum(line.amount for line in lines if line.currency == "xp"),
        "coins": sum(line.amount for line in lines if line.currency == "coins"),
        "badge": any(badge.badge == key for result in outcomes for badge in result.badges),
        "completed": any(done.mission == key for result in outcomes for done in result.completions),
        "score": next((b.score for result in reversed(outcomes) for b in result.boards if b.board == key), None),
        "fits": all(_fits(document, entry) for entry in entries),
        **_standing(player, book, key),
    }


def _standing(player: Player, book: Rulebook, key: str) -> dict[str, Any]:
    """What the player's state says in the end."""
    state, metric = player.state, book.metrics.get(key)
    record = state.get("streaks", {}).get(key)
    return {
        "total": metrics.value(player, metric, "total", 0) if metric else None,
        "current": streaks.current_length(record) if record else 0,
        "level": state.get("level", 1),
        "state": (state.get("life") or [book.lifecycle.initial if book.lifecycle else None])[0],
        "member": key in state.get("in", []),
    }


def entries_of(events: Sequence[Raw]) -> Iterator[Entry]:
    """The entries that an example's events become."""
    moment, seq = _micros(MONDAY), 0
    for event in events:
        if "at" in event:
            moment = _micros(datetime.fromisoformat(event["at"]))
        for _ in range(event.get("times", 1)):
            seq += 1
            yield Entry(
                seq, seq, 1, event["type"], f"example-{seq}", "example", moment, moment, event.get("properties", {})
            )
            moment += STEPS[event.get("every", "minute")]


def _micros(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * SECOND


def _fits(document: Raw, entry: Entry) -> bool:
    """Whether an event's properties are of the kinds that an event type declares; null is of every kind."""
    declared = document.get("properties") or {}
    if not isinstance(declared, dict):
        return False
    return all(
        value is None or (name in declared and isinstance(value, KINDS_OF_VALUE.get(declared[name]["type"], (object,))))
        for name, value in entry.properties.items()
    )
