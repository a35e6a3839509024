"""The draws of a campaign that is over: its public seed, and one play checked with it."""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, allow, settings
from webapp.pages.layout import database
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.services.campaigns.draw_check import CheckedDraw, check_draw, shell_command
from webapp.store.campaigns import campaign_rows
from webapp.store.campaigns.campaign_rows import Campaign

blueprint = Blueprint("draws", __name__, url_prefix="/campaigns/<key>/draws")


@dataclass(frozen=True, slots=True)
class DrawsPage:
    """The seed of a campaign, None while it is secret, and the draw of the play that was requested, if there is one."""

    campaign: Campaign
    seed: str | None
    play: str
    draw: CheckedDraw | None

    @property
    def command(self) -> str:
        """What derives the draw anywhere else."""
        return shell_command(self.seed, self.draw.game, self.draw.play) if self.seed and self.draw else ""

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        """The way here."""
        return [(self.campaign.document["name"], url_for("campaigns.show_one", key=self.campaign.key))]


@blueprint.get("")
@allow(role=Role.VIEWER)
def show(key: str) -> ResponseReturnValue:
    """The seed of a campaign, once it is public, and with `play` how that play was drawn."""
    play = request.args.get("play", "").strip()
    with database() as conn:
        campaign = campaign_rows.campaign(conn, key) or abort(404)
        seed = seed_of(conn, settings(), campaign).hex() if campaign.is_closed else None
        draw = check_draw(conn, settings(), campaign, play) if campaign.is_closed and play else None
    return render_template("campaigns/draws.html", view=DrawsPage(campaign, seed, play, draw))
