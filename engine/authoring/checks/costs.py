"""What a rule can cost on the worst day, and where nothing bounds it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.authoring.checks.finding import Finding, warning
from engine.language.interpret import value_of
from engine.language.missing_facts import MissingFact
from engine.language.parse import Var, parse, walk
from engine.language.words.wording import plain

_UNITS = {"xp": "XP", "coins": "coins"}
_DAY = 86_400
_OFTEN = ("badge", "earning")
Raw = Mapping[str, Any]


def unbounded(document: Raw) -> Iterator[Finding]:
    """A warning for each currency that one player can earn without end on one day."""
    if document.get("kind") not in _OFTEN or not isinstance(document.get("grant"), Mapping):
        return
    for currency, unit in _UNITS.items():
        amount = document["grant"].get(currency)
        if amount is not None and worst_day(document, currency) is None:
            yield warning(
                "cost_unbounded",
                f"Nothing bounds the {unit} of one player a day. {_advice(document, currency)}",
                field=_FIELDS[str(document["kind"])],
            )


def worst_day(document: Raw, currency: str) -> float | None:
    """The most that one player can earn by this rule on one day; None where nothing bounds it.

    Once-per keys are taken as a bound: how many there are is the app's to know, so they count as once.
    """
    amount = (document.get("grant") or {}).get(currency)
    limits = document.get("limits") or {}
    if amount is None:
        return 0
    if currency == "xp" and limits.get("max_xp_per_day") is not None:
        return float(limits["max_xp_per_day"])
    most, times = _most(amount), _times(document, limits)
    return None if most is None or times is None else most * times


def _times(document: Raw, limits: Raw) -> int | None:
    """How often a day the rule can give something to one player."""
    if document.get("kind") == "badge":
        return None if document.get("repeat") == "always" else 1
    if limits.get("once_per"):
        return 1
    pause = limits.get("cooldown_seconds") or 0
    return _DAY // pause + 1 if pause else None


def _most(amount: Any) -> float | None:
    """The most that a formula gives; None where it grows with a fact."""
    if isinstance(amount, int | float) and not isinstance(amount, bool):
        return float(amount)
    if isinstance(amount, Mapping) and isinstance(amount.get("min"), list):
        found = [most for each in amount["min"] if (most := _most(each)) is not None]
        return min(found, default=None)
    node, _ = parse(amount)
    if node is None or any(isinstance(each, Var) for each in walk(node)):
        return None
    try:
        value = value_of(node, {})
    except MissingFact:
        return None
    return float(value) if isinstance(value, int | float | Decimal) else None


def _advice(document: Raw, currency: str) -> str:
    if document.get("kind") == "badge":
        return "Let it be earned once, or once a day."
    most = _most(document["grant"][currency])
    each = f"It gives {plain(most)} each time: " if most is not None else "It grows with facts: "
    return each + ("set a most XP a day, once per or a pause." if currency == "xp" else "set once per or a pause.")


_FIELDS = {"badge": "/repeat", "earning": "/limits/max_xp_per_day"}
