"""A signed-in browser without JavaScript, and a small world: Ada has handed in one very good assessment."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import rules_library
from tests.servers import Servers
from tests.webapp.services import drains
from webapp import projections
from webapp.config import Settings
from webapp.services.pipeline.relay_outbox import relay
from webapp.services.publishing.publish import apply_documents
from webapp.store.people import operators, sign_ins
from webapp.store.system.connection import connect

PASSWORD = "laurel wreath and a mug"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|"X-CSRFToken": "([^"]+)"')


@dataclass
class Browser:
    """What a person does without JavaScript: opens pages, fills their forms."""

    client: FlaskClient

    def open(self, address: str, **more: Any) -> TestResponse:
        """Get a page, following where it leads."""
        return self.client.get(address, follow_redirects=True, **more)

    def send(self, address: str, page: str | None = None, **fields: Any) -> TestResponse:
        """Send a form with the token of the page that it stands on."""
        token = TOKEN.search(self.client.get(page or address).text)
        assert token, "the page has no token"
        return self.client.post(address, data={"csrf_token": token[1] or token[2], **fields})


def make_operator(settings: Settings, email: str, role: str) -> int:
    with connect(settings.database_url) as conn:
        number = operators.new_operator(conn, email, role, email.partition("@")[0])
        assert number is not None
        conn.commit()
    return number


def signed_in_browser(app: Flask, settings: Settings, name: str, role: str, host: str = "localhost") -> Browser:
    """A browser with a session of the operator `<name>@campus.example`, who is created if missing."""
    number = make_operator(settings, f"{name}@campus.example", role)
    with connect(settings.database_url) as conn:
        token = sign_ins.open_session(conn, number, "a test")
        conn.commit()
    client = app.test_client()
    client.set_cookie(settings.cookie_name("laurel_operator"), token, domain=host)
    return Browser(client)


@pytest.fixture
def sign_in(app: Flask, settings: Settings) -> Callable[[str], Browser]:
    """Open a browser signed in as somebody of this role: `sign_in("viewer")`."""

    return lambda role: signed_in_browser(app, settings, role, role)


@pytest.fixture
def stranger(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def packs(settings: Settings, servers: Servers) -> None:
    """Both packs live, boards ready."""
    servers.stage("packs", lambda: install_packs(settings))


def install_packs(settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        for pack in rules_library.packs():
            assert apply_documents(conn, list(pack.documents), "test", publish=True).problems == []
        conn.commit()
    projections.rebuild(settings)


@pytest.fixture
def post(client: FlaskClient, api_key: Callable[..., str]) -> Callable[..., None]:
    """Send one event with a key: `post("ev-1", "ada", "assessment_submitted", score=91)`."""
    key = cache(lambda: api_key("events:write"))  # made when it is needed: a world may be staged until then

    def send(event_id: str, player: str, kind: str, **properties: Any) -> None:
        event = {"id": event_id, "type": kind, "player": player, "properties": properties}
        answer = client.post("/v1/events", json=event, headers={"Authorization": f"Bearer {key()}"})
        assert answer.status_code == 202, answer.text

    return send


@pytest.fixture
def drain(settings: Settings) -> Callable[[], None]:
    """Apply what waits, and let boards know."""

    def run() -> None:
        drains.drain(settings)
        relay(settings, 100)

    return run


@pytest.fixture
def world(packs: None, post: Callable[..., None], drain: Callable[[], None]) -> None:
    """Ada and Grace have each handed something in."""
    post("ev-1", "ada", "assessment_submitted", assessment="a1", module="FFF", score=91, weight=25)
    post("ev-2", "grace", "assessment_submitted", assessment="a1", module="FFF", score=55, weight=25)
    drain()


@pytest.fixture
def build(sign_in: Callable[[str], Browser], settings: Settings) -> Callable[..., Any]:
    """Begin a rule of a kind as an author: `build("badge")`."""
    from tests.webapp.pages.building import Builder  # it speaks of the browser above

    def begin(kind: str, role: str = "author") -> Any:
        browser = sign_in(role)
        answer = browser.send("/rules/new-rule", kind=kind)
        assert answer.status_code == 303, answer.text
        return Builder(browser, settings, answer.location.split("/")[-2])

    return begin
