"""Two thousand slow connections to a running Laurel: it answers everybody else, and ends them in the end."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.running import RunningLaurel, running_laurel, wait_until

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("laws")]
SLOW_CLIENTS = 2_000
BEGUN = [
    b"",
    b"POST /v1/events HTTP/1.1\r\nHost: laurel\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: laurel\r\nContent-Length: 1000\r\n\r\nx",
    b"POST /v1/events HTTP/1.1\r\nHost: laurel\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
]


@pytest.fixture(scope="module")
def laurel() -> Iterator[RunningLaurel]:
    with running_laurel() as running:
        yield running


def slow_client(laurel: RunningLaurel, number: int) -> socket.socket:
    """Somebody who begins a request and says no more."""
    client = socket.create_connection(("127.0.0.1", laurel.port))
    client.sendall(BEGUN[number % len(BEGUN)])
    return client


def is_ended(client: socket.socket) -> bool:
    """Whether the server has closed a connection, after a refusal or without a word."""
    client.settimeout(0.01)
    try:
        while client.recv(4096):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def test_two_thousand_slow_connections_disturb_nobody_and_are_ended_as_idle_ones_are(laurel: RunningLaurel) -> None:
    """An open stream, which says nothing either, is not ended."""
    key = laurel.key("events:write")
    with ExitStack() as connections, laurel.client(key) as client:
        idle, stream = (connections.enter_context(slow_client(laurel, 0)) for _ in range(2))
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: laurel\r\n\r\n")
        stream.sendall(head_of_stream(laurel.key("leaderboards:read")))
        clients = [connections.enter_context(slow_client(laurel, number)) for number in range(SLOW_CLIENTS)]
        for number in range(20):
            with httpx.Client(base_url=laurel.url, timeout=5) as fresh:  # a new connection each time
                assert fresh.get("/healthz").status_code == 200
                assert fresh.get("/sign-in").status_code == 200
            event = {"id": f"ev-{number}", "type": "lesson_completed", "player": "ada"}
            assert client.post("/v1/events", json=event, headers={"Prefer": "wait=5"}).status_code == 200
        wait_until(lambda: all(is_ended(client) for client in clients), "slow connections stay", laurel.log)
        wait_until(lambda: is_ended(idle), "an idle connection stays", laurel.log)
        time.sleep(1)
        assert not is_ended(stream)


def head_of_stream(key: str) -> bytes:
    return f"GET /live/leaderboards/any HTTP/1.1\r\nHost: laurel\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def test_errors_of_streams_and_sockets_are_problems(laurel: RunningLaurel) -> None:
    for path in ("/live/home", "/v1/plays/p1/stream"):
        answer = httpx.get(f"{laurel.url}{path}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    answer = httpx.get(f"{laurel.url}/v1/live", headers=upgrade | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
