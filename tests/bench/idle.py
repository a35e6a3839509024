"""Live connections that wait: how many stand at once, what they cost, and whether an outcome still comes through."""

import json
import resource
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.bench.running import Running
from tests.bench.sender import Line

PORT_SPREAD = 3  # addresses of this machine to call from: one has no more than some 28,000 ports


@dataclass(frozen=True)
class Idle:
    """So many streams at once: seconds to open them, KiB that each costs the server, and of one outcome among them."""

    streams: int
    opened_seconds: float
    kib_each: float
    pushed_seconds: list[float]


def idle(running: Running, key: str, games: tuple[str, str], streams: int) -> Idle:
    """Open streams of the first game, look at the web server's memory, and time outcomes of the second meanwhile."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    live = _live(running)
    quiet, game = games
    before, began = _memory(running), time.monotonic()
    with ExitStack() as streams_open:
        for number in range(streams):
            streams_open.enter_context(_stream(live, key, f"/live/games/{quiet}", number))
        opened = time.monotonic() - began
        grown, line = _memory(running) - before, Line(running, key)
        pushed = [_pushed(line, live, key, game, number) for number in range(20)]
    return Idle(streams, opened, grown / streams, pushed)


def _live(running: Running) -> tuple[str, int]:
    place = urlsplit(running.url)
    return str(place.hostname), int(place.port or 0)


def _memory(running: Running) -> float:
    """KiB that the web server holds for itself."""
    return sum(process.memory_full_info().uss for role, process in running.processes() if role == "web") / 1024


def _stream(live: tuple[str, int], key: str, path: str, number: int = 0) -> socket.socket:
    """A stream, once its head has come."""
    opened = _asked(live, key, path, number)
    head = opened.recv(4096)
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise SystemExit(f"{path}: {head[:300]!r}")
    return opened


def _asked(live: tuple[str, int], key: str, path: str, number: int = 0) -> socket.socket:
    """A connection that has asked for a stream and heard nothing yet."""
    opened = socket.create_connection(live, timeout=30, source_address=(f"127.0.0.{1 + number % PORT_SPREAD}", 0))
    opened.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
    return opened


def _pushed(line: Line, live: tuple[str, int], key: str, game: str, number: int) -> float:
    """Seconds from a play's POST to its outcome on a stream of its own; the game has no reel."""
    play, began = f"pushed-{game}-{number}", time.monotonic()
    line.post(f"/v1/games/{game}/plays", {"play_id": play, "player": f"listener-{number}"})
    with _asked(live, key, f"/v1/plays/{play}/stream") as stream:
        heard = b""
        while b"\n\n" not in heard.partition(b"event: outcome")[2]:
            part = stream.recv(4096)
            if not part:
                raise SystemExit(f"a stream ended without its outcome: {heard[-300:]!r}")
            heard += part
    outcome: dict[str, Any] = json.loads(heard.partition(b"event: outcome\ndata: ")[2].partition(b"\n")[0])
    assert outcome["play_id"] == play
    return time.monotonic() - began
