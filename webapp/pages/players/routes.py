"""Players: the list, one player, the ledger, the timeline."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.kinds import GROUPS
from engine.scoring.rulebook.rulebook import Rulebook
from webapp.http.access import Role, allow
from webapp.http.htmx import render
from webapp.pages import outcome_lines
from webapp.pages.layout import database
from webapp.pages.players import view_models
from webapp.pages.players.explanation import why
from webapp.runtime import clock
from webapp.store.campaigns import coupons, rewards
from webapp.store.campaigns.claims import with_claims
from webapp.store.events import seen_properties
from webapp.store.players import player_lists, player_profiles
from webapp.store.players.player_profiles import PlayerRecord, TimelineEntry
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection

blueprint = Blueprint("players", __name__, url_prefix="/players")
PAGE = 40
NEWEST = 8
EXPLAINED = [kind.key for kinds in GROUPS.values() for kind in kinds if kind.judges_events]


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Players whose id begins so, in their order."""
    q, after = request.args.get("q", "").strip(), request.args.get("after")
    with database() as conn:
        book = rulebooks.live(conn)
        rows = player_lists.list_players(conn, q, after, PAGE + 1)
    following = url_for(".show", q=q or None, after=rows[PAGE - 1].id) if len(rows) > PAGE else ""
    shown = [(row, view_models.bar(row.xp, book.levels)) for row in rows[:PAGE]]
    return render("players/page.html", "players/_list.html", players=shown, q=q, next_address=following)


@blueprint.get("/<player>")
@allow(role=Role.VIEWER)
def show_one(player: str) -> ResponseReturnValue:
    """One player: standing, badges, why not yet, missions, streaks, timeline."""
    with database() as conn:
        found, book = _found(conn, player)
        body = view_models.standing(found, book)
        known = outcome_lines.Known.of(conn)
        badges = view_models.badges(conn, found, book)
        moments = _moments(conn, found, None, NEWEST)
        values = {
            "streaks": view_models.streaks(conn, found, book, body, known.names),
            "ranks": view_models.ranks(conn, found, book),
            "prizes": _prizes(conn, found),
            **_why(conn, found, book, _asked(badges)),
        }
    timeline = [(moment, outcome_lines.lines(moment.outcome, known)) for moment in moments]
    return render_template("players/player.html", player=found, body=body, badges=badges, timeline=timeline, **values)


def _moments(conn: Connection, found: PlayerRecord, before: int | None, limit: int) -> list[TimelineEntry]:
    """A page of the timeline, with what became of granted coupons by now."""
    moments = player_profiles.timeline(conn, found.number, before, limit)
    told = with_claims(conn, {each.seq: each.outcome for each in moments})
    return [replace(each, outcome=told[each.seq]) for each in moments]


def _prizes(conn: Connection, found: PlayerRecord) -> dict[str, Any]:
    return {
        "coupons": coupons.player_coupons(conn, found.number, NEWEST),
        "redemptions": rewards.player_redemptions(conn, found.number, None, NEWEST),
    }


@blueprint.get("/<player>/why")
@allow(role=Role.VIEWER)
def show_why(player: str) -> ResponseReturnValue:
    """Why, or why not yet, for the rule of the address; alone, for the select of the page."""
    with database() as conn:
        found, book = _found(conn, player)
        return render_template("players/_why.html", player=found, **_why(conn, found, book, request.args.get("rule")))


@blueprint.get("/<player>/ledger")
@allow(role=Role.VIEWER)
def show_ledger(player: str) -> ResponseReturnValue:
    """Every movement of XP and coins, the newest first."""
    n, line = request.args.get("n", type=int), request.args.get("line", type=int)
    with database() as conn:
        found, _ = _found(conn, player)
        before = (n, line) if n is not None and line is not None else None
        rows = player_profiles.ledger(conn, found.number, before, PAGE + 1)
        names = seen_properties.catalogue(conn).names
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = url_for(".show_ledger", player=player, n=last.n, line=last.line) if last else ""
    return render_template("players/ledger.html", player=found, rows=rows[:PAGE], names=names, older=older)


@blueprint.get("/<player>/timeline")
@allow(role=Role.VIEWER)
def show_timeline(player: str) -> ResponseReturnValue:
    """Everything that came to something, the newest first."""
    with database() as conn:
        found, _ = _found(conn, player)
        moments = _moments(conn, found, request.args.get("before", type=int), PAGE + 1)
        known = outcome_lines.Known.of(conn)
    timeline = [(moment, outcome_lines.lines(moment.outcome, known)) for moment in moments[:PAGE]]
    older = _older(player, moments)
    return render_template("players/timeline.html", player=found, timeline=timeline, older=older)


def _older(player: str, moments: list[TimelineEntry]) -> str:
    return url_for(".show_timeline", player=player, before=moments[PAGE - 1].seq) if len(moments) > PAGE else ""


def _found(conn: Connection, player: str) -> tuple[PlayerRecord, Rulebook]:
    book = rulebooks.live(conn)
    found = player_profiles.find_player(conn, player, book, clock.now_micros())
    return found or abort(404), book


def _asked(badges: list[view_models.Badge]) -> str | None:
    """The rule of the address, else the first badge that is not held yet."""
    locked = next((badge.key for badge in badges if not badge.is_held), None)
    return request.args.get("rule") or locked or (badges[0].key if badges else None)


def _why(conn: Connection, found: PlayerRecord, book: Rulebook, key: str | None) -> dict[str, Any]:
    choices = [
        (kind, sorted((rule.key, rule.name) for rule in book.rules_of_kind(kind)))
        for kind in EXPLAINED
        if book.rules_of_kind(kind)
    ]
    told = why(conn, found, book, key) if key else None
    return {"why": told, "choices": choices}
