"""The audit log, the newest first, with filters in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select

from webapp.http.access import Role, allow
from webapp.http.database import db
from webapp.http.numbers import number_in_query
from webapp.models import AuditRow
from webapp.pages.layout import address

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the audit log that passes the filters `actor` and `subject`, the newest first."""

    entries: Sequence[AuditRow]
    actor: str
    subject: str
    older_address: str


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """A page of the entries that pass the filters."""
    actor, subject = request.args.get("actor", ""), request.args.get("subject", "")
    before_id = number_in_query("before")
    entries = db.session.scalars(_older_than(before_id, _matching(actor, subject)).limit(PAGE + 1)).all()
    older = address(".show", actor=actor, subject=subject, before=entries[PAGE - 1].id) if len(entries) > PAGE else ""
    return render_template("audit/page.html", view=AuditPage(entries[:PAGE], actor, subject, older))


def _matching(actor: str, subject: str) -> Select[AuditRow]:
    """The entries whose actor, and whose subject or action, contain these words, ignoring case."""
    subject_and_action = func.lower(AuditRow.subject + " " + AuditRow.action)
    return (
        select(AuditRow)
        .where(func.strpos(func.lower(AuditRow.actor), func.lower(actor)) > 0)
        .where(func.strpos(subject_and_action, func.lower(subject)) > 0)
        .order_by(AuditRow.id.desc())
    )


def _older_than(before_id: int | None, entries: Select[AuditRow]) -> Select[AuditRow]:
    return entries if before_id is None else entries.where(AuditRow.id < before_id)
