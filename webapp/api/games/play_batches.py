"""Many plays in one request, for apps that collect bursts: each is accepted or rejected on its own."""

from collections import Counter
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct

from webapp.api.body_flaws import InvalidValue, json_pointer
from webapp.api.games.play_queue import queue_batch
from webapp.api.games.play_refusals import WHOLE_GAME_VERDICTS, problem_of, raise_for_receipt
from webapp.api.games.responses import PlayProblem, PlayReceipts
from webapp.api.player_ids import PlayerId, id_checks
from webapp.api.request_body import convert
from webapp.http.event_loop.messages import LoopRequest
from webapp.services.plays.admission import PlayRequest
from webapp.store.campaigns.plays import PlayReceipt

PLAYS_MAX = 500
PLAY_CHECKS = id_checks("play_id")
ITEMS = {"items": {"$ref": "#/components/schemas/PlayBody"}}
"""For the description: each play is read by itself, so that one that is flawed leaves the others alone."""
SUCCESSES = frozenset({"accepted", "same"})


class PlayBody(Struct, forbid_unknown_fields=True):
    """A request to play; the client chooses `play_id`, unique in its app.

    `address` is the IP address of the player's own device, as the app saw it: it is counted for a minute and not
    stored.
    """

    play_id: Annotated[str, Meta(min_length=1, max_length=128)]
    player: PlayerId
    address: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class PlayBatchBody(Struct, forbid_unknown_fields=True):
    """Plays that are queued in this order."""

    plays: Annotated[list[Any], Meta(min_length=1, max_length=PLAYS_MAX, extra_json_schema=ITEMS)]


async def accept_batch(request: LoopRequest, game: str, batch: PlayBatchBody) -> PlayReceipts:
    """Queue the valid plays and report what is wrong with the others."""
    problems: list[PlayProblem] = []
    requests = {}
    for index, play in enumerate(batch.plays):
        play_request = _play_request(request.app_id, game, index, play, problems)
        if play_request is not None:
            requests[index] = play_request
    receipts = {}
    if requests:
        queued = await queue_batch(request, list(requests.values()))
        receipts = dict(zip(requests, queued, strict=True))
    counts: Counter[str] = Counter()
    for index, receipt in receipts.items():
        if receipt.verdict in WHOLE_GAME_VERDICTS:
            raise_for_receipt(receipt, game)
        if receipt.verdict in SUCCESSES:
            counts[receipt.verdict] += 1
        else:
            code, detail = problem_of(receipt, game)
            problems.append(PlayProblem(index=index, play_id=requests[index].play_id, code=code, detail=detail))
    return _answer(counts, problems, receipts)


def _answer(counts: Counter[str], problems: list[PlayProblem], receipts: dict[int, PlayReceipt]) -> PlayReceipts:
    notice = next((receipt.notice for receipt in receipts.values() if receipt.notice), None)
    return PlayReceipts(
        accepted=counts["accepted"],
        same=counts["same"],
        rejected=len(problems),
        problems=sorted(problems, key=lambda problem: problem.index),
        notice=notice or UNSET,
    )


def _play_request(app_id: int, game: str, index: int, play: Any, problems: list[PlayProblem]) -> PlayRequest | None:
    """The request that one play of a batch makes; None where it is invalid, with its problem added."""
    try:
        body = convert(play, PlayBody, PLAY_CHECKS)
    except InvalidValue as invalid:
        pointer = json_pointer(*invalid.path)
        detail = f"{pointer}: {invalid.detail}" if pointer else invalid.detail
        problems.append(PlayProblem(index=index, play_id=None, code=invalid.code, detail=detail))
        return None
    return PlayRequest(app_id, body.play_id, game, body.player, body.address)
