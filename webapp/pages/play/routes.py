"""The hosted play page and widget: for players with a token that an app has signed; no sign-in, no cookie."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from engine.coupons.game import Game
from engine.coupons.play_answer import shown_from
from engine.rules.rule_sentence import rule_sentence
from webapp.http.access import allow, current_player, settings
from webapp.http.headers import allow_framing
from webapp.http.player_tokens import PlayerToken
from webapp.pages.campaigns.terms import games_of, hours_of, zone_of
from webapp.runtime import clock
from webapp.services.campaigns.campaign_brands import names_of_brands
from webapp.services.plays.admission import PlayRequest, queue_play
from webapp.store.campaigns import campaign_rows, plays, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.plays import PlayReceipt, PlayResult
from webapp.store.events import seen_properties
from webapp.store.system.connection import Connection, connect

blueprint = Blueprint("play", __name__, url_prefix="/play")

DEFAULT_ANSWERS = {
    "early": "This game has not started yet",
    "late": "This game is over",
    "paused": "This game is taking a break",
    "queued": "Prize pool updating…",
    "lost": "Not this time",
    "exhausted": "All prizes are gone",
}
LATE_SECONDS = 20
ID_LENGTH_MAX = 80
TAKEN = ("accepted", "same")
STATUS_OF_VERDICT = {"busy": 429, "too_often": 429, "unknown": 404}


@dataclass(frozen=True, slots=True)
class ShownPrize:
    """What the player won."""

    code: str
    brand: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stage:
    """What the page shows: ready, playing, queued, degraded (queued for long), won, lost, busy or over, and `why`.

    `seconds` until the reel ends, `retry_seconds` until another try; `stream` tells of the outcome.
    """

    name: str
    why: str = ""
    seconds: int = 0
    stream: str = ""
    retry_seconds: int = 0
    prize: ShownPrize | None = None


@dataclass(frozen=True, slots=True)
class NextGame:
    """The campaign's next game and when it is open."""

    name: str
    term: str


@dataclass(frozen=True, slots=True)
class PlayPage:
    """The page of one game and player. `play` is the id of the play that is shown, or that a press will start."""

    game: dict[str, Any]
    player: str
    token: str
    play: str
    stage: Stage
    answers: dict[str, str]
    left: int
    term: str
    next_game: NextGame | None
    rules: str
    seed_hash: str | None
    reel_seconds: int


@blueprint.get("/<game>")
@allow(player=True)
def show(game: str) -> ResponseReturnValue:
    """The game as its player finds it: ready, playing, or with an outcome."""
    token = _token(game)
    with connect(settings().database_url) as conn:
        page = _current_page(conn, token, _page_play_id(request.args.get("play", "")))
    return _respond(page)


@blueprint.post("/<game>")
@allow(player=True)
def start(game: str) -> ResponseReturnValue:
    """One press, one play. The id comes from the page, so that a second press is the same play."""
    token = _token(game)
    play_id = _page_play_id(request.form.get("play", "")) or uuid4().hex
    receipt = queue_play(
        settings(), PlayRequest(token.app_id, f"page:{play_id}", game, token.player, request.remote_addr)
    )
    is_taken = receipt.verdict in TAKEN
    with connect(settings().database_url) as conn:
        page = _current_page(conn, token, play_id) if is_taken else _refused_page(conn, token, receipt)
    return _respond(page), 202 if is_taken else STATUS_OF_VERDICT.get(receipt.verdict, 409)


@blueprint.errorhandler(HTTPException)
def show_error(error: HTTPException) -> ResponseReturnValue:
    """An error page for players, who have nowhere to sign in."""
    allow_framing()
    return render_template("play/no.html", is_gone=error.code == 404), error.code or 500


def _page_play_id(text: str) -> str:
    """The id that a page gave its play; empty for what none of our pages has written."""
    return text if len(text) <= ID_LENGTH_MAX and text.isprintable() else ""


def _token(game: str) -> PlayerToken:
    token = current_player()
    if token is None or token.game != game:
        abort(403)
    return token


def _respond(page: PlayPage) -> Response:
    template = "play/_stage.html" if request.headers.get("X-Laurel-Fragment") else "play/page.html"
    response = make_response(render_template(template, view=page))
    allow_framing()
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds the token
    response.headers["Cache-Control"] = "no-store"
    return response


