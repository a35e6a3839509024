"""Queueing the plays of requests: their keys are looked up in the same call that queues them, before it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from webapp.config import Settings
from webapp.http.event_loop.loop_batcher import in_thread, shared_batcher
from webapp.http.event_loop.messages import LoopRequest
from webapp.http.refused_credentials import revoked_key
from webapp.services.plays.admission import PlayRequest, queue_by_game
from webapp.store.campaigns.plays import PlayReceipt
from webapp.store.people.apps import live_among
from webapp.store.system.connection import connect


@dataclass(frozen=True, slots=True)
class SentPlay:
    """One play of a request, with the number of the key that sent it."""

    key_id: int
    play: PlayRequest


async def queue_single(request: LoopRequest, play: PlayRequest) -> PlayReceipt:
    """Queue a play; plays that single requests bring at the same moment are queued together. Raises Unauthorized."""
    queue = partial(_queue_for_live_keys, request.settings)
    batcher = shared_batcher(request.app.extensions, "laurel.queued_plays", queue)
    (sent,) = _sent(request, [play])
    (receipt,) = _checked(request, [await batcher.submit(sent)])
    return receipt


async def queue_batch(request: LoopRequest, plays: Sequence[PlayRequest]) -> list[PlayReceipt]:
    """Queue the plays of one request together, at least one. Raises Unauthorized."""
    receipts = await in_thread(_queue_for_live_keys, request.settings, _sent(request, plays))
    return _checked(request, receipts)


def _sent(request: LoopRequest, plays: Sequence[PlayRequest]) -> list[SentPlay]:
    assert request.key is not None
    return [SentPlay(request.key.id, play) for play in plays]


def _checked(request: LoopRequest, receipts: Sequence[PlayReceipt | None]) -> list[PlayReceipt]:
    checked = [receipt for receipt in receipts if receipt is not None]
    if len(checked) < len(receipts):
        raise revoked_key()
    request.is_key_unchecked = False
    return checked


def _queue_for_live_keys(settings: Settings, requests: Sequence[SentPlay]) -> list[PlayReceipt | None]:
    """Queue what live keys have sent; None for a play whose key is not."""
    with connect(settings.database_url, autocommit=True) as conn:
        live_keys = live_among(conn, {request.key_id for request in requests})
    receipts = iter(queue_by_game(settings, [request.play for request in requests if request.key_id in live_keys]))
    return [next(receipts) if request.key_id in live_keys else None for request in requests]
