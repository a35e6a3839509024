"""The shadow check notices a compiled rule that says something else than the reference."""

from dataclasses import replace
from typing import Any

from engine.language.compile import compile_logic
from engine.language.reference_interpreter import difference_from_reference

LOGIC: Any = {">=": [{"var": "player.xp"}, 100]}
FORMULA: Any = {"+": [{"var": "player.xp"}, 1]}


def test_a_sound_rule_agrees_with_the_reference() -> None:
    assert [difference_from_reference(LOGIC, compile_logic(LOGIC), {"player.xp": xp}) for xp in (99, 100, None)] == [
        "",
        "",
        "",
    ]
    assert difference_from_reference(FORMULA, compile_logic(FORMULA), {}) == ""


def test_a_planted_bug_is_noticed() -> None:
    planted = replace(compile_logic(LOGIC), rule=lambda facts: facts["player.xp"] > 100)
    assert difference_from_reference(LOGIC, planted, {"player.xp": 100}) == "compiled: false; reference: true"


def test_a_number_in_place_of_true_is_noticed() -> None:
    assert difference_from_reference(LOGIC, replace(compile_logic(LOGIC), rule=lambda _: 1), {"player.xp": 100}) != ""


def test_an_extra_exception_is_noticed() -> None:
    planted = replace(compile_logic(FORMULA), rule=lambda _: 1)
    assert "reference: missing: player.xp" in difference_from_reference(FORMULA, planted, {})
