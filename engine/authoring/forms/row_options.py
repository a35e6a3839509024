"""What a form offers for a row: its facts, the comparisons worded for their type, and the fields for the value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.authoring.tree.comparisons import COMPARISONS, Takes, offered, other_fact
from engine.language.words.wording import OperandWords
from engine.vocabulary.fact import Catalogue, Fact, FactGroup, FactType

DAYS_USUAL = (7, 30)
DAYS_MAX = 90
_LAST_DAYS = re.compile(r"metric\.([a-z][a-z0-9_]*)\.last_([1-9][0-9]?)_days")
_LAST = re.compile(r"(?<=\.)last_[0-9]+_days\Z")
_WORDED: Mapping[str, Mapping[str, str]] = {
    "player.badges": {
        "contains": "has the badge",
        "lacks": "does not have the badge",
        "has_any": "has any of the badges",
        "has_all": "has all of the badges",
        "has_none": "has none of the badges",
        "holds": "has any badge at all",
        "holds_not": "has no badge at all",
    },
    "player.segments": {
        "contains": "is in the segment",
        "lacks": "is not in the segment",
        "has_any": "is in any of the segments",
        "has_all": "is in all of the segments",
        "has_none": "is in none of the segments",
        "holds": "is in any segment at all",
        "holds_not": "is in no segment at all",
    },
}
_SURE = ("player.xp", "player.coins", "player.level", "player.badges", "player.segments", "event.type")
_SURE_GROUPS = (FactGroup.METRICS, FactGroup.STREAKS, FactGroup.MISSIONS, FactGroup.TIME)
_FIELDS = {FactType.NUMBER: "number", FactType.DATE: "date", FactType.BOOLEAN: "yes_no"}


@dataclass(frozen=True, slots=True)
class OperatorOffer:
    """One comparison of the operator list."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """One value to pick, and what people read."""

    value: Any
    words: str


def operators_for(fact: Fact | None, chosen: str | None = None) -> list[OperatorOffer]:
    """The comparisons for `fact`, worded for its type, the usual one first; `chosen` is always among them."""
    kind = fact.type if fact else FactType.UNKNOWN
    keys = [
        comparison.key
        for comparison in offered(kind)
        if not (fact and comparison.takes is Takes.NOTHING and _is_idle(fact, comparison.key))
    ]
    if chosen in COMPARISONS and chosen not in keys:
        keys.append(chosen)
    return [OperatorOffer(key, operator_words(fact, key)) for key in keys]


def operator_words(fact: Fact | None, key: str) -> str:
    """One comparison in words, as beside `fact`."""
    comparison, kind = COMPARISONS[key], fact.type if fact else FactType.UNKNOWN
    return _WORDED.get(fact.path if fact else "", {}).get(key) or comparison.words.get(kind, comparison.spoken)


def _is_idle(fact: Fact, key: str) -> bool:
    """Whether a check for presence is pointless, because this fact is always known."""
    return key in ("is_set", "is_not_set") and (fact.path in _SURE or fact.group in _SURE_GROUPS)


def widget(fact: Fact | None, operator: str | None, value: Any = None) -> str:
    """The field for the value: none, fact, number, text, date, yes_no, choice, weekday, or one for several values.

    Those for several are numbers, texts, choices, weekdays; for two values, each with its index, numbers2 and dates2.
    """
    comparison = COMPARISONS.get(operator or "")
    if comparison is None or comparison.takes is Takes.NOTHING:
        return "none"
    if other_fact(value) is not None:
        return "fact"
    if fact is not None and fact.path == "time.weekday" and comparison.takes is not Takes.TWO:
        return "weekdays" if comparison.takes is Takes.SEVERAL else "weekday"
    kind = _FIELDS.get(fact.type if fact else FactType.UNKNOWN, "text")
    if comparison.takes is Takes.TWO:
        return "dates2" if kind == "date" else "numbers2"
    if kind == "text" and fact is not None and fact.choices:
        return "choices" if comparison.takes is Takes.SEVERAL else "choice"
    several = {"number": "numbers", "text": "texts", "date": "texts"}
    return several.get(kind, kind) if comparison.takes is Takes.SEVERAL else kind


def takes_other_fact(operator: str | None) -> bool:
    """Whether the value may be another fact."""
    comparison = COMPARISONS.get(operator or "")
    return comparison is not None and comparison.takes is Takes.ONE


def choices(fact: Fact | None, catalogue: Catalogue) -> list[ValueChoice]:
    """The values that a fact is known to take, in words; weekdays for the weekday, badges by their names."""
    if fact is None:
        return []
    words = OperandWords(catalogue)
    return [ValueChoice(value, words.value(value, fact).strip("“”")) for value in fact.choices]


def facts_offered(catalogue: Catalogue) -> list[Fact]:
    """The facts of the picker in the order of its headings; metrics also over the last 7 and 30 days."""
    facts: list[Fact] = []
    for fact in catalogue.facts():
        facts.append(fact)
        if fact.group is FactGroup.METRICS and fact.path.endswith(".this_month"):
            base = fact.path.removesuffix("this_month")
            last = (catalogue.fact(f"{base}last_{days}_days") for days in DAYS_USUAL)
            facts += [known for known in last if known]
    return facts


def example_words(fact: Fact, catalogue: Catalogue) -> str:
    """A value that a fact may have, in words; empty where it would say nothing: any number, or yes or no."""
    is_telling = fact.group in (FactGroup.EVENT, FactGroup.TIME) or fact.type is not FactType.NUMBER
    if fact.example in (None, []) or fact.type is FactType.BOOLEAN or not is_telling:
        return ""
    return OperandWords(catalogue).value(fact.example, fact)


def days_of(path: str | None) -> int | None:
    """The number of days of "in the last N days"; None for other facts."""
    match = _LAST_DAYS.fullmatch(path or "")
    return int(match[2]) if match else None


def with_days(path: str, days: int) -> str:
    """The same metric over the last `days` days."""
    return _LAST.sub(f"last_{days}_days", path)
