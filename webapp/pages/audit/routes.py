"""The audit log, the newest first, with filters in the address."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.access import Role, allow
from webapp.pages.frame import address, database
from webapp.store import screens

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
PAGE = 50


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """A page of entries that fit."""
    actor, subject = request.args.get("actor", ""), request.args.get("subject", "")
    before_id = request.args.get("before", type=int)
    with database() as conn:
        entries = screens.audit_entries(conn, actor=actor, subject=subject, before_id=before_id, limit=PAGE + 1)
    older = address(".show", actor=actor, subject=subject, before=entries[PAGE - 1].id) if len(entries) > PAGE else ""
    return render_template("audit/page.html", entries=entries[:PAGE], actor=actor, subject=subject, next_address=older)
