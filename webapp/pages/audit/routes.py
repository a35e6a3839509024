"""The audit log, the newest first, with filters in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select

from webapp.http.access import Role, allow
from webapp.http.database import db
from webapp.http.numbers import number_in_query
from webapp.models import AuditRow
from webapp.pages.layout import address, database
from webapp.store.campaigns import campaign_rows
from webapp.store.players import player_states
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
PAGE = 50
NOT_ABOUT_RULES = {"app", "coupons", "events", "key", "operator"}
"""Actions whose subjects have keys or names of their own, which may be those of rules by chance."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An entry of the audit log, with what it is about: its name, its page if it has one, and how the log calls it."""

    entry: AuditRow
    name: str
    address: str = ""

    @property
    def has_name(self) -> bool:
        """Whether people call it something else than the log does."""
        return self.name != self.entry.subject


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the audit log that passes the filters `actor` and `subject`, the newest first."""

    lines: Sequence[AuditLine]
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
    with database() as conn:
        lines = _lines(conn, entries[:PAGE])
    return render_template("audit/page.html", view=AuditPage(lines, actor, subject, older))


def _lines(conn: Connection, entries: Sequence[AuditRow]) -> list[AuditLine]:
    """Entries with what people call what they are about: rules, games and brands by name, players by their ids."""
    rules, prizes = rule_versions.names(conn), campaign_rows.game_names(conn)
    players = player_states.ids_of(conn, [number for entry in entries if (number := _player_number(entry)) is not None])
    return [_line(entry, rules, prizes, players) for entry in entries]


def _line(
    entry: AuditRow, rules: Mapping[str, str], prizes: Mapping[str, str], players: Mapping[int, str]
) -> AuditLine:
    subject, number = entry.subject, _player_number(entry)
    if number is not None:
        player = players.get(number)
        page = url_for("players.show_one", player=player) if player else ""
        return AuditLine(entry, player or "an erased player", page)
    if subject in rules and entry.action.partition(".")[0] not in NOT_ABOUT_RULES:
        return AuditLine(entry, rules[subject], url_for("rules.show_one", key=subject))
    return AuditLine(entry, prizes.get(subject, subject))


def _player_number(entry: AuditRow) -> int | None:
    """The number of the player whom an entry is about: `player:12`."""
    kind, _, number = entry.subject.partition(":")
    return int(number) if kind == "player" and number.isdecimal() else None


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
