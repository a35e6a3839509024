"""What players read about a game says everything that decides over them, and nothing else."""

from dataclasses import replace
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.coupons.game import SECOND, Game, GameBrand, Pacing, PlayLimits, WinnerBounds
from engine.coupons.terms_for_players import terms_for_players
from tests.engine.coupons.worlds import reel

BRANDS = (GameBrand("acme", "Acme"), GameBrand("bolt", "Bolt"))
NO_LIMITS = PlayLimits()
GAME = replace(reel(), brands=BRANDS)


def terms(game: Game, shared: PlayLimits = NO_LIMITS, zone: Any = UTC, *, is_for_all: bool = True) -> str:
    return " ".join(terms_for_players(game, shared, zone, is_for_all=is_for_all))


def paced(**parts: Any) -> Game:
    return replace(GAME, pacing=Pacing(**parts))


CHANGES = {
    "start": replace(GAME, starts_at=GAME.starts_at + SECOND),
    "end": replace(GAME, ends_at=GAME.ends_at + SECOND),
    "brand": replace(GAME, brands=(BRANDS[0], replace(BRANDS[1], name="Fern"))),
    "weight": replace(GAME, brands=(BRANDS[0], replace(BRANDS[1], weight=3))),
    "priority": replace(GAME, brands=(BRANDS[0], replace(BRANDS[1], priority=3))),
    "wins of a brand": replace(GAME, brands=(BRANDS[0], replace(BRANDS[1], wins_per_player=1))),
    "unclaimed": paced(unclaimed="lapse"),
    "odds": paced(strategy="odds"),
    "other odds": paced(strategy="odds", chance=(1, 20)),
    "adaptive": paced(strategy="adaptive"),
    "horizon": paced(strategy="adaptive", horizon=90 * SECOND),
    "remaining": paced(strategy="remaining"),
    "slot": paced(strategy="remaining", slot=5 * SECOND),
    **{
        f"winners {name}": replace(GAME, winners=WinnerBounds(**{name: 7}))
        for name in ("min_per_day", "max_per_day", "max_per_slot")
    },
    "slot of winners": replace(GAME, winners=WinnerBounds(max_per_slot=7, slot=30 * SECOND)),
    **{
        f"limit of {name}": replace(GAME, limits=PlayLimits(**{name: 7}))
        for name in ("plays", "plays_per_day", "wins", "wins_per_day")
    },
}


def test_every_member_that_decides_over_players_changes_the_terms() -> None:
    texts = {name: terms(game) for name, game in CHANGES.items()} | {"unchanged": terms(GAME)}
    shared = [terms(GAME, PlayLimits(**{name: 7})) for name in ("plays", "plays_per_day", "wins", "wins_per_day")]
    others = [*shared, terms(GAME, is_for_all=False), terms(GAME, zone=ZoneInfo("Europe/London"))]
    assert len({*texts.values(), *others}) == len(texts) + len(others)


@pytest.mark.parametrize(
    ("chance", "says"),
    [((1, 20), "one in 20, 5 %"), ((1, 1), "a chance of 100 %"), ((1, 3), "one in 3, 33.33 %"), ((0, 1), "of 0 %")],
)
def test_fixed_odds_are_said_as_odds(chance: tuple[int, int], says: str) -> None:
    assert says in terms(paced(strategy="odds", chance=chance))
