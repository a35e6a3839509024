"""The budget dashboard of a game, or of a whole campaign: where every coupon is, the burn-down, rates and winners."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from engine.coupons.issue import STATES
from webapp.pages.campaigns.rates import Rates, current_rates
from webapp.pages.campaigns.terms import (
    OpenHours,
    current_game,
    games_of,
    hours_of,
    hours_of_all,
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
from webapp.store.campaigns.game_figures import PlayTotals
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
    """The budget of a brand, or of a game, against its plan.

    The budget is all coupons that were ever there to be won: not those voided or lapsed before anybody had them.
    `planned` are those that should be used by now; coupons have been there to be used since `since`.
    """

    key: str
    name: str
    counts: Mapping[str, int]
    budget: int
    planned: int
    since: datetime

    @property
    def given(self) -> int:
        """The coupons that players have, had or are about to get."""
        return self.budget - self.counts["available"]

    @property
    def used(self) -> int:
        """The share of the budget that is given, in per cent."""
        return round(100 * self.given / max(1, self.budget))

    @property
    def plan(self) -> int:
        """The share of the budget that should be given by now, in per cent."""
        return round(100 * self.planned / max(1, self.budget))

    @property
    def word(self) -> str:
        """`ahead` or `behind` where it is more than ten points off its plan."""
        off = self.used - self.plan
        if off > OFF_PLAN_POINTS:
            return "ahead"
        return "behind" if off < -OFF_PLAN_POINTS else ""

    def empty_at(self, now: datetime) -> datetime | None:
        """When it is empty if it goes on as so far; None where nothing is given yet."""
        if not self.given or now <= self.since:
            return None
        return now + (now - self.since) * (self.counts["available"] / self.given)

    def left_at(self, end: datetime, now: datetime) -> int:
        """How many coupons are left at the end if it goes on as so far."""
        available = self.counts["available"]
        if now <= self.since:
            return available
        return max(0, round(available - self.given * ((end - now) / (now - self.since))))


@dataclass(frozen=True, slots=True)
class ShownWinner:
    """Who won what, and when; `player` is None once erased."""

    at: datetime
    player: str | None
    brand: str | None


@dataclass(frozen=True, slots=True)
class BudgetDashboard:
    """Everything about one game, or all games of a campaign: then `game` is None and `games` has rows.

    Until the end `rates` say how it goes, after it `played` says how it went; the other is None.
    """

    game: dict[str, Any] | None
    name: str
    state: str
    total: dict[str, int]
    shares: tuple[StateShare, ...]
    brands: tuple[BudgetRow, ...]
    games: tuple[BudgetRow, ...]
    burn: BurnDownChart
    rates: Rates | None
    played: PlayTotals | None
    now: datetime
    closes_at: datetime
    winners: list[ShownWinner]
    time_zone: tzinfo
    term: str

    @property
    def zone(self) -> str:
        """The name of the campaign's time zone."""
        return str(self.time_zone)

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
    hours = hours_of_all(campaign, raw_games)
    is_over = now >= hours.closes_at
    budgets = _planned_pools(conn, campaign, {raw["key"]: hours_of(campaign, raw) for raw in raw_games})
    total, zone = _total(budget.pool for budget in budgets), zone_of(campaign.document)
    minutes = game_figures.winners_by_minute(conn, keys, hours.starts_at)
    local_time = ShownTime(hours.starts_at.astimezone(zone), hours.shown_until.astimezone(zone), now.astimezone(zone))
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
        rates=None if is_over else current_rates(conn, keys, now),
        played=game_figures.play_totals(conn, keys) if is_over else None,
        now=now,
        closes_at=hours.closes_at,
        winners=[
            ShownWinner(at, player, names.get(brand or "", brand))
            for at, player, _, brand in plays.latest_winners(conn, keys, WINNERS_SHOWN)
        ],
        time_zone=zone,
        term=hours.term(now, zone),
    )


def _planned_pools(conn: Connection, campaign: Campaign, hours_of_game: Mapping[str, OpenHours]) -> list[_PlannedPool]:
    restocks = game_figures.restocks_by_budget(conn, list(hours_of_game))
    planned = []
    for pool in pools.pools_of_campaign(conn, campaign.key):
        hours = hours_of_game.get(str(pool.game))
        if hours is not None:
            records = restocks.get((str(pool.game), str(pool.brand)), [])
            of_pool = [(record.at, record.change) for record in records]
            planned.append(_PlannedPool(pool, PlannedSpend(hours.starts_at, hours.ends_at, of_pool)))
    return planned


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
    plans = [budget.plan for budget in budgets]
    budget = sum(plan.budget for plan in plans)
    planned = round(budget - planned_left(plans, now))
    since = min(plan.since for plan in plans)
    return BudgetRow(key, name, _total(budget.pool for budget in budgets), budget, planned, since)


def _total(budgets: Iterable[CouponPool]) -> dict[str, int]:
    counts = [pool.counts() for pool in budgets]
    return {name: sum(of_pool[name] for of_pool in counts) for name in COUNTS}


@dataclass(frozen=True, slots=True)
class ListedCampaign:
    """A campaign in the list: what is left of its budget, the game that runs, or runs next, and when it ends."""

    campaign: Campaign
    state: str
    available: int
    budget: int
    game: Mapping[str, Any]
    term: str

    @property
    def is_over(self) -> bool:
        """Whether it takes no more plays, ever."""
        return self.state == "ended"


def listed_campaigns(conn: Connection, now: datetime) -> list[ListedCampaign]:
    """Every launched campaign, newest first; those that are over after all others."""
    launched, pools_of = campaign_rows.campaigns(conn), pools.pools_by_campaign(conn)
    all_games = [raw["key"] for campaign in launched for raw in games_of(campaign)]
    restocks = game_figures.restocks_by_budget(conn, all_games)
    budgets = Counter({key: sum(record.change for record in records) for key, records in restocks.items()})
    listed = []
    for campaign in launched:
        game = current_game(campaign, now)
        hours = hours_of(campaign, game)
        is_over = state_of(campaign, hours_of_all(campaign, games_of(campaign)), now) == "ended"
        of_campaign = pools_of.get(campaign.key, ())
        listed.append(
            ListedCampaign(
                campaign,
                "ended" if is_over else state_of(campaign, hours, now),
                sum(pool.available for pool in of_campaign),
                sum(budgets[str(pool.game), str(pool.brand)] for pool in of_campaign),
                game,
                hours.span(now, zone_of(campaign.document)),
            )
        )
    return sorted(listed, key=lambda campaign: campaign.is_over)
