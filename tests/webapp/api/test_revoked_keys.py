"""A revoked key opens nothing from the next request on, although this process knows it from earlier requests."""

import pytest
from flask import Flask

from tests.webapp.api.events import an_event
from tests.webapp.services.drains import ask
from webapp.http.known_keys import KnownKeys
from webapp.store.people import apps

EVENTS, PLAYS = "/v1/events", "/v1/games/friday/plays"
PLAY = {"play_id": "p-1", "player": "ada"}


@pytest.fixture
def send(app, api_key):
    """Post JSON, or bytes as they are, with a key that the application has met before."""
    headers = {"Authorization": f"Bearer {api_key('events:write', 'plays:write')}"}

    def post(path, body, content_type="application/json"):
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        return app.test_client().post(path, headers=headers, content_type=content_type, **content)

    for _ in range(2):  # the first use is noted, the second is remembered
        assert post(EVENTS, {"events": []}).status_code == 422
    return post


def revoke(conn):
    assert apps.revoke_key(conn, 1)
    conn.commit()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (EVENTS, an_event()),
        (EVENTS, an_event(type="LOUD")),
        (EVENTS, {"events": [an_event(), an_event(id="ev-2")]}),
        (EVENTS, {"events": []}),
        (EVENTS, b"{"),
        (PLAYS, PLAY),
        (PLAYS, PLAY | {"player": ""}),
        (PLAYS, {"plays": [PLAY]}),
        (PLAYS, {"plays": [{}]}),
        (PLAYS, b"[]"),
    ],
)
def test_a_revoked_key_is_told_so_whatever_it_sends_and_nothing_happens(send, conn, settings, path, body):
    revoke(conn)
    answer = send(path, body)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "RateLimit" not in answer.headers
    assert ask(settings, "SELECT count(*) FROM entry") == ask(settings, "SELECT count(*) FROM play") == 0


def test_a_revoked_key_is_not_told_of_its_quota(send, app, conn, monkeypatch):
    monkeypatch.setattr("webapp.http.event_loop.loop_routes.quota_of", lambda _: 0)
    assert send(EVENTS, an_event()).status_code == 429
    revoke(conn)
    assert send(EVENTS, an_event()).status_code == 401


def test_a_known_key_saves_the_look_up_and_is_checked_with_what_it_sends(send, monkeypatch):
    def look_up(*_: object) -> None:
        raise AssertionError("looked up on its own")

    monkeypatch.setattr("webapp.http.api_key_auth.apps.keys_of_secrets", look_up)
    assert send(EVENTS, an_event()).status_code == 202


def test_only_these_routes_check_keys_late(app: Flask):
    late = {name for name, view in app.view_functions.items() if hasattr(view, "__checks_key_late__")}
    assert late == {"v1_events.accept", "v1_games.accept"}


def test_keys_are_known_until_their_use_is_due_again_or_they_are_gone(conn, api_key):
    known, secret = KnownKeys(), api_key("events:write")
    key = apps.key_of_secret(conn, secret)
    known.remember(secret, key)
    assert known.recall(secret) is None  # never used: to be looked up, and noted
    apps.note_use(conn, 1)
    key = apps.key_of_secret(conn, secret)
    known.remember(secret, key)
    assert known.recall(secret) == key
    assert known.recall("another") is None
    known.remember(secret, None)
    assert known.recall(secret) is None
