"""Outcomes pushed by a running Laurel: over server-sent events and over a WebSocket, when the reel has ended."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import simple_websocket

from tests.journeys.laurels import apply_rules
from tests.running import RunningLaurel, running_laurel
from tests.webapp.campaigns.friday_weekend import friday

pytestmark = [pytest.mark.laws, pytest.mark.timeout(300), pytest.mark.xdist_group("laws")]
REEL_SECONDS = 2


@pytest.fixture(scope="module")
def laurel() -> Iterator[RunningLaurel]:
    with running_laurel() as running:
        apply_rules(running, [friday(game={"reel_seconds": REEL_SECONDS})])
        yield running


@pytest.fixture(scope="module")
def client(laurel: RunningLaurel) -> Iterator[httpx.Client]:
    with laurel.client(laurel.key("plays:write")) as client:
        yield client


def play(client: httpx.Client, play_id: str, player: str = "ada") -> str:
    """Play, and give the player's token."""
    sent = client.post("/v1/games/reel/plays", json={"play_id": play_id, "player": player})
    assert sent.status_code == 202, sent.text
    return str(client.post("/v1/games/reel/tokens", json={"player": player}).json()["token"])


def live(laurel: RunningLaurel, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{laurel.port}"


def test_the_stream_of_a_play_sends_its_outcome_when_the_reel_ends(laurel: RunningLaurel, client: httpx.Client) -> None:
    began = time.monotonic()
    token = play(client, "s1")
    with httpx.stream("GET", f"{live(laurel)}/v1/plays/s1/stream?token={token}", timeout=30) as answer:
        text = "".join(answer.iter_text())
    assert time.monotonic() - began >= REEL_SECONDS - 0.5
    message = json.loads(text.partition("data: ")[2].partition("\n")[0])
    assert "event: outcome" in text
    assert message == client.get("/v1/plays/s1").json()
    assert message["status"] == "won"


def test_a_stranger_hears_nothing(laurel: RunningLaurel, client: httpx.Client) -> None:
    play(client, "s2")
    token = client.post("/v1/games/reel/tokens", json={"player": "eve"}).json()["token"]
    for query, status in (("", 401), ("?token=forged", 401), (f"?token={token}", 404)):
        assert httpx.get(f"{live(laurel)}/v1/plays/s2/stream{query}").status_code == status


def test_a_websocket_sends_the_outcome_of_every_play_it_watches(laurel: RunningLaurel, client: httpx.Client) -> None:
    token, *_ = [play(client, f"w{number}") for number in range(3)]
    socket = simple_websocket.Client(f"{live(laurel, 'ws')}/v1/live?token={token}")
    for number in range(3):
        socket.send(json.dumps({"watch": {"play": f"w{number}"}}))
    messages = [received(socket) for _ in range(3)]
    assert {message["play"]["play_id"] for message in messages} == {"w0", "w1", "w2"}
    assert all(message["event"] == "outcome" for message in messages)
    socket.send("not json")
    assert received(socket)["event"] == "refused"
    socket.close()


def received(socket: Any) -> Any:
    """The next message."""
    message = socket.receive(timeout=20)
    assert message is not None, "nothing is told"
    return json.loads(message)
