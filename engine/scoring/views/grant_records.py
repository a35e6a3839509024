"""How each amount of an outcome came about: its ledger lines, joined with what was recorded about the unusual ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from engine.scoring.rulebook.levels import CompiledLevels
from engine.vocabulary.outcome import Currency


class BoostView(TypedDict):
    """A boost that multiplied a grant: the key and version of its rule, and the factor."""

    rule: str
    version: int
    multiplier: float


class LevelStep(TypedDict):
    """The level that some XP reach."""

    number: int
    name: str | None


class GrantView(TypedDict):
    """How one amount came about.

    `base` is what the rule says, or whoever changed it by hand. `boosts` multiplied it; the result is rounded down.
    `cut_off` of it was not paid because of `cut_by`: `daily_cap` or `balance_max`. `total` is the balance after
    `amount`. The levels before and after it are there for XP where levels exist.
    """

    rule: str
    version: int | None
    currency: str
    base: float
    boosts: list[BoostView]
    cut_off: int
    cut_by: str | None
    amount: int
    total: int
    reason: str | None
    level_before: LevelStep | None
    level_after: LevelStep | None


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """A ledger line of an outcome, by its place in it."""

    line: int
    currency: str
    amount: int
    balance: int
    rule: str
    version: int | None
    reason: str | None


def grant_views(
    lines: Sequence[RecordedLine], recorded: Sequence[Mapping[str, Any]], levels: CompiledLevels | None
) -> list[GrantView]:
    """All amounts of an outcome in their order, then those of which nothing was paid.

    `recorded` are the grants as the outcome stores them: those alone that are not simply what their rule says.
    """
    unusual = {record["line"]: record for record in recorded if "line" in record}
    unpaid = [record for record in recorded if "line" not in record]
    return [
        *(_view(line, unusual.get(line.line, {}), levels) for line in lines),
        *(_view(_line_of_nothing(record), record, levels) for record in unpaid),
    ]


def _line_of_nothing(record: Mapping[str, Any]) -> RecordedLine:
    """The line that the ledger would have if it had lines of 0."""
    return RecordedLine(-1, record["currency"], 0, record["total"], record["rule"], record["version"], None)


def _view(line: RecordedLine, record: Mapping[str, Any], levels: CompiledLevels | None) -> GrantView:
    is_xp = line.currency == Currency.XP
    return {
        "rule": line.rule,
        "version": line.version,
        "currency": line.currency,
        "base": record.get("base", line.amount),
        "boosts": record.get("boosts", []),
        "cut_off": record.get("cut_off", 0),
        "cut_by": record.get("cut_by"),
        "amount": line.amount,
        "total": line.balance,
        "reason": line.reason,
        "level_before": _level(line.balance - line.amount, levels) if is_xp else None,
        "level_after": _level(line.balance, levels) if is_xp else None,
    }


def _level(xp: int, levels: CompiledLevels | None) -> LevelStep | None:
    if levels is None:
        return None
    number = levels.level_at(xp)
    return {"number": number, "name": levels.name_of(number)}
