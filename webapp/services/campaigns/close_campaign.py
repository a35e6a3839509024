"""Ends a campaign: no more plays, what waits is decided, and the seed is published."""

from webapp.config import Settings
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.store.campaigns import campaign_rows, plays, reservations
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.people import audit
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection, connect


def close_campaign(settings: Settings, key: str, by: str) -> str | None:
    """End a campaign and publish its seed; returns the seed in hexadecimal, None for an unknown campaign."""
    with connect(settings.database_url) as conn:
        rule_versions.lock(conn)  # nobody may extend it meanwhile
        campaign = campaign_rows.campaign(conn, key)
        if campaign is None:
            return None
        if campaign_rows.end_campaign(conn, key):
            audit.note(conn, by, "campaign.end", key)
        seed = seed_of(conn, settings, campaign).hex()
        campaign_rows.publish_seed(conn, key)
        conn.commit()
    return seed


def publish_due_seeds(settings: Settings) -> int:
    """Publish the seeds of campaigns whose last game is over and decided; returns how many."""
    published = 0
    with connect(settings.database_url) as conn:
        if not campaign_rows.finished_campaigns(conn):
            return 0
        rule_versions.lock(conn)  # nobody may extend one meanwhile
        for campaign in campaign_rows.finished_campaigns(conn):
            if _is_decided(conn, campaign):
                campaign_rows.publish_seed(conn, campaign.key)
                audit.note(
                    conn, "laurel", "campaign.seed_published", campaign.key, after={"seed_hash": campaign.seed_hash}
                )
                published += 1
        conn.commit()
    return published


def _is_decided(conn: Connection, campaign: Campaign) -> bool:
    """Whether none of its plays waits, neither in an inbox nor for a provider."""
    games = [game.key for game in campaign_rows.games_of(conn, campaign.key)]
    is_queued = any(plays.backlog_size(conn, game, 1) for game in games)
    return not is_queued and not reservations.count_waiting(conn, games)
