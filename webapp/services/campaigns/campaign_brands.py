"""The names of a campaign's brands, for pages and answers."""

from engine.coupons.brand_names import brand_names
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection


def names_of_brands(conn: Connection, campaign: Campaign, game: str | None = None) -> dict[str, str]:
    """Brand → its name as people know it; in one game, the name that is written there comes first."""
    return brand_names(campaign.document["games"], rule_versions.live_names(conn, "brand"), game)
