"""Slow, greedy and ambiguous clients: each gets its refusal, and nobody else waits."""

import asyncio
import json

import pytest

from tests.asgi import exchange, request, run, scope_of
from webapp.asgi import request_body
from webapp.asgi.application import WebApplication, client_address
from webapp.runtime.addresses import is_loopback

JSON = {"content-type": "application/json"}


def sent_in_parts(app, path, parts, headers=JSON, client="127.0.0.1"):
    return run(exchange(WebApplication(app), scope_of("POST", path, headers, client=client), parts))


@pytest.fixture
def authorized(api_key):
    return JSON | {"authorization": f"Bearer {api_key('events:write', 'rules:write')}"}


@pytest.mark.parametrize("path", ["/v1/events", "/v1/rules", "/sign-in"])
def test_a_body_that_comes_too_slowly_is_refused(app, authorized, monkeypatch, path):
    monkeypatch.setattr(request_body, "GRACE_SECONDS", 0.05)
    answer = sent_in_parts(app, path, [(b"{", 0.0), (b"}", 30.0)], authorized)
    assert (answer.status, answer.headers["connection"]) == (408, "close")
    assert json.loads(answer.body)["status"] == 408


def test_a_long_body_gets_the_time_that_it_needs(app, authorized, monkeypatch):
    monkeypatch.setattr(request_body, "GRACE_SECONDS", 0.2)
    parts = [(b" " * 16_384, 0.1)] * 4 + [(b"[]", 0.1)]  # half a second, which 64 KiB may take
    assert sent_in_parts(app, "/v1/rules", parts, authorized).status != 408


@pytest.mark.parametrize("headers", [JSON, JSON | {"content-length": "2000"}])
@pytest.mark.parametrize("path", ["/v1/events", "/v1/rules"])
def test_a_body_that_is_too_long_is_not_read_to_its_end(app, authorized, headers, path):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    parts = [(b"x" * 600, 0.0), (b"x" * 600, 0.0), (b"x", 60.0)]
    answer = sent_in_parts(app, path, parts, authorized | headers)
    assert (answer.status, json.loads(answer.body)["code"]) == (413, "too_large")


def test_without_a_key_the_body_is_not_even_read(app):
    assert sent_in_parts(app, "/v1/events", [(b"", 60.0)]).status == 401


def test_bodies_that_together_fill_the_memory_are_refused(app, authorized, monkeypatch):
    monkeypatch.setattr(request_body, "TOGETHER_BYTES_MAX", 1000)
    answer = sent_in_parts(app, "/v1/events", [(b"x" * 600, 0.0), (b"x" * 600, 0.0)], authorized)
    assert (answer.status, json.loads(answer.body)["code"]) == (503, "unavailable")
    assert request(app, "GET", "/healthz").status == 200


def test_a_body_of_two_lengths_is_refused(app, authorized):
    ambiguous = authorized | {"content-length": "2", "transfer-encoding": "chunked"}
    assert sent_in_parts(app, "/v1/events", [(b"{}", 0.0)], ambiguous).status == 400


def test_an_address_may_open_so_many_requests_at_once(app, authorized):
    app.config["LAUREL"] = settings_with(app, requests_per_address=2)
    application = WebApplication(app)

    async def three_at_once():
        slow = [
            exchange(application, scope_of("POST", "/v1/rules", authorized, client="192.0.2.7"), [(b"{}", 0.3)])
            for _ in range(3)
        ]
        other = exchange(application, scope_of("GET", "/healthz", {}, client="192.0.2.8"), [(b"", 0.0)])
        return await asyncio.gather(*slow, other)

    *of_one_address, of_another = run(three_at_once())
    assert sorted(answer.status == 429 for answer in of_one_address) == [False, False, True]
    assert of_another.status == 200


def settings_with(app, **changes):
    from dataclasses import replace

    return replace(app.config["LAUREL"], **changes)


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [("", 0, "192.0.2.1"), ("a, b", 0, "192.0.2.1"), ("a, b", 1, "b"), ("a, b", 2, "a"), ("a", 2, "192.0.2.1")],
)
def test_behind_proxies_the_address_is_what_the_outermost_saw(forwarded, proxies, address):
    scope = scope_of("GET", "/", {"x-forwarded-for": forwarded}, client="192.0.2.1")
    assert client_address(scope, proxies) == address


@pytest.mark.parametrize(
    ("address", "is_here"),
    [("127.0.0.1", True), ("127.0.0.7", True), ("::1", True), ("192.0.2.7", False), ("", False), ("unix:", False)],
)
def test_every_address_of_this_machine_itself_is_known(address, is_here):
    assert is_loopback(address) is is_here
