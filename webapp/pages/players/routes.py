"""Players: the list, one player, the ledger, the timeline."""

from collections.abc import Sequence

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.views.player_profile import player_profile
from webapp.http.access import Role, allow
from webapp.http.htmx import render
from webapp.http.numbers import number_in_query
from webapp.pages.campaigns.code_reveal import masked
from webapp.pages.entry_words import entry_words
from webapp.pages.grant_words import level_text, origin_text
from webapp.pages.layout import database, may
from webapp.pages.outcome_lines import RuleLabels
from webapp.pages.players.explanation import explain_for_player
from webapp.pages.players.standing import Badge, board_ranks, level_bar, player_badges, player_streaks
from webapp.pages.players.timeline import TimelineCursor, timeline_page
from webapp.pages.players.view_models import (
    LedgerPage,
    LedgerRow,
    PlayerListRow,
    PlayerPage,
    PlayersPage,
    RuleChoice,
    TimelinePage,
    WhyPanel,
)
from webapp.runtime import clock
from webapp.services.players.explanations import explainable
from webapp.store.campaigns import coupons, rewards
from webapp.store.players import player_lists, player_profiles
from webapp.store.players.grant_records import grants_of_lines
from webapp.store.players.player_profiles import LedgerLine, PlayerRecord
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection

blueprint = Blueprint("players", __name__, url_prefix="/players")
PAGE = 40
NEWEST = 8


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Players whose ids start with `q`, by id."""
    prefix, after = request.args.get("q", "").strip(), request.args.get("after")
    with database() as conn:
        book = rulebooks.live(conn)
        players = player_lists.list_players(conn, prefix, after, PAGE + 1)
    rows = []
    for player in players[:PAGE]:
        bar = level_bar(player.xp, book.levels)
        rows.append(PlayerListRow(player, bar.name if bar else ""))
    has_more = len(players) > PAGE
    next_address = url_for(".show", q=prefix or None, after=players[PAGE - 1].id) if has_more else ""
    return render("players/page.html", "players/_list.html", view=PlayersPage(rows, prefix, next_address))


@blueprint.get("/<player>")
@allow(role=Role.VIEWER)
def show_one(player: str) -> ResponseReturnValue:
    """One player: standing, badges, why not yet, missions, streaks, timeline."""
    with database() as conn:
        record, book = _record_and_rulebook(conn, player)
        profile = player_profile(record.player, book, clock.now_micros())
        labels = RuleLabels.of(conn)
        badges = player_badges(conn, record, book)
        view = PlayerPage(
            player=record,
            profile=profile,
            level=level_bar(profile["xp"], book.levels),
            badges=badges,
            labels=labels,
            why=_why_panel(conn, record, book, request.args.get("rule") or _default_rule(badges)),
            streaks=player_streaks(conn, record, book, profile, labels.names),
            ranks=board_ranks(conn, record, book),
            coupons=masked(coupons.player_coupons(conn, record.number, NEWEST)),
            may_reveal=may(Role.PUBLISHER),
            redemptions=rewards.player_redemptions(conn, record.number, None, NEWEST),
            timeline=timeline_page(conn, record, TimelineCursor(), NEWEST, labels).lines,
        )
    return render_template("players/player.html", view=view)


@blueprint.get("/<player>/why")
@allow(role=Role.VIEWER)
def show_why(player: str) -> ResponseReturnValue:
    """Why, or why not yet, for the rule of the address: the panel alone, for the select of the page."""
    with database() as conn:
        record, book = _record_and_rulebook(conn, player)
        panel = _why_panel(conn, record, book, request.args.get("rule"))
    return render_template("players/_why.html", why=panel)


@blueprint.get("/<player>/ledger")
@allow(role=Role.VIEWER)
def show_ledger(player: str) -> ResponseReturnValue:
    """Every movement of XP and coins, the newest first."""
    n, line = number_in_query("n"), number_in_query("line")
    before = (n, line) if n is not None and line is not None else None
    with database() as conn:
        record, _ = _record_and_rulebook(conn, player)
        rows = player_profiles.ledger(conn, record.number, before, PAGE + 1)
        labels = RuleLabels.of(conn)
        grants = grants_of_lines(conn, rows[:PAGE])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = url_for(".show_ledger", player=player, n=last.n, line=last.line) if last else ""
    lines = [
        LedgerRow(row, _ledger_note(row), origin_text(grant, labels.names), level_text(grant))
        for row, grant in zip(rows[:PAGE], grants, strict=True)
    ]
    return render_template("players/ledger.html", view=LedgerPage(record, lines, labels, older))


def _ledger_note(line: LedgerLine) -> str:
    """The event that moved a balance by its id, or what did it by hand, and why."""
    words = entry_words(line.type, line.content)
    return line.event if words.is_event else words.note


@blueprint.get("/<player>/timeline")
@allow(role=Role.VIEWER)
def show_timeline(player: str) -> ResponseReturnValue:
    """Every entry that came to something, the newest first."""
    with database() as conn:
        record, _ = _record_and_rulebook(conn, player)
        cursor = TimelineCursor(number_in_query("before"), number_in_query("play"))
        part = timeline_page(conn, record, cursor, PAGE, RuleLabels.of(conn))
    following = part.following
    older = url_for(".show_timeline", player=player, before=following.seq, play=following.play) if following else ""
    view = TimelinePage(record, part.lines, older)
    return render_template("players/timeline.html", view=view)


def _record_and_rulebook(conn: Connection, player: str) -> tuple[PlayerRecord, Rulebook]:
    book = rulebooks.live(conn)
    record = player_profiles.find_player(conn, player, book, clock.now_micros())
    return record or abort(404), book


def _default_rule(badges: Sequence[Badge]) -> str | None:
    """The rule that is explained unless one is chosen: the first badge that is still locked, else the first one."""
    locked = (badge.key for badge in badges if not badge.is_held)
    return next(locked, badges[0].key if badges else None)


def _why_panel(conn: Connection, record: PlayerRecord, book: Rulebook, key: str | None) -> WhyPanel:
    explainable_rules = explainable(rulebooks.documents(conn, book.number))
    choices = {kind: [RuleChoice(*rule) for rule in rules] for kind, rules in explainable_rules.items()}
    names = {rule: name for rules in explainable_rules.values() for rule, name in rules}
    event = request.args.get("event")
    explanation = explain_for_player(conn, record, book, key, event, names) if key else None
    return WhyPanel(record, explanation, choices)
