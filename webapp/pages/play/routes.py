"""The hosted play page and widget: for players with a token that an app has signed, no sign-in, no cookie."""

from datetime import datetime, tzinfo
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from engine.coupons.game import Game
from engine.coupons.play_answer import shown_from
from engine.rules.sentences import sentence
from webapp.http.access import allow, current_player, settings
from webapp.http.headers import allow_framing
from webapp.http.player_tokens import PlayerToken
from webapp.pages.campaigns.terms import games_of, opening, span, zone_of
from webapp.pages.layout import live_address
from webapp.runtime import clock
from webapp.services.plays.admission import PlayRequest, queue_play
from webapp.store.campaigns import campaign_rows, plays, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.plays import PlayReceipt, PlayResult
from webapp.store.events import seen_properties
from webapp.store.system.connection import Connection, connect

blueprint = Blueprint("play", __name__, url_prefix="/play")

ANSWERS = {
    "early": "This game has not begun",
    "late": "This game is over",
    "paused": "This game is taking a break",
    "queued": "Prize pool updating…",
    "lost": "Not this time",
    "exhausted": "All prizes are gone",
}
LONG_SECONDS = 20
ID_LENGTH_MAX = 80
TAKEN = ("accepted", "same")
STATUS = {"busy": 429, "too_often": 429, "unknown": 404}


@blueprint.get("/<game>")
@allow(player=True)
def show(game: str) -> ResponseReturnValue:
    """The game as its player finds it: ready, playing, or with an outcome."""
    token = _token(game)
    with connect(settings().database_url) as conn:
        stage = _stage(conn, token, _id(request.args.get("play", "")))
    return _page(stage, token)


@blueprint.post("/<game>")
@allow(player=True)
def start(game: str) -> ResponseReturnValue:
    """One press, one play. The id comes from the page, so that a second press is the same play."""
    token = _token(game)
    play_id = _id(request.form.get("play", "")) or uuid4().hex
    wish = PlayRequest(token.app_id, f"page:{play_id}", game, token.player, request.remote_addr)
    accepted = queue_play(settings(), wish)
    is_taken = accepted.verdict in TAKEN
    with connect(settings().database_url) as conn:
        stage = _stage(conn, token, play_id) if is_taken else _refused(conn, token, accepted)
    return _page(stage, token), 202 if is_taken else STATUS.get(accepted.verdict, 409)


@blueprint.errorhandler(HTTPException)
def say_no(error: HTTPException) -> ResponseReturnValue:
    """A page for players, who have no door to be led to."""
    allow_framing()
    return render_template("play/no.html", is_gone=error.code == 404), error.code or 500


def _id(text: str) -> str:
    """The id that a page gave its play; empty for what no page of ours has written."""
    return text if len(text) <= ID_LENGTH_MAX and text.isprintable() else ""


def _token(game: str) -> PlayerToken:
    token = current_player()
    if token is None or token.game != game:
        abort(403)
    return token


def _page(stage: dict[str, Any], token: PlayerToken) -> Response:
    template = "play/_stage.html" if request.headers.get("X-Laurel-Fragment") else "play/page.html"
    values = stage | {"player": token.player, "token": request.args.get("token", ""), "key": token.game}
    answer = make_response(render_template(template, **values))
    allow_framing()
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _stage(conn: Connection, token: PlayerToken, play_id: str) -> dict[str, Any]:
    raw = campaign_rows.game_document(conn, token.game) or abort(404)
    found = plays.play_result(conn, token.app_id, f"page:{play_id}") if play_id else None
    left = sum(pool.available for pool in pools.pools_of_game(conn, token.game).values())
    base = _base(conn, raw, left) | {"play": play_id or uuid4().hex}
    if found is None:
        return base | _ready(conn, token, raw)
    if found.player != token.player:
        abort(403)
    return base | _of_play(raw, found, play_id)


def _base(conn: Connection, raw: dict[str, Any], left: int) -> dict[str, Any]:
    campaign = campaign_rows.campaign(conn, campaign_rows.campaign_of_game(conn, raw["key"]) or "") or abort(404)
    game = Game.from_document(raw)
    return {
        **_announced(conn, campaign, raw),
        "game": raw,
        "left": left,
        "reel": game.reel // clock.MICROSECONDS,
        "answers": ANSWERS | {name: text for name, text in (raw.get("answers") or {}).items() if text},
        "prize": None,
        "seconds": 0,
        "stream": "",
        "retry": 0,
    }


def _announced(conn: Connection, campaign: Campaign, raw: dict[str, Any]) -> dict[str, Any]:
    """What everybody may know: when it ends, which game comes next, the rules in words, the seed's commitment."""
    zone, now = zone_of(campaign.document), clock.now()
    later = sorted((each for each in games_of(campaign) if opening(each)[0] > now), key=opening)
    return {
        "term": _term(raw, now, zone),
        "next": {"name": later[0]["name"], "term": _term(later[0], now, zone)} if later else None,
        "rules": sentence(campaign.document, seen_properties.catalogue(conn)),
        "seed_hash": campaign.seed_hash,
    }


def _term(raw: dict[str, Any], now: datetime, zone: tzinfo) -> str:
    return span((*opening(raw), now), zone)


def _ready(conn: Connection, token: PlayerToken, raw: dict[str, Any]) -> dict[str, Any]:
    campaign = campaign_rows.campaign(conn, campaign_rows.campaign_of_game(conn, token.game) or "")
    game, now = Game.from_document(raw), clock.now_micros()
    if campaign is None or campaign.ended_at is not None or now >= game.ends_at:
        return {"stage": "over", "why": "late"}
    if campaign.paused_at is not None:
        return {"stage": "over", "why": "paused"}
    return {"stage": "ready", "why": ""} if now >= game.starts_at else {"stage": "over", "why": "early"}


def _of_play(raw: dict[str, Any], found: PlayResult, play_id: str) -> dict[str, Any]:
    game, now = Game.from_document(raw), clock.now_micros()
    left = max(0, shown_from(game, found.received_at) - now)
    stream = live_address(f"/v1/plays/page:{play_id}/stream")
    if left > 0:
        seconds = -(-left // clock.MICROSECONDS)
        return {"stage": "playing", "why": "", "seconds": seconds, "stream": stream}
    if found.status == "queued":
        waited = (now - found.received_at) // clock.MICROSECONDS
        stage = "degraded" if waited > game.reel // clock.MICROSECONDS + LONG_SECONDS else "queued"
        return {"stage": stage, "why": "", "stream": stream}
    names = {each["brand"]: each.get("brand_name") or each["brand"] for each in raw["budgets"]}
    expires = None if found.expires_at is None else clock.from_micros(found.expires_at)
    prize = {"code": found.code, "brand": names.get(found.brand or "", found.brand), "expires_at": expires}
    return {"stage": found.status, "why": found.reason, "prize": prize if found.code else None}


def _refused(conn: Connection, token: PlayerToken, accepted: PlayReceipt) -> dict[str, Any]:
    raw = campaign_rows.game_document(conn, token.game) or abort(404)
    base = _base(conn, raw, 0) | {"play": uuid4().hex}
    if accepted.verdict == "conflict":  # the id of somebody else's play: a fresh one stands in the form now
        return base | _ready(conn, token, raw)
    if accepted.retry_seconds:
        return base | {"stage": "busy", "why": "", "retry": accepted.retry_seconds}
    return base | {"stage": "over", "why": accepted.reason if accepted.reason in ANSWERS else "late"}
