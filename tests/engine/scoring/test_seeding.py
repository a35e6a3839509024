"""Seeding: a document that is new, changed or resumed comes to what it would have, had it stood from the start."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rehearsal.rehearse import HistoryStep, seed_content
from engine.rules.build_rulebook import build_rulebook
from engine.rules.document_generations import generation_of, measures_alike
from engine.scoring import metrics, streaks
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state import scores
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import Entry
from tests.builders import ZONES, Shell, ada, apply, make_entry
from tests.engine.scoring.world import board, earning, histories, metric, streak
from tests.lengths import brief_or_long

HIGH = {"filter": {">=": [{"var": "event.properties.score"}, 40]}}
AGGREGATES = ("count", "sum", "max", "min", "last", "distinct")
PAYS = [earning("pays", {"xp": 10, "coins": 1})]
BEFORE = [
    *(metric(aggregate, aggregate) for aggregate in AGGREGATES),
    metric("swapped", "last"),
    streak("daily", initial=1, max=2, earn_every=3),
    streak("rhythm", "day"),
    board("ranked", "xp", "week"),
    board("by_sum", "metric.sum", "month"),
    board("by_distinct", "metric.distinct", "all_time"),
]
AFTER = [
    *(metric(aggregate, aggregate, **HIGH) for aggregate in AGGREGATES),
    metric("swapped", "distinct"),
    streak("daily", initial=1, max=2, earn_every=3) | {"events": ["lesson_completed"]},
    streak("rhythm", "week"),
    board("ranked", "coins", "day", timezone="Asia/Tokyo"),
    board("by_sum", "metric.sum", "month"),
    board("by_distinct", "metric.distinct", "day"),
]
KEYS = {document["key"]: version for version, document in enumerate(AFTER, start=2)}


def book_of(documents: Sequence[dict[str, Any]], *, generation: int) -> Rulebook:
    versions = [
        RuleVersion(i, document["key"], KEYS[document["key"]], document, generation)
        for i, document in enumerate(documents)
    ]
    return build_rulebook(
        generation, [*versions, *(RuleVersion(99, document["key"], 1, document) for document in PAYS)], ZONES
    )


OLD, NEW = book_of(BEFORE, generation=1), book_of(AFTER, generation=2)
NEW_TO_ALL, OLD_AGAIN = book_of(AFTER, generation=1), book_of(BEFORE, generation=1)
NONE = build_rulebook(0, [RuleVersion(99, document["key"], 1, document) for document in PAYS], ZONES)
STORIES = {"changed": (OLD, NEW), "new": (NONE, NEW_TO_ALL), "resumed": (NONE, OLD_AGAIN), "again": (OLD, OLD_AGAIN)}


def seeded(entries: Sequence[Entry], book: Rulebook) -> Entry:
    """The entry that carries what a history came to under a rulebook, applied after all of it."""
    content = seed_content(ada(), [HistoryStep(entry, book) for entry in entries], KEYS)
    last = entries[-1] if entries else make_entry()
    return make_entry("laurel.seeded", last.received_at, seq=10_000, properties=content)


def measured(player: Player, book: Rulebook, entries: Sequence[Entry]) -> dict[str, Any]:
    """All that metrics, streaks and boards of a player say, on every day of a history."""
    days = sorted({entry.occurred_at // 86_400_000_000 + shift for entry in entries for shift in (0, 1)})
    windows = ("total", "today", "this_week", "this_month", "last_9_days")
    runs = {(b.key, b.run_at(e.occurred_at).ordinal) for b in book.boards.values() for e in entries}
    records = player.state.get("streaks", {})
    return {
        "metrics": {
            (key, name, day): metrics.value(player, compiled, name, day)
            for key, compiled in book.metrics.items() for name in windows for day in days
        },
        "streaks": {key: streaks.summary(record) for key, record in records.items()},
        "runs": {key: record["runs"] for key, record in records.items()},
        "boards": {place: scores.read(player, book.boards[place[0]], place[1]) for place in runs},
    }  # fmt: skip


@settings(max_examples=brief_or_long(32, 320))
@given(histories(), st.integers(0, 40), st.integers(0, 40))
@pytest.mark.parametrize("story", sorted(STORIES))
def test_a_change_at_any_moment_gives_what_the_new_documents_make_of_the_whole_history(
    story: str, entries: list[Entry], changed: int, counted: int
) -> None:
    (first, then), (changed, counted) = STORIES[story], sorted((changed, counted))
    shell = Shell()
    apply_in_turn(shell, entries[:changed], first)
    apply_in_turn(shell, entries[changed:counted], then)
    shell.batch([seeded(entries[:counted], then)], then)
    apply_in_turn(shell, entries[counted:], then)
    straight = ada()
    apply(straight, entries, then)
    assert measured(shell.whole(), then, entries) == measured(straight, then, entries)


def apply_in_turn(shell: Shell, entries: Sequence[Entry], book: Rulebook) -> None:
    for entry in entries:
        assert [outcome.faults for outcome in shell.batch([entry], book)] == [[]]


def test_until_its_history_is_counted_a_changed_metric_is_unknown_and_does_not_count() -> None:
    player, event = ada(), make_entry(score=90)
    apply(player, [event], OLD)
    before = dict(player.state["total"])
    reading = earning("reads", {"xp": {"var": "metric.sum.total"}})
    book = build_rulebook(
        3, [RuleVersion(1, "sum", 3, metric("sum", "sum", **HIGH), 2), RuleVersion(2, "reads", 1, reading)], ZONES
    )
    outcome = apply(player, [event], book)[0]
    assert [(refusal.rule, str(refusal.reason)) for refusal in outcome.not_awarded] == [("reads", "missing_fact")]
    assert (player.state["total"], outcome.faults) == (before, [])


def test_a_seed_for_another_version_changes_nothing() -> None:
    player, late = ada(), seeded([make_entry(score=1)], OLD)
    apply(player, [make_entry(score=90)], OLD)
    before = dict(player.state["total"])
    late.properties["versions"] = dict.fromkeys(KEYS, 77)
    apply(player, [late], OLD)
    assert player.state["total"] == before


@pytest.mark.parametrize(("change", "alike"), [({"name": "Other"}, True), (HIGH, False), ({"property": "x"}, False)])
def test_only_a_change_in_what_is_measured_starts_a_new_generation(change: dict[str, Any], alike: bool) -> None:
    old = metric("sum", "sum")
    new = {**old, **change}
    assert measures_alike(old, new) is alike
    assert generation_of([old, new, new, old]) == (1 if alike else 3)
