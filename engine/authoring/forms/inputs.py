"""Reads what was typed into one field of a form, by its widget."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.authoring.forms.formula import lower_formula, read_formula
from engine.authoring.forms.typed_values import parse_number
from engine.authoring.tree.edit_result import EditRefused
from engine.documents.fields import FormField
from engine.documents.shape import KEY, KEY_LENGTH_MAX

_ITEMS_MAX = 200


def read_input(field: FormField, typed: Sequence[str], before: Any) -> Any:
    """The value of `field` from the texts of its inputs; None for empty. `before` is the value until now.

    Raises `EditRefused` where a text is not such a value. Times without an offset are UTC.
    """
    texts = [text.strip() for text in typed]
    if not any(texts) and field.widget != "yes_no":
        return None
    reader = _READERS.get(field.widget)
    if reader is None:
        raise EditRefused(f"{field.label} cannot be entered as text")
    return reader(field, texts, before)


def _text(field: FormField, texts: Sequence[str], _: Any) -> str:
    if field.most is not None and len(texts[0]) > field.most:
        raise EditRefused(f"{field.label} can have at most {field.most:g} characters")
    return texts[0]


def _key(_field: FormField, texts: Sequence[str], _: Any) -> str:
    if not KEY.fullmatch(texts[0]) or len(texts[0]) > KEY_LENGTH_MAX:
        raise EditRefused(
            f"A key starts with a-z and contains only a-z, 0-9 and _, at most {KEY_LENGTH_MAX} characters"
        )
    return texts[0]


def _bounded(field: FormField, texts: Sequence[str], _: Any) -> int | float:
    value = parse_number(texts[0])
    if field.least is not None and value < field.least:
        raise EditRefused(f"{field.label} must be at least {field.least:,g}")
    if field.most is not None and value > field.most:
        raise EditRefused(f"{field.label} must be at most {field.most:,g}")
    return value


def _whole(field: FormField, texts: Sequence[str], before: Any) -> int:
    value = _bounded(field, texts, before)
    if not isinstance(value, int):
        raise EditRefused(f"{field.label} must be a whole number")
    return value


def _yes_no(_field: FormField, texts: Sequence[str], _: Any) -> bool:
    return bool(texts) and texts[-1].lower() in ("yes", "true", "on", "1")


def _choice(field: FormField, texts: Sequence[str], _: Any) -> str:
    if field.choices and texts[0] not in [value for value, _words in field.choices]:
        raise EditRefused(f"{field.label}: choose one from the list")
    return texts[0]


def _choices(field: FormField, texts: Sequence[str], _: Any) -> list[str]:
    chosen = [_choice(field, [text], None) for text in texts if text]
    return list(dict.fromkeys(chosen))[:_ITEMS_MAX]


def _texts(_field: FormField, texts: Sequence[str], before: Any) -> list[Any]:
    """Several texts, separated by commas and line breaks; the name of an object keeps that object."""
    parts = [part.strip() for text in texts for part in re.split(r"[,\n]", text)]
    known: Mapping[str, Any] = {
        str(item["name"]): item for item in before or [] if isinstance(item, Mapping) and "name" in item
    }
    return [known.get(part, part) for part in dict.fromkeys(part for part in parts if part)]


def _moment(field: FormField, texts: Sequence[str], _: Any) -> str:
    try:
        moment = datetime.fromisoformat(texts[0].replace(" ", "T"))
    except ValueError:
        raise EditRefused(f"{field.label}: write a date and time like 2026-12-04 18:00") from None
    return moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}Z"


def _amount(_field: FormField, texts: Sequence[str], _: Any) -> Any:
    """One text for each term, and `≤ N` for the bound of their sum."""
    most = "".join(text.removeprefix("≤") for text in texts if text.startswith("≤"))
    terms = [re.split(r"[*×]", text) for text in texts if text and not text.startswith("≤")]
    return lower_formula(read_formula(terms, at_most=most))


_READERS: Mapping[str, Callable[[FormField, Sequence[str], Any], Any]] = {
    "text": _text,
    "lines": _text,
    "url": _text,
    "zone": _text,
    "icon": _text,
    "key": _key,
    "number": _bounded,
    "whole": _whole,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "texts": _texts,
    "moment": _moment,
    "amount": _amount,
}
