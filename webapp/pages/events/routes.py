"""Events: the newest ones, one of them with its outcome."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from engine.vocabulary.fact import Catalogue
from webapp.http.access import Role, allow
from webapp.http.htmx import render
from webapp.pages import outcome_lines
from webapp.pages.document_text import readable, written
from webapp.pages.layout import address, database
from webapp.pages.outcome_lines import Known, Line
from webapp.store.events import parked_entries, seen_properties
from webapp.store.players import player_states
from webapp.store.system import page_counts
from webapp.store.system.connection import Connection
from webapp.store.system.page_counts import LogFilter, LoggedEntry

blueprint = Blueprint("events", __name__, url_prefix="/events")
PAGE = 40


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An entry with its first words and the rest."""

    happening: LoggedEntry
    lines: list[Line]


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """The newest events that fit the filters of the address."""
    asked = {name: request.args.get(name, "").strip() for name in ("type", "player")}
    with_own = request.args.get("own") == "yes"
    with database() as conn:
        number = player_states.number_of(conn, asked["player"]) if asked["player"] else None
        is_nobody = bool(asked["player"]) and number is None
        wanted = LogFilter(asked["type"], number, _place(request.args.get("after", "")), with_own, PAGE + 1)
        found = [] if is_nobody else page_counts.logged_entries(conn, wanted)
        catalogue = seen_properties.catalogue(conn)
        types, known = _types(catalogue), Known.of(conn, catalogue)
    listed = [ListedEvent(each, outcome_lines.lines(outcome_of(each), known)) for each in found[:PAGE]]
    older = _older(found, asked, with_own=with_own)
    return render(
        "events/page.html", "events/_list.html", events=listed, types=types, asked=asked, with_own=with_own, older=older
    )


@blueprint.get("/<received_on>/<int:seq>")
@allow(role=Role.VIEWER)
def show_one(received_on: str, seq: int) -> ResponseReturnValue:
    """One entry: what was sent, and what it did by which rules."""
    with database() as conn:
        found = page_counts.logged_entry(conn, received_on, seq) if _is_day(received_on) else None
        if found is None:
            abort(404)
        return render_template("events/event.html", event=found, **_told(conn, found))


def _told(conn: Connection, found: LoggedEntry) -> dict[str, Any]:
    outcome, known = outcome_of(found), Known.of(conn)
    sent = {
        "id": found.event_id,
        "type": found.type,
        "player": found.player,
        "occurred_at": found.occurred_at.isoformat(),
        "properties": readable(found.payload),
    }
    return {
        "sent": written(sent),
        "lines": outcome_lines.lines(outcome, known),
        "refusals": outcome_lines.refusals(outcome, known),
        "streaks": [(known.name(key), streak) for key, streak in outcome.get("streaks", {}).items()],
        "parked": parked_entries.parked_entry(conn, found.seq) if found.standing in {"parked", "replayed"} else None,
    }


def outcome_of(found: LoggedEntry) -> dict[str, Any]:
    """The outcome of an entry as a dict, empty until it is applied."""
    decoded: dict[str, Any] = msgspec.json.decode(found.outcome) if found.outcome else {}
    return decoded


def _types(catalogue: Catalogue) -> list[str]:
    """The event types that are declared or were seen."""
    fact = catalogue.fact("event.type")
    return sorted(map(str, fact.choices)) if fact else []


def _older(found: list[LoggedEntry], asked: dict[str, str], *, with_own: bool) -> str:
    if len(found) <= PAGE:
        return ""
    last = found[PAGE - 1]
    kept = asked | ({"own": "yes"} if with_own else {})
    return address(".show", after=f"{last.received_on}.{last.seq}", **kept)


def _place(text: str) -> tuple[str, int] | None:
    day, _, seq = text.partition(".")
    return (day, int(seq)) if _is_day(day) and seq.isdecimal() else None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-11-21")
