"""The beat sends and asks by itself where the slow worker does not come to it."""

import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from flask import Flask

from tests.outside_server import OutsideServer, outside_server
from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.config import Settings
from webapp.queue.poll_loop import PollLoop
from webapp.services.coupons import poll_providers
from webapp.services.webhooks import send_deliveries
from webapp.store.system import webhook_deliveries as owed
from webapp.store.system.connection import Connection


@pytest.fixture
def server() -> Iterator[OutsideServer]:
    with outside_server() as server:
        server.answer = lambda _heard: (200, {"code": "OUT-1"})
        yield server


def let_it_wait(monkeypatch: pytest.MonkeyPatch, loop: PollLoop) -> None:
    """The work has waited for six seconds."""
    monkeypatch.setattr(loop, "waiting_since", time.monotonic() - 6)


def finished(loop: PollLoop) -> None:
    assert loop.fallback is not None
    loop.fallback.join(20)


def test_the_fallback_does_only_overdue_work_in_one_thread(settings: Settings) -> None:
    gate, done = Event(), list[int]()

    def work(_settings: Settings) -> int:
        gate.wait(20)
        done.append(1)
        return 1

    loop = PollLoop("work", "nowhere.work", work)
    assert not loop.fall_back(settings, is_waiting=True)
    assert loop.waiting_since is not None
    loop.waiting_since -= 6
    assert loop.fall_back(settings, is_waiting=True)
    assert not loop.fall_back(settings, is_waiting=True)
    gate.set()
    finished(loop)
    assert done == [1]
    assert not loop.fall_back(settings, is_waiting=False)
    assert loop.waiting_since is None


def test_the_beat_calls_a_provider(
    conn: Connection,
    outgoing_settings: Settings,
    server: OutsideServer,
    api_key: Callable[..., str],
    app_for: Callable[[Settings], Flask],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(conn, friday(game={"budgets": [budget("coffee", 1, provider={"url": server.url})]}))
    player = Player(app_for(outgoing_settings).test_client(), api_key("plays:write"))
    player.play("p1")
    drain(outgoing_settings)
    let_it_wait(monkeypatch, poll_providers._loop)
    poll_providers.poll_providers(outgoing_settings)
    finished(poll_providers._loop)
    assert player.result("p1")["coupon"]["code"] == "OUT-1"


def test_the_beat_sends_a_webhook(
    conn: Connection, outgoing_settings: Settings, server: OutsideServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed.queue_message(conn, owed.RELEASED, server.url, "reel", {"reservation": "play-1-0"})
    conn.commit()
    let_it_wait(monkeypatch, send_deliveries._loop)
    send_deliveries.look_after_deliveries(outgoing_settings)
    finished(send_deliveries._loop)
    assert server.requests[0].json["data"] == {"reservation": "play-1-0"}
