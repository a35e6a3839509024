"""Changes to drafts as pages make them: each function is one change with its edits, committed here.

They raise what `draft_editing` raises, and then nothing is saved.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engine.authoring.tree.edit_result import EditRefused
from webapp.services.drafts import draft_editing
from webapp.services.drafts.draft_editing import EditedDraft
from webapp.store.rules import badge_pictures, drafts
from webapp.store.rules.drafts import Draft, PresentOperator
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection


def begin_draft(conn: Connection, kind: str, by: str) -> Draft:
    """Begin a new rule of a kind, blank, under a free key."""
    draft = draft_editing.new_draft(conn, kind, by)
    conn.commit()
    return draft


def copy_rule(conn: Connection, key: str, by: str) -> Draft | None:
    """Begin a new rule as a copy of this one; None for an unknown rule."""
    draft = draft_editing.duplicate(conn, key, by)
    conn.commit()
    return draft


@contextmanager
def edits_saved_together(conn: Connection, key: str, by: str) -> Iterator[Draft | None]:
    """Lend the draft of a rule, begun if there is none, for edits that are saved together when the block ends.

    None for an unknown rule. If the block raises, none of its edits is saved.
    """
    yield draft_editing.open_draft(conn, key, by)
    conn.commit()


def record_presence(conn: Connection, key: str, by: str, node: str | None) -> list[PresentOperator]:
    """Record that somebody has a rule open in the editor, at this node, and return who else has."""
    present = drafts.record_presence(conn, key, by, node)
    conn.commit()
    return present


def replace_document(
    conn: Connection, draft: Draft, expected: int | None, document: Mapping[str, Any], by: str
) -> EditedDraft:
    """Make the draft say this whole document, as one step that can be undone.

    `expected` is the revision that its author saw, None for the present one. What others changed since stays: only what
    the author changed is applied. Raises `EditRefused` where both changed the same.
    """
    edit = draft_editing.edit_document(conn, draft.id, expected, document, by)
    conn.commit()
    return edit


def restore_version(conn: Connection, draft: Draft, rule: StoredRule, version: int, by: str) -> None:
    """Make the draft say what a version said, as one step that can be undone."""
    content = draft_editing.content_of_version(conn, rule, version)
    draft_editing.replace_content(conn, draft, content, f"Restored v{version}", by)
    conn.commit()


def use_badge_picture(conn: Connection, draft: Draft, body: bytes, by: str) -> None:
    """Store a picture and make it the icon of the draft. Raises `EditRefused` if it is no picture, or too large."""
    kind = badge_pictures.media_type(body)
    if kind is None:
        raise EditRefused("Choose a picture: a PNG or WebP file")
    if len(body) > badge_pictures.BYTES_MAX:
        raise EditRefused(f"A picture has at most {badge_pictures.BYTES_MAX // 1024} KiB")
    icon = f"upload:{badge_pictures.store(conn, body, kind, by)}"
    operation = {"op": "set_field", "pointer": "/icon", "texts": [icon]}
    draft_editing.edit(conn, draft.id, draft.revision, operation, by)
    conn.commit()


def discard_draft(conn: Connection, draft: Draft, by: str) -> None:
    """Discard a draft; what is live stays as it is."""
    draft_editing.discard(conn, draft.id, by)
    conn.commit()
