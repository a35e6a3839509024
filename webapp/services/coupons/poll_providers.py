"""Asks outside providers for coupons: from the slow queue, signed, each attempt under an id of its own.

`{"type": "coupon.wanted", "data": {"reservation", "campaign", "game", "brand", "play_id", "player"}}` is answered with
2xx and `{"code": "…"}`. Any other answer, or none in time, releases the reservation and draws again. A provider that
may have issued a coupon all the same is sent `coupon.released`.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import psycopg

from engine.coupons.issue import code_problem
from webapp.channels.outgoing import ServerAnswer, ServerUnreachable
from webapp.config import Settings
from webapp.projections.play_signals import notify_streams
from webapp.queue.poll_loop import PollLoop
from webapp.runtime.failpoints import failpoint
from webapp.services.coupons import settle_reservation
from webapp.services.webhooks.send_deliveries import post_signed
from webapp.store.campaigns import reservations
from webapp.store.campaigns.reservations import ProviderRequest, Reservation
from webapp.store.system.connection import Connection, connect

REQUESTS_AT_ONCE = 16
OVERDUE_AT_ONCE = 200
ANSWER_SECONDS, SPARE_SECONDS = 10, 10
CLIENT_ERRORS = range(400, 500)
LOCK_ATTEMPTS = 4
_encode = msgspec.json.Encoder(order="deterministic").encode


class ProviderDeclined(Exception):  # noqa: N818  (the other side's fault; it is kept in the game's log)
    """A provider issued no coupon, and why; `may_have_issued` where it is not sure that it issued none."""

    def __init__(self, why: str, *, may_have_issued: bool) -> None:
        super().__init__(why)
        self.may_have_issued = may_have_issued


def hint_providers(settings: Settings) -> None:
    """Have providers asked soon; while Redis is away the beat asks them."""
    _loop.hint(settings)


def poll_providers(settings: Settings) -> None:
    """What the beat does: hint for requests that are due, and draw again where no provider answered in time."""
    with connect(settings.database_url) as conn:
        are_waiting = reservations.any_due(conn)
        overdue = reservations.overdue_reservations(conn, OVERDUE_AT_ONCE)
        conn.rollback()
    _loop.look_after(settings, is_waiting=are_waiting)
    for reservation in overdue:
        _redraw(settings, reservation, ProviderDeclined("nobody answered in time", may_have_issued=True))


def run_provider_requests(_lane: int = 0) -> None:
    """What RQ runs: send the requests that are due, for about ten seconds."""
    _loop.run(Settings.from_environment())


def send_provider_requests(settings: Settings) -> int:
    """Send up to sixteen requests at once and settle their answers; returns how many were due."""
    with connect(settings.database_url) as conn:
        claimed = reservations.claim_due(conn, REQUESTS_AT_ONCE, ANSWER_SECONDS, SPARE_SECONDS)
        conn.commit()
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as threads:
        list(threads.map(lambda request: send_provider_request(settings, request), claimed))
    return len(claimed)


_loop = PollLoop("providers", "webapp.services.coupons.poll_providers.run_provider_requests", send_provider_requests)


def send_provider_request(settings: Settings, request: ProviderRequest) -> None:
    """Ask for one coupon, and issue what came or draw again."""
    try:
        code = _code_in(_post(settings, request))
        failpoint("provider_answered")
        _issue(settings, request.reservation, code)
    except ProviderDeclined as error:
        _redraw(settings, request.reservation, error)


def _post(settings: Settings, request: ProviderRequest) -> ServerAnswer:
    provider, reservation = request.document["provider"], request.reservation
    data = {
        "reservation": reservation.id,
        "campaign": request.campaign,
        "game": reservation.game,
        "brand": request.brand,
        "play_id": request.play_id,
        "player": request.player,
    }
    body = _encode({"type": "coupon.wanted", "timestamp": request.received_at, "data": data})
    seconds = provider.get("answer_within_seconds") or ANSWER_SECONDS
    try:
        return post_signed(settings, provider["url"], reservation.game, reservation.id, body, seconds)
    except ServerUnreachable as error:
        raise ProviderDeclined(str(error), may_have_issued=not error.is_permanent) from None


def _code_in(answer: ServerAnswer) -> str:
    """The code that an answer holds. Raises `ProviderDeclined`."""
    if not answer.is_good:
        # A server that refuses a request as its sender's fault has issued nothing for it.
        may_have_issued = answer.status not in CLIENT_ERRORS
        raise ProviderDeclined(f"the provider answered {answer.status}", may_have_issued=may_have_issued)
    try:
        content = json.loads(answer.body)
    except ValueError:
        content = None
    code = content.get("code") if isinstance(content, dict) else None
    problem = code_problem(code) if isinstance(code, str) else "is not text"
    if not isinstance(code, str) or problem:
        raise ProviderDeclined(f"the provider's code {problem}", may_have_issued=True)
    return code


def _issue(settings: Settings, reservation: Reservation, code: str) -> None:
    try:
        _settle(settings, reservation, lambda conn: settle_reservation.issue_coupon(conn, reservation, code))
    except psycopg.errors.UniqueViolation:
        raise ProviderDeclined("the provider's code was issued before", may_have_issued=False) from None


def _redraw(settings: Settings, reservation: Reservation, error: ProviderDeclined) -> None:
    def release_and_redraw(conn: Connection) -> bool:
        return settle_reservation.release_and_redraw(
            conn, settings, reservation, str(error), may_have_issued=error.may_have_issued
        )

    _settle(settings, reservation, release_and_redraw)


def _settle(settings: Settings, reservation: Reservation, step: Callable[[Connection], bool]) -> None:
    """Write down what a provider answered. The lock is tried patiently: a coupon it issued would be lost otherwise."""
    with connect(settings.database_url) as conn:
        for attempts_left in range(LOCK_ATTEMPTS - 1, -1, -1):
            try:
                is_settled = step(conn)
                break
            except psycopg.errors.LockNotAvailable:  # a long batch, or a change of the game's stock
                conn.rollback()
                if not attempts_left:
                    raise
        failpoint("coupon_before_commit")
        conn.commit()
    if is_settled:
        notify_streams(settings, reservation.game, [reservation.decision["name"]])
