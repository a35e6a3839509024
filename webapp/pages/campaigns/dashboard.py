"""The budget dashboard of a game, or of a whole campaign: where every coupon is, the burn-down, rates and winners."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.coupons.issue import STATES
from webapp.pages.campaigns.rates import Rates, current_rates
from webapp.pages.campaigns.terms import (
    OpenHours,
    current_game,
    games_of,
    hours_of,
    state_of,
    zone_of,
)
from webapp.pages.charts.burn_down_chart import (
    BurnDownChart,
    PlannedSpend,
    ShownTime,
    burn_down_chart,
    planned_left,
)
from webapp.services.campaigns.campaign_brands import names_of_brands
from webapp.store.campaigns import campaign_rows, game_figures, plays, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system.connection import Connection

COUNTS = ("initial", *STATES)
STATE_TEXTS = {
    "available": "still in the pool",
    "reserved": "requested from a provider",
    "issued": "sent to a player",
    "redeemed": "used in a shop",
    "expired": "not used in time",
    "voided": "voided by hand",
}
COLOURS = {"available": "c-3", "reserved": "c-2", "issued": "c-1", "redeemed": "c-6", "expired": "c-4", "voided": "c-5"}
OFF_PLAN_POINTS = 10
WINNERS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class StateShare:
    """The coupons in one state: their share of the bar in per cent, and where it begins."""

    name: str
    count: int
    text: str
    colour: str
    begins: float
    share: float


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """The budget of a brand, or of a game, against its plan; `used` and `plan` in per cent."""

    key: str
    name: str
    counts: Mapping[str, int]
    used: int
    plan: int

    @property
    def word(self) -> str:
        """`ahead` or `behind` where it is more than ten points off its plan."""
        off = self.used - self.plan
        if off > OFF_PLAN_POINTS:
            return "ahead"
        return "behind" if off < -OFF_PLAN_POINTS else ""


@dataclass(frozen=True, slots=True)
class ShownWinner:
    """Who won what, and when; `player` is None once erased."""

    at: datetime
    player: str | None
    brand: str | None


@dataclass(frozen=True, slots=True)
class BudgetDashboard:
    """Everything about one game, or all games of a campaign: then `game` is None and `games` has rows."""

    game: dict[str, Any] | None
    name: str
    state: str
    total: dict[str, int]
    shares: tuple[StateShare, ...]
    brands: tuple[BudgetRow, ...]
    games: tuple[BudgetRow, ...]
    burn: BurnDownChart
    rates: Rates
    winners: list[ShownWinner]
    zone: str
    term: str

    @property
    def shares_text(self) -> str:
        """Where every coupon is, in words."""
        shares = ", ".join(f"{share.count:,} {share.name}" for share in self.shares)
        return f"Of {self.total['initial']:,} coupons: {shares}"

    @property
    def is_conserved(self) -> bool:
        """Whether the coupons in all states add up to those that were ever added."""
        return self.total["initial"] == sum(self.total[state] for state in STATES)


@dataclass(frozen=True, slots=True)
class _PlannedPool:
    """A budget with its plan."""

    pool: CouponPool
    plan: PlannedSpend


def budget_dashboard(conn: Connection, campaign: Campaign, game_key: str, now: datetime) -> BudgetDashboard:
    """The dashboard of one game, or of all where `game_key` names none; a campaign's only game is the whole of it."""
    all_games = games_of(campaign)
    raw_games = [raw for raw in all_games if raw["key"] == game_key] or all_games
    keys = [raw["key"] for raw in raw_games]
    hours_of_game = {raw["key"]: hours_of(raw) for raw in raw_games}
    hours = OpenHours(
        min(hours.starts_at for hours in hours_of_game.values()),
        max(hours.ends_at for hours in hours_of_game.values()),
    )
    budgets = [
        _PlannedPool(pool, PlannedSpend(game_hours.starts_at, game_hours.ends_at, pool.initial))
        for pool in pools.pools_of_campaign(conn, campaign.key)
        if (game_hours := hours_of_game.get(str(pool.game))) is not None
    ]
    total, zone = _total(budget.pool for budget in budgets), zone_of(campaign.document)
    minutes = game_figures.winners_by_minute(conn, keys, hours.starts_at)
    local_time = ShownTime(hours.starts_at.astimezone(zone), hours.ends_at.astimezone(zone), now.astimezone(zone))
    game = raw_games[0] if len(raw_games) == 1 else None
    names = names_of_brands(conn, campaign, game["key"] if game else None)
    game_names = {raw["key"]: raw["name"] for raw in raw_games}
    return BudgetDashboard(
        game=game,
        name=game["name"] if game else f"All {len(raw_games)} games",
        state=state_of(campaign, hours, now),
        total=total,
        shares=_shares(total),
        brands=_rows(budgets, lambda pool: str(pool.brand), names, now),
        games=() if game else _rows(budgets, lambda pool: str(pool.game), game_names, now),
        burn=burn_down_chart(local_time, [budget.plan for budget in budgets], total["available"], minutes),
        rates=current_rates(conn, keys, now, minutes),
        winners=[
            ShownWinner(at, player, names.get(brand or "", brand))
            for at, player, _, brand in plays.latest_winners(conn, keys, WINNERS_SHOWN)
        ],
        zone=str(zone),
        term=hours.term(now, zone),
    )


def _shares(total: Mapping[str, int]) -> tuple[StateShare, ...]:
    shares, begins = [], 0.0
    for state in STATES:
        share = 100 * total[state] / max(1, total["initial"])
        shares.append(
            StateShare(state, total[state], STATE_TEXTS[state], COLOURS[state], round(begins, 2), round(share, 2))
        )
        begins += share
    return tuple(shares)


def _rows(
    budgets: Sequence[_PlannedPool], key_of: Callable[[CouponPool], str], names: Mapping[str, str], now: datetime
) -> tuple[BudgetRow, ...]:
    """A row for each key, in the order of the budgets; budgets of the same key are added up."""
    by_key: dict[str, list[_PlannedPool]] = {}
    for budget in budgets:
        by_key.setdefault(key_of(budget.pool), []).append(budget)
    return tuple(_row(key, names.get(key, key), of_key, now) for key, of_key in by_key.items())


def _row(key: str, name: str, budgets: Sequence[_PlannedPool], now: datetime) -> BudgetRow:
    counts = _total(budget.pool for budget in budgets)
    initial = counts["initial"]
    planned = initial - planned_left([budget.plan for budget in budgets], now)
    used = initial - counts["available"]
    return BudgetRow(key, name, counts, round(100 * used / max(1, initial)), round(100 * planned / max(1, initial)))


def _total(budgets: Iterable[CouponPool]) -> dict[str, int]:
    counts = [pool.counts() for pool in budgets]
    return {name: sum(of_pool[name] for of_pool in counts) for name in COUNTS}


@dataclass(frozen=True, slots=True)
class ListedCampaign:
    """A campaign in the list, with its coupons in all and the game that runs, or runs next."""

    campaign: Campaign
    state: str
    total: dict[str, int]
    game: Mapping[str, Any]


def listed_campaigns(conn: Connection, now: datetime) -> list[ListedCampaign]:
    """Every launched campaign, newest first."""
    budgets = pools.pools_by_campaign(conn)
    listed = []
    for campaign in campaign_rows.campaigns(conn):
        game = current_game(games_of(campaign), now)
        state = state_of(campaign, hours_of(game), now)
        listed.append(ListedCampaign(campaign, state, _total(budgets.get(campaign.key, ())), game))
    return listed
