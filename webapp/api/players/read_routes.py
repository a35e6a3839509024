"""`/v1/players`: what a player has, and why."""

from flask import Blueprint, Response, jsonify, request

from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.views.player_profile import player_profile
from engine.vocabulary.entry import SYSTEM_TYPE_PREFIX
from webapp.api import paging
from webapp.api.paging import page_of_sorted, page_response
from webapp.api.player_ids import unknown_player
from webapp.api.players.responses import (
    BadgeProgress,
    BadgeView,
    LedgerEntryView,
    PlayerProfile,
    PlayerSummary,
    TimelineEntryView,
)
from webapp.http.access import allow, settings
from webapp.http.problems import ApiProblem
from webapp.runtime.clock import now_micros
from webapp.services.players import explanations, rule_standings
from webapp.services.players.rule_standings import RuleStanding
from webapp.store.players import player_profiles
from webapp.store.players.grant_records import grants_of_lines, with_grants
from webapp.store.players.player_profiles import HeldBadge, PlayerRecord, TimelineEntry
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect

blueprint = Blueprint("v1_players", __name__, url_prefix="/v1")


def _player(conn: Connection, player_id: str) -> tuple[PlayerRecord, Rulebook]:
    book = rulebooks.live(conn)
    player = player_profiles.find_player(conn, player_id, book, now_micros())
    if player is None:
        raise unknown_player(player_id)
    return player, book


@blueprint.get("/players")
@allow(scope="players:read")
def search() -> Response:
    """Players whose ids begin with `query`, by id."""
    limit, after = paging.page_limit(), paging.page_cursor(str)
    with connect(settings().database_url) as conn:
        rows = player_profiles.search_players(conn, request.args.get("query", ""), after, limit + 1)
    players = [PlayerSummary(player=row[0], created_at=row[1], version=row[2]) for row in rows[:limit]]
    return page_response(players, rows[limit - 1][0] if len(rows) > limit else None)


@blueprint.get("/players/<player>")
@allow(scope="players:read")
def show(player: str) -> Response:
    """A player as of now."""
    with connect(settings().database_url) as conn:
        row, book = _player(conn, player)
        held = player_profiles.badges(conn, row.number)
    badges = [
        BadgeView(
            key=badge.badge,
            name=badge.name,
            tier=badge.tier,
            period=badge.period or None,
            awarded_at=badge.at,
            event=badge.event,
        )
        for badge in held
    ]
    profile = player_profile(row.player, book, now_micros())
    return jsonify(PlayerProfile(player=row.id, badges=badges, flag=row.flag, **profile))


@blueprint.get("/players/<player>/ledger")
@allow(scope="players:read")
def ledger(player: str) -> Response:
    """Every movement of XP and coins, newest first."""
    limit, before = paging.page_limit(), paging.page_cursor(tuple[int, int])
    with connect(settings().database_url) as conn:
        row, _ = _player(conn, player)
        rows = player_profiles.ledger(conn, row.number, before, limit + 1)
        grants = grants_of_lines(conn, rows[:limit])
    entries = [
        LedgerEntryView(
            currency=row.currency,
            amount=row.amount,
            balance=row.balance,
            rule=row.rule,
            rule_version=row.rule_version,
            reason=row.reason,
            event=row.event,
            at=row.at,
            base=grant["base"],
            boosts=grant["boosts"],
            cut_off=grant["cut_off"],
            cut_by=grant["cut_by"],
            level_before=grant["level_before"],
            level_after=grant["level_after"],
        )
        for row, grant in zip(rows[:limit], grants, strict=True)
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return page_response(entries, last and (last.n, last.line))


@blueprint.get("/players/<player>/timeline")
@allow(scope="players:read")
def timeline(player: str) -> Response:
    """The entries applied to a player with their outcomes, newest first."""
    limit, before = paging.page_limit(), paging.page_cursor(int)
    with connect(settings().database_url) as conn:
        row, _ = _player(conn, player)
        rows = player_profiles.timeline(conn, row.number, before, limit + 1)
        outcomes = with_grants(conn, {row.seq: row.outcome for row in rows[:limit]})
    entries = [
        TimelineEntryView(event=_event_of(row), type=row.type, occurred_at=row.at, outcome=outcomes[row.seq])
        for row in rows[:limit]
    ]
    return page_response(entries, rows[limit - 1].seq if len(rows) > limit else None)


def _event_of(entry: TimelineEntry) -> str | None:
    """The id by which `GET /v1/events/{id}` knows an entry; ids of Laurel's own entries are of no use to an app."""
    return None if entry.type.startswith(SYSTEM_TYPE_PREFIX) else entry.event


@blueprint.get("/players/<player>/badges")
@allow(scope="players:read")
def badges(player: str) -> Response:
    """Every live badge and every one that the player holds: whether it is held, how far away it is, and how rare."""
    with connect(settings().database_url) as conn:
        row, book = _player(conn, player)
        held = {badge.badge: badge for badge in player_profiles.badges(conn, row.number)}
        page, after = page_of_sorted(sorted({*held, *(rule.key for rule in book.badges)}), str)
        rarities = player_profiles.rarities(conn)
        standings = rule_standings.standings(conn, row, book, [key for key in page if key not in held])
    progress = [
        _badge_progress(key, book.rules.get(key), held.get(key), standings.get(key), rarities.get(key, 0.0))
        for key in page
    ]
    return page_response(progress, after)


def _badge_progress(
    key: str, rule: CompiledRule | None, held: HeldBadge | None, standing: RuleStanding | None, rarity: float
) -> BadgeProgress:
    trace = standing.trace if standing else None
    # One that is out of force is listed for those who hold it, as it was given to them.
    known = rule or held
    assert known is not None, "a badge is listed because it is live or held"
    return BadgeProgress(
        key=key,
        name=known.name,
        tier=known.tier,
        held=held is not None,
        awarded_at=held.at if held else None,
        event=held.event if held else None,
        progress=trace.root.progress if trace else None,
        missing=standing.missing if standing else None,
        rarity=round(rarity, 4),
    )


@blueprint.get("/players/<player>/rules/<rule>/explanation")
@allow(scope="players:read")
def explanation(player: str, rule: str) -> Response:
    """Why a player got a rule's award, why not yet, and what the next event brings."""
    with connect(settings().database_url) as conn:
        row, book = _player(conn, player)
        answer = explanations.explanation(conn, row, book, rule, request.args.get("event"))
    if answer is None:
        raise ApiProblem(404, "not_found", f"no such rule for players: {rule!r}")
    return jsonify(answer)
