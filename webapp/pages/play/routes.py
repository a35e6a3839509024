"""The hosted play page and widget: for players with a token that an app has signed; no sign-in, no cookie."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from engine.coupons.game import Game
from engine.coupons.next_turn import NextTurn
from engine.coupons.play import BUDGET_EXHAUSTED
from engine.coupons.play_answer import shown_from
from engine.coupons.terms_for_players import terms_for_players
from webapp.http.access import allow, current_player, settings
from webapp.http.headers import allow_framing
from webapp.http.player_tokens import PlayerToken
from webapp.pages.campaigns.terms import games_of, hours_of, zone_of
from webapp.pages.play.view_models import NextGame, PlayPage, ShownDraws, ShownPrize, Stage
from webapp.runtime import clock
from webapp.services.campaigns.campaign_brands import names_of_brands
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.services.plays.admission import PlayRequest, queue_play
from webapp.services.plays.next_turn import turn_of_player
from webapp.store.campaigns import campaign_rows, coupons, plays, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.coupons import Coupon
from webapp.store.campaigns.plays import PlayReceipt, PlayResult
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
TURN_ANSWERS = {
    "limit_reached": "You have reached the limit of this game",
    "not_eligible": "This game is not open to you yet",
}
LATE_SECONDS = 20
ID_LENGTH_MAX = 80
TAKEN = ("accepted", "same")
STATUS_OF_VERDICT = {"busy": 429, "too_often": 429, "unknown": 404}
COUPONS_SHOWN = 50
COUPON_TEXTS = {"redeemed": "used", "expired": "expired", "voided": "no longer valid"}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page is made of: the game, the stage, and the play that is shown or comes next."""

    token: PlayerToken
    campaign: Campaign
    raw: dict[str, Any]
    stage: Stage
    play_id: str
    is_played: bool = False


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
    if result is None:
        return _page(conn, _Shown(token, campaign, raw, _stage_before_play(campaign, raw), play_id or uuid4().hex))
    if result.player != token.player:
        abort(403)
    stage = _stage_of_play(raw, result, play_id, names_of_brands(conn, campaign, token.game))
    return _page(conn, _Shown(token, campaign, raw, stage, play_id, is_played=True))


def _refused_page(conn: Connection, token: PlayerToken, receipt: PlayReceipt) -> PlayPage:
    """The page after a press that was not taken; its form holds a fresh id."""
    campaign, raw = _campaign_and_game(conn, token)
    if receipt.verdict == "conflict":  # the id of somebody else's play
        stage = _stage_before_play(campaign, raw)
    elif receipt.retry_seconds:
        stage = Stage("busy", retry_seconds=receipt.retry_seconds)
    else:
        stage = Stage("over", receipt.reason if receipt.reason in DEFAULT_ANSWERS else "late")
    return _page(conn, _Shown(token, campaign, raw, stage, uuid4().hex))


def _campaign_and_game(conn: Connection, token: PlayerToken) -> tuple[Campaign, dict[str, Any]]:
    raw = campaign_rows.game_document(conn, token.game) or abort(404)
    key = campaign_rows.campaign_of_game(conn, token.game) or abort(404)
    return campaign_rows.campaign(conn, key) or abort(404), raw


def _page(conn: Connection, shown: _Shown) -> PlayPage:
    campaign, raw, token = shown.campaign, shown.raw, shown.token
    zone, now = zone_of(campaign.document), clock.now()
    game, names = Game.from_document(raw), names_of_brands(conn, campaign, token.game)
    own_answers = {name: text for name, text in (raw.get("answers") or {}).items() if text}
    turn = turn_of_player(conn, campaign, token.game, token.player, clock.now_micros())
    stage = shown.stage
    if stage.name == "ready" and turn.refusal:
        stage = Stage("over", "exhausted" if turn.refusal == BUDGET_EXHAUSTED else turn.refusal)
    won = coupons.coupons_won_in_game(conn, token.player, token.game, clock.now_micros() - game.reel, COUPONS_SHOWN)
    shown_code = stage.prize.code if stage.prize else None
    return PlayPage(
        game=raw,
        player=token.player,
        token=request.args.get("token", ""),
        play=shown.play_id,
        stage=stage,
        answers=DEFAULT_ANSWERS | TURN_ANSWERS | own_answers,
        left=sum(pool.available for pool in pools.pools_of_game(conn, token.game).values()),
        term=_in_zone(hours_of(campaign, raw).span(now, zone), zone),
        next_game=_next_game(campaign, now, zone),
        may_play=not turn.refusal and _stage_before_play(campaign, raw).name == "ready",
        again=_again(turn, zone),
        coupons=[_own_coupon(coupon, names) for coupon in won if coupon.code != shown_code],
        rules=_rules(campaign, game, names, zone),
        draws=_draws(conn, shown),
        reel_seconds=game.reel // clock.MICROSECONDS,
    )


def _in_zone(text: str, zone: tzinfo) -> str:
    """A time of day with the zone that it is of."""
    return f"{text} {zone}" if str(zone) == "UTC" else f"{text}, {zone} time"


def _again(turn: NextTurn, zone: tzinfo) -> str:
    """From when on the player can play again; empty if that is now, or never."""
    if turn.again_at is None:
        return ""
    return _in_zone(f"{clock.from_micros(turn.again_at).astimezone(zone):%-d %B, %H:%M}", zone)


def _own_coupon(coupon: Coupon, names: Mapping[str, str]) -> ShownPrize:
    brand = coupon.brand or ""
    note = COUPON_TEXTS.get(coupon.state_at(clock.now()), "")
    return ShownPrize(coupon.code, names.get(brand, brand), coupon.expires_at, note)


def _rules(campaign: Campaign, game: Game, names: Mapping[str, str], zone: tzinfo) -> list[str]:
    ended_at = game.ends_at if campaign.ended_at is None else min(game.ends_at, clock.to_micros(campaign.ended_at))
    brands = tuple(replace(brand, name=names[brand.key]) for brand in game.brands)
    shown = replace(
        game, brands=brands, ends_at=max(game.starts_at, ended_at // clock.MICROSECONDS * clock.MICROSECONDS)
    )
    return terms_for_players(shown, campaign.limits, zone, is_for_all=campaign.document.get("condition") is None)


def _draws(conn: Connection, shown: _Shown) -> ShownDraws:
    campaign, token = shown.campaign, shown.token
    seed = seed_of(conn, settings(), campaign).hex() if campaign.is_closed else None
    play = plays.draw_name(conn, token.app_id, f"page:{shown.play_id}") if shown.is_played else ""
    return ShownDraws(campaign.seed_hash, seed, play)


def _next_game(campaign: Campaign, now: datetime, zone: tzinfo) -> NextGame | None:
    upcoming = [raw for raw in games_of(campaign) if hours_of(campaign, raw).starts_at > now]
    if not upcoming:
        return None
    raw = min(upcoming, key=lambda raw: hours_of(campaign, raw))
    return NextGame(raw["name"], _in_zone(hours_of(campaign, raw).span(now, zone), zone))


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


def _prize(result: PlayResult, names: Mapping[str, str]) -> ShownPrize | None:
    if not result.code:
        return None
    expires_at = None if result.expires_at is None else clock.from_micros(result.expires_at)
    brand = result.brand or ""
    return ShownPrize(result.code, names.get(brand, brand), expires_at)
