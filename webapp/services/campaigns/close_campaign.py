"""The end of a campaign: no more plays, what waits is decided, and the seed is published."""

from webapp.config import Settings
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.store.campaigns import campaign_rows, plays, reservations
from webapp.store.people import audit
from webapp.store.rules import rule_versions
from webapp.store.system.connection import connect


def close_campaign(settings: Settings, key: str, by: str) -> str | None:
    """End a campaign and publish its seed, in hexadecimal digits; None for an unknown one."""
    with connect(settings.database_url) as conn:
        rule_versions.lock(conn)  # nobody prolongs it meanwhile
        found = campaign_rows.campaign(conn, key)
        if found is None:
            return None
        if campaign_rows.end_campaign(conn, key):
            audit.note(conn, by, "campaign.end", key)
        seed = seed_of(conn, settings, found).hex()
        campaign_rows.publish_seed(conn, key)
        conn.commit()
    return seed


def publish_due_seeds(settings: Settings) -> int:
    """Publish the seeds of campaigns whose last game is over and decided; gives how many."""
    published = 0
    with connect(settings.database_url) as conn:
        if not campaign_rows.finished_campaigns(conn):
            return 0
        rule_versions.lock(conn)  # nobody prolongs one meanwhile
        for each in campaign_rows.finished_campaigns(conn):
            games = [game.key for game in campaign_rows.games_of(conn, each.key)]
            if not any(plays.backlog_size(conn, game, 1) for game in games) and not reservations.count_waiting(
                conn, games
            ):
                campaign_rows.publish_seed(conn, each.key)
                audit.note(conn, "laurel", "campaign.seed_published", each.key, after={"seed_hash": each.seed_hash})
                published += 1
        conn.commit()
    return published
