"""What a simulation came to, strategy by strategy: the burn-down, the range of all seeds, what to expect at worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from engine.coupons.game import Game
from webapp.runtime import clock

NEAR, FAR = 0.02, 0.1
WIDTH, HEIGHT = 400.0, 96.0
STRATEGIES = {
    "moments": ("Moments", "Winning moments are drawn ahead; the next play after each wins, whatever the traffic."),
    "adaptive": ("Adaptive", "Follows the plan by the measured arrival rate; needs a while to settle after a burst."),
    "odds": ("Fixed odds", "Every play has the same chance. Simple, but the budget follows the crowd."),
    "remaining": ("Remaining ÷ slots", "Runs dry early once a slot sees more than one play. People know it."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """One strategy as its card shows it.

    `line` and `band` are points: the first seed's burn-down, and where those of all seeds lie; the verdict in words
    is on the worst of them, with its mark. `figures` are (name, of the first seed, at worst).
    """

    key: str
    name: str
    says: str
    line: str
    band: str
    mark: str
    verdict: str
    figures: tuple[tuple[str, str, str], ...]
    is_chosen: bool


def cards(result: Mapping[str, Any] | None, raw: dict[str, Any], zone: tzinfo) -> tuple[Card, ...]:
    """A card for each strategy; none where nothing was simulated with many seeds yet."""
    if not result or "worst" not in result:
        return ()
    own, game = (raw.get("pacing") or {}).get("strategy") or "moments", Game.from_document(raw)
    first, worst = result["simulations"], result["worst"]
    return tuple(_card(name, first[name], worst[name], (game, zone), is_chosen=name == own) for name in STRATEGIES)


def _card(
    name: str, first: Mapping[str, Any], worst: Mapping[str, Any], where: tuple[Game, tzinfo], *, is_chosen: bool
) -> Card:
    title, says = STRATEGIES[name]
    mark, verdict = _verdict(worst, *where)
    initial = first["initial"]
    band = f"{_points(worst['most'], initial)} {_points(worst['least'], initial, backwards=True)}"
    line = _points(first["burn_down"], initial)
    return Card(name, title, says, line, band, mark, verdict, _figures(first, worst, where[1]), is_chosen)


def _figures(first: Mapping[str, Any], worst: Mapping[str, Any], zone: tzinfo) -> tuple[tuple[str, str, str], ...]:
    ended, emptied = first["empty_at"], worst["empty_at"]
    fewest, most = worst["fewest_winners"], worst["most_winners"]
    return (
        ("Furthest from plan", f"{100 * first['furthest']:.1f} %", f"{100 * worst['furthest']:.1f} %"),
        (
            "Empty at",
            f"{first['left']:,} left" if ended is None else clock_at(ended, zone),
            "never" if emptied is None else f"{clock_at(emptied, zone)}, {worst['emptied']} of {worst['runs']}",
        ),
        ("Winners", f"{first['winners']:,}", f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"),
        ("Players who win", f"{100 * first['players_who_won'] / max(1, first['players']):.1f} %", ""),
    )


def _points(left: Sequence[int], initial: int, *, backwards: bool = False) -> str:
    across = WIDTH / max(1, len(left) - 1)
    points = [f"{place * across:.1f},{HEIGHT * (1 - each / max(1, initial)):.1f}" for place, each in enumerate(left)]
    return " ".join(points[::-1] if backwards else points)


def _verdict(worst: Mapping[str, Any], game: Game, zone: tzinfo) -> tuple[str, str]:
    ended = worst["empty_at"]
    if ended is not None and ended < game.ends_at - (game.ends_at - game.starts_at) // 20:
        return ("bad" if worst["furthest"] > 5 * FAR else "warn"), f"empty at {clock_at(ended, zone)}"
    if worst["furthest"] <= NEAR:
        return "good", "holds the plan"
    return ("good", "close to plan") if worst["furthest"] <= FAR else ("warn", "strays from the plan")


def clock_at(micros: int, zone: tzinfo) -> str:
    """A moment (µs) as clocks of a zone show it."""
    return f"{clock.from_micros(micros).astimezone(zone):%H:%M}"
