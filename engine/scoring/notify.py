"""Notices: what an outcome means to the player, one line a thing, in the order of importance."""

from dataclasses import dataclass
from typing import Any

from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.outcome import Currency, Outcome


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: its type as webhooks name it, a sentence, and the values in it."""

    type: str
    text: str
    values: dict[str, Any]


def messages(outcome: Outcome, book: Rulebook) -> list[Notice]:
    """Everything worth telling about an outcome."""
    return [*_level(outcome), *_badges(outcome, book), *_missions(outcome, book), *_points(outcome), *_states(outcome)]


def _level(outcome: Outcome) -> list[Notice]:
    level = outcome.level
    if level is None:
        return []
    name = level.name or f"level {level.after}"
    is_up = level.after > level.before
    values = {"number": level.after, "name": level.name, "previous": level.before}
    return [Notice("level.up" if is_up else "level.down", f"{'Reached' if is_up else 'Back to'} {name}", values)]


def _badges(outcome: Outcome, book: Rulebook) -> list[Notice]:
    earned = [
        Notice("badge.earned", f"Earned {each.name}", {"badge": each.badge, "tier": each.tier, "period": each.period})
        for each in outcome.badges
    ]
    lost = [
        Notice("badge.revoked", f"Lost {_name(book, each.badge)}", {"badge": each.badge, "period": each.period})
        for each in outcome.revoked
    ]
    return [*earned, *lost]


def _missions(outcome: Outcome, book: Rulebook) -> list[Notice]:
    return [
        Notice(
            "mission.completed",
            f"Completed {_name(book, each.mission)}",
            {"mission": each.mission, "period": each.period},
        )
        for each in outcome.completions
    ]


def _points(outcome: Outcome) -> list[Notice]:
    found = []
    for currency, unit in ((Currency.XP, "XP"), (Currency.COINS, "coins")):
        change = outcome.total(currency)
        if change:
            text = f"{change:+,} {unit}".replace("-", "−")
            found.append(Notice("points.changed", text, {"currency": str(currency), "amount": change}))
    return found


def _states(outcome: Outcome) -> list[Notice]:
    return [
        Notice(
            "lifecycle.changed", f"Became {each.after}", {"state": each.after, "previous": each.before, "at": each.at}
        )
        for each in outcome.lifecycle
    ]


def _name(book: Rulebook, key: str) -> str:
    rule = book.rules.get(key)
    return rule.name if rule else key
