"""The value of a field as people read it: with labels and names, never as a key."""

from collections.abc import Mapping
from typing import Any

from engine.authoring.forms.choices import choice_words
from engine.authoring.forms.formula import lift_formula
from engine.documents.fields import FormField
from engine.language.words.clauses import GAP, ClauseWords, moment_text
from engine.language.words.conditions import ConditionWords
from engine.language.words.wording import OperandWords, value_text, word_list
from engine.vocabulary.fact import Catalogue

UPLOADED_PREFIX = "upload:"


def value_words(field: FormField, value: Any, catalogue: Catalogue) -> str:
    """The value of a field, by the names and labels of `catalogue`; empty for none."""
    if value is None:
        return ""
    if field.widget == "amount":
        clauses = ClauseWords(ConditionWords(OperandWords(catalogue)))
        return clauses.amount(value) if lift_formula(value) is not None else "a custom formula"
    if isinstance(value, list | Mapping):  # of a mapping, the names in it
        return word_list([_member_words(field, member, catalogue) for member in value], "and")
    if field.widget == "yes_no":
        return "yes" if value else "no"
    if isinstance(value, str):
        return _text_words(field, value, catalogue)
    return f"{value_text(value)} {field.unit}".strip()


def _member_words(field: FormField, member: Any, catalogue: Catalogue) -> str:
    """One of several values; a row of a table by its name."""
    if isinstance(member, Mapping):
        return str(member.get("name") or member.get("to") or GAP)
    return value_words(field, member, catalogue)


def _text_words(field: FormField, text: str, catalogue: Catalogue) -> str:
    if field.widget == "moment":
        return moment_text(text)
    if field.widget == "icon":
        return "Uploaded" if text.startswith(UPLOADED_PREFIX) else icon_words(text)
    if field.widget == "zone" and text == "player":
        return "each player's own"
    return choice_words(field, text, catalogue)


def icon_words(icon: str) -> str:
    """The name of one of our icons."""
    return icon.replace("-", " ").capitalize()
