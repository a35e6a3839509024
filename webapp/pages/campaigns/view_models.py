"""What the pages about campaigns show: the list, and the budget of one campaign or game."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.pages.campaigns.alerts import BudgetAlert
from webapp.pages.campaigns.dashboard import BudgetDashboard, BudgetRow, ListedCampaign
from webapp.pages.campaigns.forms import TopUpForm, VoidForm
from webapp.pages.campaigns.synthetic_traffic import ShownTraffic
from webapp.pages.play.routes import DEFAULT_ANSWERS
from webapp.services.campaigns.planned_campaigns import PlannedCampaign
from webapp.store.campaigns.campaign_rows import Campaign


@dataclass(frozen=True, slots=True)
class CampaignsPage:
    """Every launched campaign with what is left of its budget, and those that are still planned."""

    campaigns: Sequence[ListedCampaign]
    planned: Sequence[PlannedCampaign]
    may_write: bool

    @property
    def open_campaigns(self) -> Sequence[ListedCampaign]:
        """Those that take plays, now or later."""
        return [listed for listed in self.campaigns if not listed.is_over]

    @property
    def ended_campaigns(self) -> Sequence[ListedCampaign]:
        """Those that are over."""
        return [listed for listed in self.campaigns if listed.is_over]


@dataclass(frozen=True, slots=True)
class BudgetTable:
    """The budgets of a campaign by game or by brand, each row against its plan."""

    title: str
    column: str
    rows: Sequence[BudgetRow]


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """The budget of one game of a campaign, or of all its games, with the forms that change it.

    `games` are all games of the campaign; `traffic` is None unless it is the demo's campaign, and `seed` until it is
    public.
    """

    campaign: Campaign
    dashboard: BudgetDashboard
    alerts: Sequence[BudgetAlert]
    games: Sequence[Mapping[str, Any]]
    traffic: ShownTraffic | None
    top_up: TopUpForm
    void: VoidForm
    seed: str | None
    may_change: bool

    @property
    def name(self) -> str:
        """The name of the campaign."""
        return str(self.campaign.document["name"])

    @property
    def game_key(self) -> str | None:
        """The game that is shown; None where all of them are."""
        return self.dashboard.game["key"] if self.dashboard.game else None

    @property
    def live_address(self) -> str:
        """The stream of signals that the budget has changed."""
        return f"/live/games/{self.game_key}" if self.game_key else f"/live/campaigns/{self.campaign.key}"

    @property
    def paused_text(self) -> str:
        """What players see while plays are paused."""
        game = self.dashboard.game or {}
        return (game.get("answers") or {}).get("paused") or DEFAULT_ANSWERS["paused"]

    @property
    def is_over(self) -> bool:
        """Whether nothing of it can be changed any more."""
        return self.dashboard.state == "ended"

    @property
    def tables(self) -> Sequence[BudgetTable]:
        """The tables below the chart: by game unless one game is shown, then by brand."""
        by_brand = BudgetTable("By brand", "Brand", self.dashboard.brands)
        by_game = BudgetTable("By game", "Game", self.dashboard.games)
        return (by_game, by_brand) if self.dashboard.games else (by_brand,)
