"""Amounts as rows of a form: a sum of terms, each a product of numbers and facts, with an optional upper bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.authoring.forms.typed_values import parse_number
from engine.authoring.jsonlogic.row_reader import fact_of
from engine.authoring.tree.edit_result import EditRefused
from engine.vocabulary.fact import PATH_LENGTH_MAX, Catalogue

TERMS_MAX = 8
FACTORS_MAX = 6
Factor: TypeAlias = int | float | str
"""A number, or the path of a fact."""


@dataclass(frozen=True, slots=True)
class Formula:
    """`terms[0] + terms[1] + …`, each the product of its factors; `at_most` bounds the sum."""

    terms: tuple[tuple[Factor, ...], ...]
    at_most: int | float | None = None


def lower_formula(formula: Formula) -> Any:
    """The JsonLogic of a formula: a plain number where it is one; None for no term."""
    if not formula.terms:
        return None
    products = [_joined("*", [_operand(factor) for factor in term]) for term in formula.terms]
    total = _joined("+", products)
    return total if formula.at_most is None else {"min": [total, formula.at_most]}


def lift_formula(logic: Any) -> Formula | None:
    """The formula that lowers to the same logic; None where rows cannot express it."""
    if logic is None:
        return Formula(())
    name, args = _operation(logic)
    if name == "min" and len(args) == 2 and _is_number(args[1]):
        inner = lift_formula(args[0])
        return Formula(inner.terms, args[1]) if inner and inner.terms and inner.at_most is None else None
    terms = [_term(part) for part in (args if name == "+" else [logic])]
    return Formula(tuple(terms)) if all(terms) else None


def read_formula(terms: Sequence[Sequence[str]], catalogue: Catalogue | None = None, at_most: str = "") -> Formula:
    """The formula that form fields describe: the factors of each term, numbers or paths of facts; empty ones left out.

    Raises `EditRefused` for anything else, and for facts that `catalogue` does not know.
    """
    read = [tuple(_factor(text.strip(), catalogue) for text in term if text.strip()) for term in terms]
    filled = tuple(term for term in read if term)
    if len(filled) > TERMS_MAX or any(len(term) > FACTORS_MAX for term in filled):
        raise EditRefused(f"An amount can have at most {TERMS_MAX} parts with {FACTORS_MAX} factors each")
    return Formula(filled, parse_number(at_most) if at_most.strip() else None)


def _factor(text: str, catalogue: Catalogue | None) -> Factor:
    if "." in text and text[0].isalpha():
        if len(text) > PATH_LENGTH_MAX or (catalogue and catalogue.fact(text) is None):
            raise EditRefused(f"There is no fact {text[:PATH_LENGTH_MAX]!r}")
        return text
    return parse_number(text)


def _operand(factor: Factor) -> Any:
    return {"var": factor} if isinstance(factor, str) else factor


def _joined(name: str, parts: Sequence[Any]) -> Any:
    return parts[0] if len(parts) == 1 else {name: list(parts)}


def _term(logic: Any) -> tuple[Factor, ...]:
    """The factors of a term; empty where it is something else."""
    name, args = _operation(logic)
    factors = [_lifted(part) for part in (args if name == "*" else [logic])]
    return tuple(factor for factor in factors if factor is not None) if None not in factors else ()


def _lifted(logic: Any) -> Factor | None:
    return logic if _is_number(logic) else (fact_of(logic) or None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _operation(logic: Any) -> tuple[str, list[Any]]:
    if not isinstance(logic, dict) or len(logic) != 1:
        return "", []
    name = next(iter(logic))
    return str(name), logic[name] if isinstance(logic[name], list) else [logic[name]]
