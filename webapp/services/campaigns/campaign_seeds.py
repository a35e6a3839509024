"""The seed of each campaign: drawn once, sealed at rest, its commitment public from the first moment on."""

import secrets

from engine.coupons.draws import SEED_BYTES, commitment
from webapp.config import Settings
from webapp.runtime.encryption import decrypt, encrypt
from webapp.store.campaigns import campaign_rows
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.system.connection import Connection, connect

_known: dict[tuple[str, bytes], bytes] = {}


def seed_of(conn: Connection, settings: Settings, campaign: Campaign) -> bytes:
    """The campaign's seed, drawn now where it has none yet; the caller commits before anything is decided by it."""
    sealed = campaign.seed_sealed
    if sealed is None:
        fresh = secrets.token_bytes(SEED_BYTES)
        sealed = campaign_rows.save_seed(conn, campaign.key, encrypt(settings.secret_key, fresh), commitment(fresh))
    place = (settings.secret_key, sealed)
    if place not in _known:
        _known[place] = decrypt(settings.secret_key, sealed)
    return _known[place]


def draw_missing_seeds(settings: Settings) -> int:
    """Give every campaign its seed; gives how many had none."""
    with connect(settings.database_url) as conn:
        bare = [each for each in campaign_rows.campaigns(conn) if each.seed_sealed is None]
        for each in bare:
            seed_of(conn, settings, each)
        conn.commit()
    return len(bare)
