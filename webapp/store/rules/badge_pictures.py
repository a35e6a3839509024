"""Pictures of badges: each stored once, under the hash of its content."""

from hashlib import sha256

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert

from engine.kinds.badge import BADGE
from webapp.models import BadgePictureRow, RuleRow, RuleVersionRow
from webapp.store.system.connection import Connection
from webapp.store.system.orm import session

BYTES_MAX = 65_536
_PNG, _RIFF, _WEBP = b"\x89PNG\r\n\x1a\n", b"RIFF", b"WEBP"


def media_type(body: bytes) -> str | None:
    """The media type by the first bytes of a picture; None if it is neither PNG nor WebP."""
    if body.startswith(_PNG):
        return "image/png"
    return "image/webp" if body[:4] == _RIFF and body[8:12] == _WEBP else None


def store(conn: Connection, body: bytes, kind: str, by: str) -> str:
    """Store a picture and return its id; storing it again changes nothing."""
    digest = sha256(body).hexdigest()[:32]
    stored = insert(BadgePictureRow).values(id=digest, kind=kind, body=body, created_by=by)
    with session(conn) as orm:
        orm.execute(stored.on_conflict_do_nothing(index_elements=[BadgePictureRow.id]))
    return digest


def picture(conn: Connection, picture_id: str) -> tuple[str, bytes] | None:
    """The media type and the content of a picture."""
    with session(conn) as orm:
        row = orm.get(BadgePictureRow, picture_id)
        return None if row is None else (row.kind, row.body)


def icons_by_badge(conn: Connection) -> dict[str, str]:
    """Badge key → icon, for the badges whose document names one."""
    icon = RuleVersionRow.document["icon"].astext
    shown_version = func.coalesce(RuleRow.live_version, RuleRow.latest_version)
    icons = (
        select(RuleRow.key, icon)
        .join(RuleVersionRow, and_(RuleVersionRow.key == RuleRow.key, RuleVersionRow.version == shown_version))
        .where(RuleRow.kind == BADGE.key, icon.is_not(None))
    )
    with session(conn) as orm:
        return dict(orm.execute(icons).all())
