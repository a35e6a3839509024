"""Providers outside that issue coupons: asked from the slow queue, signed, under an id that each asking keeps.

`{"type": "coupon.wanted", "data": {"reservation", "campaign", "game", "brand", "play_id", "player"}}` is answered with
2xx and `{"code": "…"}`. Whatever else comes, or nothing in time, releases the reservation and draws on. A provider that
may have issued a coupon all the same hears `coupon.released`.
"""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import psycopg

from engine.coupons.issue import code_problem
from webapp.channels.outgoing import Answer, Unreachable
from webapp.config import Settings
from webapp.projections.play_signals import notify_streams
from webapp.queue.poll_loop import PollLoop
from webapp.runtime.failpoints import failpoint
from webapp.services.coupons import settle_reservation
from webapp.services.webhooks.send_deliveries import post_signed
from webapp.store.campaigns import reservations
from webapp.store.campaigns.reservations import ProviderRequest, Reservation
from webapp.store.system.connection import Connection, connect

AT_ONCE = 16
OVERDUE_AT_ONCE = 200
ANSWER_SECONDS, SPARE_SECONDS = 10, 10
REFUSED = range(400, 500)
LOCK_TRIES_MAX = 4
_encode = msgspec.json.Encoder(order="deterministic").encode


class ProviderDeclined(Exception):  # noqa: N818  (the other side's fault, kept in the game's log)
    """A provider gave no coupon, and why."""

    def __init__(self, why: str, *, may_have_issued: bool) -> None:
        super().__init__(why)
        self.may_have_issued = may_have_issued


def hint_providers(settings: Settings) -> None:
    """Have providers asked soon; while Redis is away the beat asks them."""
    _loop.hint(settings)


def poll_providers(settings: Settings) -> None:
    """What the beat does: call for what is to be asked, draw on where nobody answered."""
    with connect(settings.database_url) as conn:
        are_waiting, overdue = reservations.any_due(conn), reservations.overdue_reservations(conn, OVERDUE_AT_ONCE)
        conn.rollback()
    _loop.look_after(settings, is_waiting=are_waiting)
    for each in overdue:
        _draw_on(settings, each, ProviderDeclined("nobody answered in time", may_have_issued=True))


def run_provider_requests(_lane: int = 0) -> None:
    """What RQ runs: ask for what waits, for about ten seconds."""
    _loop.run(Settings.from_environment())


def send_provider_requests(settings: Settings) -> int:
    """Ask for up to sixteen wins at once; gives how many waited."""
    with connect(settings.database_url) as conn:
        taken = reservations.claim_due(conn, AT_ONCE, ANSWER_SECONDS, SPARE_SECONDS)
        conn.commit()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda each: send_provider_request(settings, each), taken))
    return len(taken)


_loop = PollLoop("providers", "webapp.services.coupons.poll_providers.run_provider_requests", send_provider_requests)


def send_provider_request(settings: Settings, asking: ProviderRequest) -> None:
    """Ask for one win, and issue what came or draw on."""
    try:
        code = _code(_asked(settings, asking))
        failpoint("provider_answered")
        _issue(settings, asking.reservation, code)
    except ProviderDeclined as error:
        _draw_on(settings, asking.reservation, error)


def _asked(settings: Settings, asking: ProviderRequest) -> Answer:
    provider, its = asking.document["provider"], asking.reservation
    data = {
        "reservation": its.id,
        "campaign": asking.campaign,
        "game": its.game,
        "brand": asking.brand,
        "play_id": asking.play_id,
        "player": asking.player,
    }
    body = _encode({"type": "coupon.wanted", "timestamp": asking.received_at, "data": data})
    try:
        seconds = provider.get("answer_within_seconds") or ANSWER_SECONDS
        return post_signed(settings, provider["url"], its.game, its.id, body, seconds)
    except Unreachable as error:
        raise ProviderDeclined(str(error), may_have_issued=not error.is_permanent) from None


def _code(said: Answer) -> str:
    """The code that an answer holds."""
    if not said.is_good:
        raise ProviderDeclined(f"the provider answered {said.status}", may_have_issued=said.status not in REFUSED)
    try:
        content = json.loads(said.body)
    except ValueError:
        content = None
    code = content.get("code") if isinstance(content, dict) else None
    problem = code_problem(code) if isinstance(code, str) else "is no text"
    if not isinstance(code, str) or problem:
        raise ProviderDeclined(f"the provider's code {problem}", may_have_issued=True)
    return code


def _issue(settings: Settings, asked: Reservation, code: str) -> None:
    try:
        _settle(settings, asked, lambda conn: settle_reservation.issue_coupon(conn, asked, code))
    except psycopg.errors.UniqueViolation:
        raise ProviderDeclined("the provider's code was given before", may_have_issued=False) from None


def _draw_on(settings: Settings, asked: Reservation, error: ProviderDeclined) -> None:
    why, may = str(error), error.may_have_issued
    _settle(
        settings,
        asked,
        lambda conn: settle_reservation.release_and_redraw(conn, settings, asked, why, may_have_issued=may),
    )


def _settle(settings: Settings, asked: Reservation, step: Callable[[Connection], bool]) -> None:
    """Write down what a provider answered; patiently, for what it issued is lost to the player otherwise."""
    with connect(settings.database_url) as conn:
        for patience in range(LOCK_TRIES_MAX, 0, -1):
            try:
                is_mine = step(conn)
                break
            except psycopg.errors.LockNotAvailable:  # a long batch, or a change of the game's stock
                conn.rollback()
                if patience == 1:
                    raise
        failpoint("coupon_before_commit")
        conn.commit()
    if is_mine:
        _tell(settings, [asked])


def _tell(settings: Settings, settled: Iterable[Reservation]) -> None:
    for each in settled:
        notify_streams(settings, each.game, [each.decision["name"]])
