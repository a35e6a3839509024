"""The budget of a game, or of a whole campaign: where every coupon is, the burn-down, the rates, the latest winners."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.coupons.issue import STATES
from webapp.pages.campaigns.rates import Rates, rates
from webapp.pages.campaigns.terms import games_of, names_of, next_game, opening, state_of, term, zone_of
from webapp.pages.charts.burn_down_chart import (
    BurnDownChart,
    PlannedSpend,
    ShownTime,
    burn_down_chart,
    planned_left,
)
from webapp.store.campaigns import campaign_rows, game_figures, plays, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system.connection import Connection

COUNTS = ("initial", *STATES)
SAYS = {
    "available": "still in the pool",
    "reserved": "a provider is asked",
    "issued": "sent to a player",
    "redeemed": "used in a shop",
    "expired": "not used in time",
    "voided": "taken back by hand",
}
COLOURS = {"available": "c-3", "reserved": "c-2", "issued": "c-1", "redeemed": "c-6", "expired": "c-4", "voided": "c-5"}
AHEAD_POINTS = 10
WINNERS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Part:
    """One state of coupons: its share of the bar in per cent, and where that begins."""

    name: str
    count: int
    says: str
    colour: str
    begins: float
    share: float


@dataclass(frozen=True, slots=True)
class Row:
    """The budget of a brand, or of a game, against its plan, in per cent."""

    key: str
    name: str
    counts: Mapping[str, int]
    used: int
    plan: int

    @property
    def word(self) -> str:
        """How it stands against its plan."""
        off = self.used - self.plan
        return "ahead" if off > AHEAD_POINTS else "behind" if -off > AHEAD_POINTS else ""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the page of one game, or of all games of a campaign: then `game` is None and `games` has rows."""

    game: dict[str, Any] | None
    name: str
    state: str
    total: dict[str, int]
    parts: tuple[Part, ...]
    brands: tuple[Row, ...]
    games: tuple[Row, ...]
    burn: BurnDownChart
    rates: Rates
    winners: list[tuple[datetime, str | None, str, str | None]]
    zone: str
    term: str

    @property
    def is_conserved(self) -> bool:
        """Whether every coupon stands somewhere."""
        return self.total["initial"] == sum(self.total[state] for state in STATES)


def board(conn: Connection, campaign: Campaign, asked: str, now: datetime) -> Board:
    """Look at the game that is asked for, or at all of them; a campaign's only game is the whole of it."""
    raw_games = games_of(campaign)
    shown = [raw for raw in raw_games if raw["key"] == asked] or raw_games
    keys, open_ = [raw["key"] for raw in shown], {raw["key"]: opening(raw) for raw in shown}
    starts_at, ends_at = min(each[0] for each in open_.values()), max(each[1] for each in open_.values())
    budgets = [pool for pool in pools.pools_of_campaign(conn, campaign.key) if pool.game in open_]
    spread = {pool.id: PlannedSpend(*open_[str(pool.game)], pool.initial) for pool in budgets}
    total, names, zone = _total(budgets), names_of(shown), zone_of(campaign.document)
    minutes = game_figures.winners_by_minute(conn, keys, starts_at)
    local = ShownTime(starts_at.astimezone(zone), ends_at.astimezone(zone), now.astimezone(zone))
    game = shown[0] if len(shown) == 1 else None
    called = {raw["key"]: raw["name"] for raw in shown}
    return Board(
        game,
        game["name"] if game else f"All {len(shown)} games",
        state_of(campaign, starts_at, ends_at, now),
        total,
        _parts(total),
        _rows(budgets, [str(pool.brand) for pool in budgets], names, (spread, now)),
        () if game else _rows(budgets, [str(pool.game) for pool in budgets], called, (spread, now)),
        burn_down_chart(local, list(spread.values()), total["available"], minutes),
        rates(conn, keys, now, minutes),
        [(*each[:3], names.get(each[3] or "", each[3])) for each in plays.latest_winners(conn, keys, WINNERS_SHOWN)],
        str(zone),
        term((starts_at, ends_at, now), zone),
    )


def _parts(total: Mapping[str, int]) -> tuple[Part, ...]:
    parts, begins = [], 0.0
    for state in STATES:
        share = 100 * total[state] / max(1, total["initial"])
        parts.append(Part(state, total[state], SAYS[state], COLOURS[state], round(begins, 2), round(share, 2)))
        begins += share
    return tuple(parts)


def _rows(
    budgets: Sequence[CouponPool],
    of: Sequence[str],
    names: Mapping[str, str],
    plan: tuple[Mapping[int, PlannedSpend], datetime],
) -> tuple[Row, ...]:
    """A row for each key that the budgets are of, in their order; budgets of the same key are added up."""
    together: dict[str, list[CouponPool]] = {}
    for pool, key in zip(budgets, of, strict=True):
        together.setdefault(key, []).append(pool)
    return tuple(_row(key, names.get(key, key), its, plan) for key, its in together.items())


def _row(key: str, name: str, budgets: Sequence[CouponPool], plan: tuple[Mapping[int, PlannedSpend], datetime]) -> Row:
    counts, (spread, now) = _total(budgets), plan
    whole = max(1, counts["initial"])
    due = counts["initial"] - planned_left([spread[pool.id] for pool in budgets], now)
    used = counts["initial"] - counts["available"]
    return Row(key, name, counts, round(100 * used / whole), round(100 * due / whole))


def _total(budgets: Iterable[CouponPool]) -> dict[str, int]:
    counts = [pool.counts() for pool in budgets]
    return {name: sum(each[name] for each in counts) for name in COUNTS}


def listed(conn: Connection, now: datetime) -> list[tuple[Campaign, str, dict[str, int], Mapping[str, Any]]]:
    """Every campaign with its state, its coupons in all, and the game that runs, or runs next."""
    found, budgets = [], pools.pools_by_campaign(conn)
    for campaign in campaign_rows.campaigns(conn):
        game = next_game(games_of(campaign), now)
        state = state_of(campaign, *opening(game), now)
        found.append((campaign, state, _total(budgets.get(campaign.key, ())), game))
    return found
