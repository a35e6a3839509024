"""What a rule can cost on the worst day, and where nothing limits it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.authoring.checks.finding import Finding, warning
from engine.kinds import KINDS
from engine.kinds.kind import DailyCost
from engine.language.facts import MissingFact
from engine.language.interpret import value_of
from engine.language.parse import Var, parse, walk

_UNITS = {"xp": "XP", "coins": "coins"}
Raw = Mapping[str, Any]


def unbounded(document: Raw) -> Iterator[Finding]:
    """A warning for each currency that one player can earn without limit on one day."""
    cost, grant = _cost(document), document.get("grant")
    if cost is None or not isinstance(grant, Mapping):
        return
    for currency, unit in _UNITS.items():
        amount = grant.get(currency)
        if amount is None or worst_day(document, currency) is not None:
            continue
        advice = cost.advice(currency, _largest(amount))
        text = f"Nothing limits the {unit} one player can earn in a day. {advice}"
        yield warning("cost_unbounded", text, field=cost.field)


def _cost(document: Raw) -> DailyCost | None:
    kind = KINDS.get(str(document.get("kind")))
    return kind.daily_cost if kind else None


def worst_day(document: Raw, currency: str) -> float | None:
    """The most that one player can earn by this rule on one day; None if nothing limits it."""
    amount = (document.get("grant") or {}).get(currency)
    limits = document.get("limits") or {}
    if amount is None:
        return 0
    if currency == "xp" and limits.get("max_xp_per_day") is not None:
        return float(limits["max_xp_per_day"])
    cost = _cost(document)
    largest = _largest(amount)
    times = cost.times_a_day(document) if cost else None
    return None if largest is None or times is None else largest * times


def _largest(amount: Any) -> float | None:
    """The most that a formula gives; None if it grows with a fact."""
    if isinstance(amount, int | float) and not isinstance(amount, bool):
        return float(amount)
    if isinstance(amount, Mapping) and isinstance(amount.get("min"), list):
        # A minimum is bounded by any operand that is, whatever the others do.
        bounds = [bound for operand in amount["min"] if (bound := _largest(operand)) is not None]
        return min(bounds, default=None)
    node, _ = parse(amount)
    if node is None or any(isinstance(part, Var) for part in walk(node)):
        return None
    try:
        value = value_of(node, {})
    except MissingFact:
        return None
    return float(value) if isinstance(value, int | float | Decimal) else None