def _current_page(conn: Connection, token: PlayerToken, play_id: str) -> PlayPage:
    """The page of a play, or of the game before a play."""
    campaign, raw = _campaign_and_game(conn, token)
    result = plays.play_result(conn, token.app_id, f"page:{play_id}") if play_id else None
    if result is not None and result.player != token.player:
        abort(403)
    if result is None:
        stage = _stage_before_play(campaign, raw)
    else:
        stage = _stage_of_play(raw, result, play_id, names_of_brands(conn, campaign, token.game))
    left = sum(pool.available for pool in pools.pools_of_game(conn, token.game).values())
    return _page(conn, token, campaign, raw, stage, play_id or uuid4().hex, left)


def _refused_page(conn: Connection, token: PlayerToken, receipt: PlayReceipt) -> PlayPage:
    """The page after a press that was not taken; its form holds a fresh id."""
    campaign, raw = _campaign_and_game(conn, token)
    if receipt.verdict == "conflict":  # the id of somebody else's play
        stage = _stage_before_play(campaign, raw)
    elif receipt.retry_seconds:
        stage = Stage("busy", retry_seconds=receipt.retry_seconds)
    else:
        stage = Stage("over", receipt.reason if receipt.reason in DEFAULT_ANSWERS else "late")
    return _page(conn, token, campaign, raw, stage, uuid4().hex, 0)


def _campaign_and_game(conn: Connection, token: PlayerToken) -> tuple[Campaign, dict[str, Any]]:
    raw = campaign_rows.game_document(conn, token.game) or abort(404)
    key = campaign_rows.campaign_of_game(conn, token.game) or abort(404)
    return campaign_rows.campaign(conn, key) or abort(404), raw


def _page(  # noqa: PLR0913, PLR0917  (all that two callers have found out)
    conn: Connection,
    token: PlayerToken,
    campaign: Campaign,
    raw: dict[str, Any],
    stage: Stage,
    play_id: str,
    left: int,
) -> PlayPage:
    zone, now = zone_of(campaign.document), clock.now()
    own_answers = {name: text for name, text in (raw.get("answers") or {}).items() if text}
    return PlayPage(
        game=raw,
        player=token.player,
        token=request.args.get("token", ""),
        play=play_id,
        stage=stage,
        answers=DEFAULT_ANSWERS | own_answers,
        left=left,
        term=hours_of(campaign, raw).span(now, zone),
        next_game=_next_game(campaign, now, zone),
        rules=rule_sentence(campaign.document, seen_properties.catalogue(conn)),
        seed_hash=campaign.seed_hash,
        reel_seconds=Game.from_document(raw).reel // clock.MICROSECONDS,
    )


def _next_game(campaign: Campaign, now: datetime, zone: tzinfo) -> NextGame | None:
    upcoming = [raw for raw in games_of(campaign) if hours_of(campaign, raw).starts_at > now]
    if not upcoming:
        return None
    raw = min(upcoming, key=lambda raw: hours_of(campaign, raw))
    return NextGame(raw["name"], hours_of(campaign, raw).span(now, zone))


def _stage_before_play(campaign: Campaign, raw: dict[str, Any]) -> Stage:
    game, now = Game.from_document(raw), clock.now_micros()
    if campaign.ended_at is not None or now >= game.ends_at:
        return Stage("over", "late")
    if campaign.paused_at is not None:
        return Stage("over", "paused")
    return Stage("ready") if now >= game.starts_at else Stage("over", "early")


def _stage_of_play(raw: dict[str, Any], result: PlayResult, play_id: str, brands: dict[str, str]) -> Stage:
    game, now = Game.from_document(raw), clock.now_micros()
    stream = f"/v1/plays/page:{play_id}/stream"
    reel_left = shown_from(game, result.received_at) - now
    if reel_left > 0:
        return Stage("playing", seconds=-(-reel_left // clock.MICROSECONDS), stream=stream)
    if result.status == "queued":
        waited_seconds = (now - result.received_at) // clock.MICROSECONDS
        is_late = waited_seconds > game.reel // clock.MICROSECONDS + LATE_SECONDS
        return Stage("degraded" if is_late else "queued", stream=stream)
    return Stage(result.status, result.reason or "", prize=_prize(result, brands))


def _prize(result: PlayResult, brands: dict[str, str]) -> ShownPrize | None:
    if not result.code:
        return None
    expires_at = None if result.expires_at is None else clock.from_micros(result.expires_at)
    brand = result.brand or ""
    return ShownPrize(result.code, brands.get(brand, brand), expires_at)
