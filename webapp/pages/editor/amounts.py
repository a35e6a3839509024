"""Amounts as rows of a form: what each factor shows, and the texts of all factors after an edit of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.authoring.forms.formula import lift_formula
from engine.authoring.tree.edit_result import EditRefused
from engine.documents.fields import member_at
from engine.vocabulary.fact import Catalogue


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: a number to type, or a fact to pick."""

    name: str
    text: str
    fact: str


def terms_of(at: str, logic: Any, catalogue: Catalogue) -> list[list[Factor]] | None:
    """The terms of an amount with their factors; None if rows cannot express it."""
    formula = lift_formula(logic)
    if formula is None:
        return None
    return [
        [Factor(f"factor:{at}:{i}:{j}", str(factor), _label(factor, catalogue)) for j, factor in enumerate(term)]
        for i, term in enumerate(formula.terms)
    ]


def bound_of(logic: Any) -> str:
    """The upper bound of an amount, as typed; empty for none."""
    formula = lift_formula(logic)
    return "" if formula is None or formula.at_most is None else str(formula.at_most)


def changed(document: Mapping[str, Any], at: str, place: str, text: str) -> list[str]:
    """The texts for the field at `at` once `place` holds `text`.

    A place is `term:factor`, `term:+` for one more factor, `+` for one more term, or `most` for the bound.
    """
    formula = lift_formula(member_at(document, at))
    if formula is None:
        raise EditRefused("This amount is JSON: change it on the JSON tab")
    terms = [[str(factor) for factor in term] for term in formula.terms]
    most = "" if formula.at_most is None else str(formula.at_most)
    if place == "most":
        return _texts(terms, text)
    if place == "+":
        return _texts([*terms, [text]], most)
    term, _, factor = place.partition(":")
    index = _index(term, len(terms))
    if factor == "+":
        terms[index].append(text)
    else:
        terms[index][_index(factor, len(terms[index]))] = text
    return _texts(terms, most)


def _texts(terms: list[list[str]], most: str) -> list[str]:
    """One text for each term; empty factors and terms are dropped."""
    full = [[factor for factor in term if factor.strip()] for term in terms]
    return [*("×".join(term) for term in full if term), *([f"≤{most.strip()}"] if most.strip() else [])]


def _index(text: str, many: int) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= many:
        raise EditRefused("This part of the amount no longer exists")
    return int(text)


def _label(factor: Any, catalogue: Catalogue) -> str:
    if not isinstance(factor, str):
        return ""
    fact = catalogue.fact(factor)
    return fact.label if fact else factor
