"""Reads what an author typed into the field of a value, or says in plain words why it is not one."""

import re
from collections.abc import Sequence
from typing import Any

from engine.authoring.forms.row_options import widget
from engine.authoring.tree.comparisons import COMPARISONS, FACT, Takes
from engine.authoring.tree.edit_result import EditRefused
from engine.language.arithmetic import NUMBER_MAX
from engine.language.parse import TEXT_LENGTH_MAX
from engine.language.value_kinds import is_dated
from engine.vocabulary.fact import Fact, FactType

_YES = {"yes": True, "true": True, "on": True, "no": False, "false": False}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS_MAX = 40
_SPACES = str.maketrans("", "", " \N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}")


def parse_value(fact: Fact | None, operator: str | None, texts: str | Sequence[str]) -> Any:
    """The value typed into form fields; None where they are empty. Raises `EditRefused` for anything else.

    An empty one of two fields gives None in its place; several values are separated by commas or line breaks.
    """
    typed = [texts] if isinstance(texts, str) else list(texts)
    comparison = COMPARISONS.get(operator or "")
    if comparison is None or comparison.takes is Takes.NOTHING:
        return None
    if comparison.takes is Takes.ONE:
        return one_value(fact, typed[0] if typed else "")
    if comparison.takes is Takes.TWO:
        pair = [one_value(fact, text) for text in [*typed, "", ""][:2]]
        return None if pair == [None, None] else pair
    values = [one_value(fact, text) for text in _split(typed, widget(fact, operator))]
    return list(dict.fromkeys(value for value in values if value is not None)) or None


def _split(typed: Sequence[str], field: str) -> list[str]:
    if field in ("choices", "weekdays") or len(typed) > 1:
        return list(typed)
    return [part for line in typed for text in line.splitlines() for part in text.split(",")]


def one_value(fact: Fact | None, text: str) -> Any:
    """One value of the type of `fact`; None for an empty text."""
    text = text.strip()
    if not text:
        return None
    kind = fact.type if fact else FactType.UNKNOWN
    if kind is FactType.NUMBER:
        return parse_number(text)
    if kind is FactType.BOOLEAN:
        return _yes_no(text)
    if kind is FactType.DATE:
        return _date(text)
    return _guessed(text) if kind in (FactType.UNKNOWN, FactType.LIST) else _text(text)


def other_fact_value(path: str) -> dict[str, str]:
    """The value that refers to another fact; an empty path for one still to be chosen."""
    return {FACT: path}


def parse_number(text: str) -> int | float:
    """A number as people type it, with spaces between thousands; whole where it is whole."""
    plain = text.translate(_SPACES).replace("−", "-")
    if not _NUMBER.fullmatch(plain):
        raise EditRefused(f"{text[:40]} is not a number; write it like 1000 or 12.5")
    value = int(plain) if plain.lstrip("+-").isdigit() and len(plain) < _DIGITS_MAX else float(plain)
    if not abs(value) <= NUMBER_MAX:
        raise EditRefused(f"{text[:40]} is too large")
    return int(value) if value == int(value) else value


def _yes_no(text: str) -> bool:
    if text.lower() not in _YES:
        raise EditRefused("Choose yes or no")
    return _YES[text.lower()]


def _date(text: str) -> str:
    if not is_dated(text):
        raise EditRefused(f"{text[:40]} is not a date; write it like 2026-11-20")
    return text


def _text(text: str) -> str:
    if len(text) > TEXT_LENGTH_MAX:
        raise EditRefused(f"This is too long: at most {TEXT_LENGTH_MAX} characters")
    return text


def _guessed(text: str) -> Any:
    """A value of a fact of unknown type: a number if it reads as one, otherwise text, which may be in quotes."""
    if len(text) > 2 and text[0] == text[-1] == '"':
        return _text(text[1:-1])
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return parse_number(text)
    except EditRefused:
        return _text(text)
