"""A play and its outcome as the contract shows them, the same wherever they are read."""

from typing import Any

from engine.coupons.play import QUEUED
from engine.coupons.play_answer import WonCoupon, play_answer_body
from webapp.config import Settings
from webapp.services.plays.admission import admission_state
from webapp.store.campaigns.plays import PlayResult


def result_json(result: PlayResult) -> dict[str, Any]:
    """A play as the contract shows it."""
    prize = WonCoupon(result.code, result.brand or "", result.expires_at) if result.code else None
    return dict(play_answer_body(result.play_id, result.status, result.reason, prize, result.decided_at))


def current_result_json(settings: Settings, result: PlayResult) -> dict[str, Any]:
    """The same, with the notice for the player while the outcome is late."""
    notice = admission_state(settings, result.game).notice(settings) if result.status == QUEUED else None
    return result_json(result) | ({"notice": notice} if notice else {})
