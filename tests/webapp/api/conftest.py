"""What the tests of the API share: an app that posts events."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Post = Callable[..., TestResponse]


@pytest.fixture
def key(api_key: Callable[..., str]) -> str:
    return api_key("events:write")


@pytest.fixture
def post(client: FlaskClient, key: str) -> Post:
    """Post to /v1/events: a value as JSON, or bytes as they are."""

    def send(body: Any, *, key: str = key, **headers: str) -> TestResponse:
        sent = {"data": body, "content_type": "application/json"} if isinstance(body, bytes) else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post("/v1/events", headers={"Authorization": f"Bearer {key}", **named}, **sent)

    return send


@pytest.fixture
def show(client: FlaskClient, key: str) -> Callable[..., TestResponse]:
    """Look up the status of an event."""
    return lambda event_id, key=key: client.get(f"/v1/events/{event_id}", headers={"Authorization": f"Bearer {key}"})
