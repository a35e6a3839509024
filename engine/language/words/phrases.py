"""Conditions as plain English, phrase by phrase."""

from typing import Any

from engine.language.parse import parse
from engine.language.words.conditions import Conditions, Phrase
from engine.language.words.wording import Words
from engine.vocabulary.fact import Catalogue

__all__ = ["Phrase", "phrase"]


def phrase(logic: Any, catalogue: Catalogue, at: str = "") -> list[Phrase]:
    """The phrases of a condition, in order; their texts in a row read as a sentence. `at` is where `logic` stands.

    A rule that has not the shape of the safe profile reads as "an unreadable condition".
    """
    node, _ = parse(logic, at)
    if node is None:
        return [Phrase("an unreadable condition", at)]
    return Conditions(Words(catalogue)).phrases(node)
