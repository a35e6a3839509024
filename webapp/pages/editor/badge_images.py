"""Pictures for badges: uploaded for one, shown wherever it appears."""

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_result import EditRefused
from webapp.http.access import Role, actor, allow
from webapp.pages.layout import database
from webapp.services.drafts import draft_changes, draft_editing
from webapp.services.drafts.draft_editing import DraftMoved
from webapp.store.rules import badge_pictures

blueprint = Blueprint("icons", __name__)
FOR_EVER = "private, max-age=31536000, immutable"


@blueprint.get("/pictures/<picture>")
@allow(role=Role.VIEWER)
def show(picture: str) -> ResponseReturnValue:
    """One picture; its name is its hash, so browsers may cache it for ever."""
    with database() as conn:
        kind, body = badge_pictures.picture(conn, picture) or abort(404)
    return Response(body, content_type=kind, headers={"Cache-Control": FOR_EVER})


@blueprint.post("/rules/<key>/edit/icon")
@allow(role=Role.AUTHOR)
def upload(key: str) -> ResponseReturnValue:
    """Store a picture and use it in the draft."""
    picture = request.files.get("picture")
    body = picture.read(badge_pictures.BYTES_MAX + 1) if picture else b""
    with database() as conn:
        draft = draft_editing.open_draft(conn, key, actor()) or abort(404)
        try:
            draft_changes.use_badge_picture(conn, draft, body, actor())
        except (EditRefused, DraftMoved) as refused:
            flash(str(refused), "warn")
    return redirect(url_for("editor.build", key=key), 303)
