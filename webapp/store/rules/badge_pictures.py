"""Pictures of badges: kept once each, under the hash of what they hold."""

from hashlib import sha256

from webapp.store.system.connection import Connection

BYTES_MAX = 65_536
_PNG, _RIFF, _WEBP = b"\x89PNG\r\n\x1a\n", b"RIFF", b"WEBP"


def kind_of(body: bytes) -> str | None:
    """The media type by what the picture begins with; None for what is neither PNG nor WebP."""
    if body.startswith(_PNG):
        return "image/png"
    return "image/webp" if body[:4] == _RIFF and body[8:12] == _WEBP else None


def keep(conn: Connection, body: bytes, kind: str, by: str) -> str:
    """Keep a picture and give its id; one that is there already stays as it is."""
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


CHOSEN = """
SELECT r.key, v.document->>'icon' FROM rule r
JOIN rule_version v ON v.key = r.key AND v.version = coalesce(r.live_version, r.latest_version)
WHERE r.kind = 'badge' AND v.document->>'icon' IS NOT NULL
"""


def chosen(conn: Connection) -> dict[str, str]:
    """Badge → the icon that its document names, for those that name one."""
    return dict(conn.execute(CHOSEN).fetchall())
