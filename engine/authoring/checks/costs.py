"""What a rule can cost on the worst day, and where nothing bounds it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.authoring.checks.finding import Finding, warning
from engine.kinds import KINDS
from engine.kinds.kind import DailyCost
from engine.language.interpret import value_of
from engine.language.missing_facts import MissingFact
from engine.language.parse import Var, parse, walk

_UNITS = {"xp": "XP", "coins": "coins"}
Raw = Mapping[str, Any]


def unbounded(document: Raw) -> Iterator[Finding]:
    """A warning for each currency that one player can earn without end on one day."""
    cost, grant = _cost(document), document.get("grant")
    if cost is None or not isinstance(grant, Mapping):
        return
    for currency, unit in _UNITS.items():
        amount = grant.get(currency)
        if amount is not None and worst_day(document, currency) is None:
            advice = cost.advice(currency, _most(amount))
            yield warning(
                "cost_unbounded", f"Nothing bounds the {unit} of one player a day. {advice}", field=cost.field
            )


def _cost(document: Raw) -> DailyCost | None:
    kind = KINDS.get(str(document.get("kind")))
    return kind.daily_cost if kind else None


def worst_day(document: Raw, currency: str) -> float | None:
    """The most that one player can earn by this rule on one day; None where nothing bounds it."""
    amount = (document.get("grant") or {}).get(currency)
    limits = document.get("limits") or {}
    if amount is None:
        return 0
    if currency == "xp" and limits.get("max_xp_per_day") is not None:
        return float(limits["max_xp_per_day"])
    cost = _cost(document)
    most, times = _most(amount), cost.times_a_day(document) if cost else None
    return None if most is None or times is None else most * times


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
