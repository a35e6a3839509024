"""The seed of each campaign: drawn once, encrypted at rest, its commitment public from the first moment."""

import secrets

from engine.coupons.draws import SEED_BYTES, commitment
from webapp.config import Settings
from webapp.runtime.encryption import decrypt, encrypt
from webapp.store.campaigns import campaign_rows
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.system.connection import Connection, connect

_decrypted: dict[tuple[str, bytes], bytes] = {}


def seed_of(conn: Connection, settings: Settings, campaign: Campaign) -> bytes:
    """The campaign's seed, drawn now where it has none yet; the caller commits before anything is decided by it."""
    sealed = campaign.seed_sealed
    if sealed is None:
        fresh = secrets.token_bytes(SEED_BYTES)
        sealed = campaign_rows.save_seed(conn, campaign.key, encrypt(settings.secret_key, fresh), commitment(fresh))
    key = (settings.secret_key, sealed)
    if key not in _decrypted:
        _decrypted[key] = decrypt(settings.secret_key, sealed)
    return _decrypted[key]


def draw_missing_seeds(settings: Settings) -> int:
    """Draw a seed for every campaign that has none; returns how many had none."""
    with connect(settings.database_url) as conn:
        without_seed = [campaign for campaign in campaign_rows.campaigns(conn) if campaign.seed_sealed is None]
        for campaign in without_seed:
            seed_of(conn, settings, campaign)
        conn.commit()
    return len(without_seed)
