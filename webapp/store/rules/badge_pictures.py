"""Pictures of badges: each stored once, under the hash of its content."""

from hashlib import sha256

from webapp.store.system.connection import Connection

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
    conn.execute(
        "INSERT INTO badge_picture (id, kind, body, created_by) VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
        (digest, kind, body, by),
    )
    return digest


def picture(conn: Connection, picture_id: str) -> tuple[str, bytes] | None:
    """The media type and the content of a picture."""
    row = conn.execute("SELECT kind, body FROM badge_picture WHERE id = %s", (picture_id,)).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


ICONS_BY_BADGE = """
SELECT r.key, v.document->>'icon' FROM rule r
JOIN rule_version v ON v.key = r.key AND v.version = coalesce(r.live_version, r.latest_version)
WHERE r.kind = 'badge' AND v.document->>'icon' IS NOT NULL
"""


def icons_by_badge(conn: Connection) -> dict[str, str]:
    """Badge key → icon, for the badges whose document names one."""
    return dict(conn.execute(ICONS_BY_BADGE).fetchall())
