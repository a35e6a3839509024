"""Whether a player's next play in a game could win, judged as plays are, without playing."""

from engine.coupons.next_turn import NextTurn, next_turn
from engine.coupons.play import Play, game_day
from webapp.runtime.zones import ZONES
from webapp.services.plays import eligibility
from webapp.services.plays.play_batch import counts_before
from webapp.store.campaigns import campaign_rows, plays
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.players import player_states
from webapp.store.system.connection import Connection

NEWCOMER = 0
"""Stands for a player whom the database does not know yet; no player has this number."""


def turn_of_player(conn: Connection, campaign: Campaign, game_key: str, player_id: str, now: int) -> NextTurn:
    """The next turn of a player in a game of a campaign, at a moment (µs); what waits to be decided does not count."""
    at_rest = campaign_rows.unlocked_game(conn, game_key)
    assert at_rest is not None, "a game is never deleted"
    game, state = at_rest
    number = player_states.number_of(conn, player_id) or NEWCOMER
    day = game_day(game, now, ZONES[campaign.document.get("timezone") or "UTC"])
    games = [other.key for other in campaign_rows.games_of(conn, campaign.key)] if campaign.is_limited else [game_key]
    totals = plays.player_totals(conn, [number], games)
    counts = counts_before(totals, number, game_key, games, day.number)
    is_eligible = eligibility.may_play(conn, campaign, number)
    return next_turn(game, state, Play("", now, day, is_eligible, *counts), campaign.limits)
