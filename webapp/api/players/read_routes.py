"""`/v1/players`: what a player has, and why."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from engine.language.explain import Trace
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.views.player_profile import player_profile
from webapp.api import paging
from webapp.api.paging import listed, page_by_key
from webapp.api.problems import Refused
from webapp.http.access import allow, settings
from webapp.projections import explanations
from webapp.runtime.clock import now_micros
from webapp.store.players import player_profiles
from webapp.store.players.player_profiles import Found, Held
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect

blueprint = Blueprint("v1_players", __name__, url_prefix="/v1")


def _player(conn: Connection, player_id: str) -> tuple[Found, Rulebook]:
    book = rulebooks.live(conn)
    found = player_profiles.find(conn, player_id, book, now_micros())
    if found is None:
        raise Refused(404, "not_found", f"there is no player {player_id!r}")
    return found, book


@blueprint.get("/players")
@allow(scope="players:read")
def search() -> Response:
    """Players whose ids begin with `query`, by id."""
    limit, after = paging.limit(), paging.cursor(str)
    with connect(settings().database_url) as conn:
        rows = player_profiles.search(conn, request.args.get("query", ""), after, limit + 1)
    data = [{"player": row[0], "created_at": row[1].isoformat(), "version": row[2]} for row in rows[:limit]]
    return listed(data, rows[limit - 1][0] if len(rows) > limit else None)


@blueprint.get("/players/<player>")
@allow(scope="players:read")
def show(player: str) -> Response:
    """A player as of now."""
    with connect(settings().database_url) as conn:
        found, book = _player(conn, player)
        held = player_profiles.badges(conn, found.number)
    body = player_profile(found.player, book, now_micros())
    badges = [
        {
            "key": each.badge,
            "name": book.rules[each.badge].name if each.badge in book.rules else each.badge,
            "tier": each.tier,
            "awarded_at": each.at.isoformat(),
            "event": each.event,
        }
        for each in held
    ]
    return jsonify({"player": found.id, **body, "badges": badges, "flag": found.flag})


@blueprint.get("/players/<player>/ledger")
@allow(scope="players:read")
def ledger(player: str) -> Response:
    """Every movement of XP and coins, the newest first."""
    limit, before = paging.limit(), paging.cursor(tuple[int, int])
    with connect(settings().database_url) as conn:
        found, _ = _player(conn, player)
        rows = player_profiles.ledger(conn, found.number, before, limit + 1)
    data = [
        {
            "currency": row.currency,
            "amount": row.amount,
            "balance": row.balance,
            "rule": row.rule,
            "rule_version": row.rule_version,
            "reason": row.reason,
            "event": row.event,
            "at": row.at.isoformat(),
        }
        for row in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return listed(data, last and (last.n, last.line))


@blueprint.get("/players/<player>/timeline")
@allow(scope="players:read")
def timeline(player: str) -> Response:
    """What was applied to a player and what it came to, the newest first."""
    limit, before = paging.limit(), paging.cursor(int)
    with connect(settings().database_url) as conn:
        found, _ = _player(conn, player)
        rows = player_profiles.timeline(conn, found.number, before, limit + 1)
    data = [
        {"event": row.event, "type": row.type, "occurred_at": row.at.isoformat(), "outcome": row.outcome}
        for row in rows[:limit]
    ]
    return listed(data, rows[limit - 1].seq if len(rows) > limit else None)


@blueprint.get("/players/<player>/badges")
@allow(scope="players:read")
def badges(player: str) -> Response:
    """Every live badge: held or not, how far, and how rare it is."""
    with connect(settings().database_url) as conn:
        found, book = _player(conn, player)
        page, after = page_by_key(book.badges, lambda rule: rule.key)
        held = {each.badge: each for each in player_profiles.badges(conn, found.number)}
        rarity = player_profiles.rarities(conn)
        missing = explanations.traces(conn, found, book, [rule.key for rule in page if rule.key not in held])
    data = [_badge(rule, held.get(rule.key), missing.get(rule.key), rarity) for rule in page]
    return listed(data, after)


def _badge(rule: CompiledRule, own: Held | None, trace: Trace | None, rarity: dict[str, float]) -> dict[str, Any]:
    return {
        "key": rule.key,
        "name": rule.name,
        "tier": rule.tier,
        "held": own is not None,
        "awarded_at": own.at.isoformat() if own else None,
        "event": own.event if own else None,
        "progress": trace.root.progress if trace else None,
        "missing": trace.missing if trace else None,
        "rarity": round(rarity.get(rule.key, 0.0), 4),
    }


@blueprint.get("/players/<player>/rules/<rule>/explanation")
@allow(scope="players:read")
def explanation(player: str, rule: str) -> Response:
    """Why a player got what a rule gives, or why not yet."""
    with connect(settings().database_url) as conn:
        found, book = _player(conn, player)
        told = explanations.explanation(conn, found, book, rule)
    if told is None:
        raise Refused(404, "not_found", f"there is no live rule {rule!r} that judges players")
    return jsonify(told)
