"""The beat sends and asks by itself where the slow worker does not come to it."""

import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from flask import Flask

from tests.outside_server import OutsideServer, outside_server
from tests.webapp.campaigns.friday_weekend import Player, budget, drain, friday, publish
from webapp.config import Settings
from webapp.queue.fallback_runner import StandIn
from webapp.services.coupons import poll_providers
from webapp.services.webhooks import send_deliveries
from webapp.store.system import deliveries as owed
from webapp.store.system.connection import Connection


@pytest.fixture
def server() -> Iterator[OutsideServer]:
    with outside_server() as server:
        server.answer = lambda _heard: (200, {"code": "OUT-1"})
        yield server


def let_it_wait(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> None:
    """The work has waited for six seconds."""
    monkeypatch.setattr(stand_in, "since", time.monotonic() - 6)


def finished(stand_in: StandIn) -> None:
    assert stand_in.thread is not None
    stand_in.thread.join(20)


def test_only_work_that_waits_long_is_done_here_and_by_one_thread() -> None:
    stand_in, gate, done = StandIn(), Event(), list[int]()

    def work() -> None:
        gate.wait(20)
        done.append(1)

    assert not stand_in.look(work, is_waiting=True)
    assert stand_in.since is not None
    stand_in.since -= 6
    assert stand_in.look(work, is_waiting=True)
    assert not stand_in.look(work, is_waiting=True)
    gate.set()
    finished(stand_in)
    assert done == [1]
    assert not stand_in.look(work, is_waiting=False)
    assert stand_in.since is None


def test_a_provider_is_asked_by_the_beat(
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
    let_it_wait(monkeypatch, poll_providers._stand_in)
    poll_providers.tend(outgoing_settings)
    finished(poll_providers._stand_in)
    assert player.result("p1")["coupon"]["code"] == "OUT-1"


def test_a_webhook_is_sent_by_the_beat(
    conn: Connection, outgoing_settings: Settings, server: OutsideServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed.owe(conn, owed.RELEASED, server.url, "reel", {"reservation": "play-1-0"})
    conn.commit()
    let_it_wait(monkeypatch, send_deliveries._stand_in)
    send_deliveries.call_due(outgoing_settings)
    finished(send_deliveries._stand_in)
    assert server.requests[0].json["data"] == {"reservation": "play-1-0"}
