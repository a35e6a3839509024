"""The gate and the shadow: a compiled rule that says something else than the reference is found."""

from dataclasses import replace

import pytest

from engine.language.compile import CompiledLogic
from engine.scoring.state.memory import Player
from tests.webapp.rules.documents import LESSON_XP
from tests.webapp.services.drains import lesson, lessons, post
from webapp.services.pipeline import shadow_check
from webapp.services.publishing import publication_gate
from webapp.store.events import seen_properties
from webapp.store.rules import rule_versions
from webapp.store.rules.rulebooks import rulebook
from webapp.store.system.connection import connect
from webapp.workers.chores import notice_properties

PASS_XP = LESSON_XP | {"condition": {">=": [{"var": "event.properties.score"}, 40]}}
OPPOSITE = CompiledLogic(frozenset(), "", lambda facts: False)


@pytest.fixture
def miscompiled(monkeypatch):
    """A compiler that makes every rule say no."""
    monkeypatch.setattr(publication_gate, "compile_logic", lambda logic: OPPOSITE)


def test_a_rule_that_is_miscompiled_is_not_published(laurel, written, settings, status, miscompiled):
    post(settings, lessons(60))
    done = laurel("rules", "apply", written(PASS_XP), "--publish")
    assert done.exit_code == 1
    assert "/0/condition: the compiled rule differs from the reference" in done.stderr
    assert status("lesson_xp") is None


def test_without_real_events_the_examples_are_used(laurel, written, miscompiled):
    example = {"events": [{"type": "lesson_completed", "properties": {"score": 50}}], "outcome": {"xp": 10}}
    assert laurel("rules", "apply", written(PASS_XP | {"examples": [example]}), "--publish").exit_code == 1


@pytest.mark.parametrize("examples", [[1], [{"events": 3}], [{"events": [{"type": "x", "at": "never"}]}], [[]]])
def test_examples_of_another_form_are_ignored(laurel, written, examples):
    assert laurel("rules", "apply", written(PASS_XP | {"examples": examples}), "--publish").exit_code == 0


def look(settings, compiled=None):
    """What the shadow says of one judged lesson, perhaps with another condition than the one that was written."""
    with connect(settings.database_url) as conn:
        (entry, _), number = seen_properties.newest(conn, None)[0], rule_versions.live_number(conn)
        if compiled:
            object.__setattr__(rulebook(conn, number).rules["lesson_xp"], "condition", compiled)
        return shadow_check.check_sample(
            conn, number, {entry.player: Player(entry.player)}, [replace(entry, seq=shadow_check.ONE_IN)]
        )


def test_the_shadow_check_finds_differences_and_nothing_else(laurel, written, settings):
    laurel("rules", "apply", written(PASS_XP), "--publish")
    post(settings, [lesson(1, score=90)])
    assert look(settings) == []
    [(rule, version, seq, detail)] = look(settings, OPPOSITE)
    assert (rule, version, seq) == ("lesson_xp", 1, shadow_check.ONE_IN)
    assert detail.startswith("compiled and reference differ: ")


def test_properties_of_events_are_known_to_the_catalogue(settings, database):
    post(settings, [lesson(1, score=90), lesson(2, place=None, course="maths")])
    assert (notice_properties(settings), notice_properties(settings)) == (2, 0)
    known = seen_properties.catalogue(database)
    assert known.fact("event.properties.score").type == "number"
    assert seen_properties.seen(database)["lesson_completed"]["place"].kinds == ("null",)
