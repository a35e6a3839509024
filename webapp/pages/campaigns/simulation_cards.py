"""The result of a simulation, a card for each strategy: its burn-down, the range of all seeds, and the worst case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from engine.coupons.game import Game
from webapp.pages.charts.small_charts import BurnDownOutline, burn_down_outline
from webapp.runtime import clock

NEAR_SHARE, FAR_SHARE = 0.02, 0.1
WIDTH, HEIGHT = 400.0, 96.0


@dataclass(frozen=True, slots=True)
class StrategyText:
    """A pacing strategy as people know it, with a sentence about it."""

    name: str
    description: str


STRATEGIES = {
    "moments": StrategyText(
        "Moments", "Winning moments are drawn in advance; the next play after each one wins, whatever the traffic."
    ),
    "adaptive": StrategyText(
        "Adaptive", "Follows the plan by the measured arrival rate; takes a while to settle after a burst."
    ),
    "odds": StrategyText("Fixed odds", "Every play has the same chance. Simple, but the budget follows the crowd."),
    "remaining": StrategyText(
        "Remaining ÷ slots", "Runs dry early once there is more than one play in a slot. Offered because it is known."
    ),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the first seed's run, and what it is at worst."""

    name: str
    first: str
    worst: str


@dataclass(frozen=True, slots=True)
class SimulationCard:
    """One strategy: the outline shows the first seed's burn-down and the range of all; `verdict` is on the worst."""

    key: str
    name: str
    description: str
    outline: BurnDownOutline
    mark: str
    verdict: str
    figures: tuple[Figure, ...]
    is_chosen: bool


def simulation_cards(
    result: Mapping[str, Any] | None, raw_game: dict[str, Any], zone: tzinfo
) -> tuple[SimulationCard, ...]:
    """A card for each strategy; none where the game was not simulated with several seeds yet."""
    if not result or "worst" not in result:
        return ()
    chosen = (raw_game.get("pacing") or {}).get("strategy") or "moments"
    game = Game.from_document(raw_game)
    return tuple(
        _card(key, result["simulations"][key], result["worst"][key], game, zone, is_chosen=key == chosen)
        for key in STRATEGIES
    )


def _card(
    key: str, first: Mapping[str, Any], worst: Mapping[str, Any], game: Game, zone: tzinfo, *, is_chosen: bool
) -> SimulationCard:
    strategy = STRATEGIES[key]
    mark, verdict = _verdict(worst, game, zone)
    outline = burn_down_outline(
        first["burn_down"], first["initial"], width=WIDTH, height=HEIGHT, band=(worst["most"], worst["least"])
    )
    figures = _figures(first, worst, zone)
    return SimulationCard(key, strategy.name, strategy.description, outline, mark, verdict, figures, is_chosen)


def _figures(first: Mapping[str, Any], worst: Mapping[str, Any], zone: tzinfo) -> tuple[Figure, ...]:
    return (
        Figure("Furthest from plan", f"{100 * first['furthest']:.1f} %", f"{100 * worst['furthest']:.1f} %"),
        Figure("Empty at", _first_empty(first, zone), _worst_empty(worst, zone)),
        Figure("Winners", f"{first['winners']:,}", _range(worst["fewest_winners"], worst["most_winners"])),
        Figure("Players who win", f"{100 * first['players_who_won'] / max(1, first['players']):.1f} %", ""),
    )


def _first_empty(first: Mapping[str, Any], zone: tzinfo) -> str:
    return f"{first['left']:,} left" if first["empty_at"] is None else clock_at(first["empty_at"], zone)


def _worst_empty(worst: Mapping[str, Any], zone: tzinfo) -> str:
    if worst["empty_at"] is None:
        return "never"
    return f"{clock_at(worst['empty_at'], zone)}, {worst['emptied']} of {worst['runs']}"


def _range(fewest: int, most: int) -> str:
    return f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"


def _verdict(worst: Mapping[str, Any], game: Game, zone: tzinfo) -> tuple[str, str]:
    """(mark, verdict): empty in the first 95 % of the game is worse than far from the plan."""
    empty_at, furthest = worst["empty_at"], worst["furthest"]
    if empty_at is not None and empty_at < game.ends_at - (game.ends_at - game.starts_at) // 20:
        return ("bad" if furthest > 5 * FAR_SHARE else "warn"), f"empty at {clock_at(empty_at, zone)}"
    if furthest <= NEAR_SHARE:
        return "good", "on plan"
    return ("good", "close to plan") if furthest <= FAR_SHARE else ("warn", "off plan")


def clock_at(micros: int, zone: tzinfo) -> str:
    """A moment (µs) as clocks of a zone show it."""
    return f"{clock.from_micros(micros).astimezone(zone):%H:%M}"
