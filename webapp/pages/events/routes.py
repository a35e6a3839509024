"""Events: the newest ones, one of them with its outcome."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.vocabulary.fact import Catalogue
from webapp.http.access import Role, allow
from webapp.http.htmx import render
from webapp.http.numbers import whole_number
from webapp.pages.document_text import readable, written
from webapp.pages.entry_words import entry_words
from webapp.pages.events.view_models import (
    EventFilters,
    EventPage,
    EventRow,
    EventsPage,
    ExplainedLine,
    GrantedAmount,
    StreakAfter,
)
from webapp.pages.layout import address, database
from webapp.pages.outcome_lines import RuleLabels, amount_lines, entry_lines, refusal_lines
from webapp.store.events import logged_entries, parked_entries, seen_properties
from webapp.store.events.logged_entries import LogFilter, LoggedEntry
from webapp.store.players import player_states
from webapp.store.players.grant_records import with_grants
from webapp.store.system.connection import Connection

blueprint = Blueprint("events", __name__, url_prefix="/events")
PAGE = 40


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """The newest events that pass the filters of the address."""
    filters = EventFilters(
        type=request.args.get("type", "").strip(),
        player=request.args.get("player", "").strip(),
        with_internal=request.args.get("own") == "yes",
    )
    with database() as conn:
        entries = _entries(conn, filters)
        catalogue = seen_properties.catalogue(conn)
        labels = RuleLabels.of(conn)
    view = EventsPage(
        rows=[_row(entry, labels) for entry in entries[:PAGE]],
        types=_types(catalogue),
        filters=filters,
        older_address=_older_address(entries, filters),
    )
    return render("events/page.html", "events/_list.html", view=view)


def _row(entry: LoggedEntry, labels: RuleLabels) -> EventRow:
    content = readable(entry.payload)
    return EventRow(
        entry, entry_words(entry.type, content), entry_lines(entry.type, content, outcome_of(entry), labels)
    )


def _entries(conn: Connection, filters: EventFilters) -> list[LoggedEntry]:
    """One entry more than a page has; none for a player who does not exist."""
    player = player_states.number_of(conn, filters.player) if filters.player else None
    if filters.player and player is None:
        return []
    after = _cursor(request.args.get("after", ""))
    return logged_entries.logged_entries(conn, LogFilter(filters.type, player, after, filters.with_internal, PAGE + 1))


@blueprint.get("/<received_on>/<int:seq>")
@allow(role=Role.VIEWER)
def show_one(received_on: str, seq: int) -> ResponseReturnValue:
    """One entry: what was sent, and what it did by which rules."""
    with database() as conn:
        entry = logged_entries.logged_entry(conn, received_on, seq) if _is_day(received_on) else None
        if entry is None:
            abort(404)
        view = _event_page(conn, entry)
    return render_template("events/event.html", view=view)


def _event_page(conn: Connection, entry: LoggedEntry) -> EventPage:
    labels = RuleLabels.of(conn)
    outcome = with_grants(conn, {entry.seq: outcome_of(entry)})[entry.seq]
    content = readable(entry.payload)
    lines = entry_lines(entry.type, content, outcome, labels)
    sent = {
        "id": entry.event_id,
        "type": entry.type,
        "player": entry.player,
        "occurred_at": entry.occurred_at.isoformat(),
        "properties": content,
    }
    was_parked = entry.standing in {"parked", "replayed"}
    return EventPage(
        event=entry,
        words=entry_words(entry.type, content),
        sent=written(sent),
        lines=[ExplainedLine(line, why_address(entry, line.rule)) for line in lines],
        amounts=[
            GrantedAmount(line, labels.name(line.rule), why_address(entry, line.rule))
            for line in amount_lines(outcome, labels)
        ],
        refusals=refusal_lines(outcome, labels),
        streaks=[
            StreakAfter(labels.name(key), streak["current"], streak["longest"])
            for key, streak in outcome.get("streaks", {}).items()
        ],
        parked=parked_entries.parked_entry(conn, entry.seq) if was_parked else None,
    )


def why_address(entry: LoggedEntry, rule: str) -> str:
    """Where it is explained why an entry made a rule grant something; empty without a rule or after an erasure."""
    if not (entry.player and rule):
        return ""
    return url_for("players.show_one", player=entry.player, rule=rule, event=entry.event_id, _anchor="why")


def outcome_of(entry: LoggedEntry) -> dict[str, Any]:
    """The outcome of an entry as a dict, empty until it is applied."""
    outcome: dict[str, Any] = msgspec.json.decode(entry.outcome) if entry.outcome else {}
    return outcome


def _types(catalogue: Catalogue) -> list[str]:
    """The event types that are declared or have been seen."""
    fact = catalogue.fact("event.type")
    return sorted(map(str, fact.choices)) if fact else []


def _older_address(entries: Sequence[LoggedEntry], filters: EventFilters) -> str:
    if len(entries) <= PAGE:
        return ""
    last = entries[PAGE - 1]
    own = "yes" if filters.with_internal else ""
    return address(".show", after=f"{last.received_on}.{last.seq}", type=filters.type, player=filters.player, own=own)


def _cursor(text: str) -> tuple[str, int] | None:
    """(day, seq) of the entry after which a page begins; None for none, or for what no page wrote."""
    day, _, seq = text.partition(".")
    number = whole_number(seq)
    return (day, number) if _is_day(day) and number is not None else None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-11-21")
