"""Scopes and player tokens: what a key may not do, its tokens may not either, and a token ends with its key."""

import re
from importlib import import_module

import pytest

from tests.webapp.campaigns.friday_weekend import friday, publish
from webapp.http import player_tokens
from webapp.http.access import permission_of
from webapp.store.people import apps

SOME_UUID = "00000000-0000-0000-0000-000000000000"
GRANT = {"coins": 5, "reason": "a gift"}


@pytest.fixture
def send(client, api_key):
    """Send a request with a key of these scopes: `send(["players:write"], "POST", path, body)`."""

    def request(scopes, method, path, body=None):
        headers = {"Authorization": f"Bearer {api_key(*scopes)}"}
        return client.open(f"/v1/{path}", method=method, json=body, headers=headers)

    return request


@pytest.fixture
def ada(send):
    assert send(["players:write"], "PUT", "players/ada", {}).status_code == 403  # its answer has to be read, too
    assert send(["players:write", "players:read"], "PUT", "players/ada", {}).status_code == 200


def test_every_request_needs_exactly_its_scope(app, send):
    """Each route of the API, with a key that has every scope but the one that it declares."""
    everything = set(apps.SCOPES) - {"admin"}
    for rule in app.url_map.iter_rules():
        permission = permission_of(app.view_functions[rule.endpoint])
        if rule.websocket or not rule.rule.startswith("/v1/") or permission is None or permission.scope is None:
            continue
        path = re.sub(r"<uuid:[^>]*>", SOME_UUID, rule.rule)
        path = re.sub(r"<[^>]*>", "1", path).removeprefix("/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert send(everything - {permission.scope}, method, path).status_code == 403, (method, path)


@pytest.mark.parametrize(
    "request_",
    [
        ("POST", "players/ada/grants", GRANT, "players:grant"),
        ("POST", "players/ada/revocations", GRANT, "players:grant"),
        ("DELETE", "players/ada", None, "players:erase"),
    ],
)
def test_minting_and_erasing_have_scopes_of_their_own(client, api_key, send, request_):
    method, path, body, scope = request_
    headers = {"Authorization": f"Bearer {api_key('players:write', 'players:read')}"}
    client.put("/v1/players/ada", json={}, headers=headers)
    assert client.open(f"/v1/{path}", method=method, json=body, headers=headers).status_code == 403
    assert send([scope], method, path, body).status_code in {201, 204, 409}  # 409: there is nothing to take back


def test_keys_from_before_keep_what_they_could_do(conn, owner_conn, api_key):
    """The upgrade gives them the scopes that were split off, and nobody else."""
    old, other = api_key("players:write", "events:write"), api_key("players:read")
    owner_conn.execute(import_module("webapp.migrations.versions.0002_split_player_scopes").KEEP_WHAT_KEYS_COULD_DO)
    owner_conn.commit()
    scopes = {secret: apps.key_of_secret(conn, secret).scopes for secret in (old, other)}
    assert scopes[old] == ("events:write", "players:erase", "players:grant", "players:write")
    assert scopes[other] == ("players:read",)


@pytest.fixture
def token(conn, send):
    publish(conn, friday())
    return send(["plays:write"], "POST", "games/reel/tokens", {"player": "ada"}).json["token"]


def revoke_all(conn):
    for key in apps.keys(conn):
        apps.revoke_key(conn, key.id)
    conn.commit()


def test_a_player_token_ends_with_the_key_that_made_it(conn, client, token):
    assert client.get(f"/play/reel?token={token}").status_code == 200
    revoke_all(conn)
    assert client.get(f"/play/reel?token={token}").status_code == 401
    assert client.post(f"/play/reel?token={token}", data={"play": "p1"}).status_code == 401


def test_a_token_of_another_key_goes_on(conn, client, send, token):
    other = send(["plays:write"], "POST", "games/reel/tokens", {"player": "bob"}).json["token"]
    apps.revoke_key(conn, min(key.id for key in apps.keys(conn)))
    conn.commit()
    assert client.get(f"/play/reel?token={token}").status_code == 401
    assert client.get(f"/play/reel?token={other}").status_code == 200


def test_streams_refuse_a_token_whose_key_is_revoked(conn, app, client, send, token):
    client.post(f"/play/reel?token={token}", data={"play": "p1"})
    path = f"/v1/plays/page:p1/stream?token={token}"
    revoke_all(conn)
    assert client.get(path).status_code == 401


def test_a_token_without_a_key_is_none(settings, client):
    forged = player_tokens._serializer(settings.secret_key).dumps([1, "ada", "reel"])
    assert client.get(f"/play/reel?token={forged}").status_code == 401


def test_there_is_no_token_for_a_game_that_does_not_exist(send):
    answer = send(["plays:write"], "POST", "games/nothing/tokens", {"player": "ada"})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", [".", ".."])
def test_an_id_that_clients_remove_from_urls_is_refused_everywhere(conn, send, name):
    """`/v1/players/..` is `/v1/` for whoever follows the URL standard: what had such an id could never be reached."""
    publish(conn, friday())
    everything = ["admin"]
    bodies = [
        ("PUT", f"players/{name}", {}),
        ("POST", "events", {"id": name, "type": "visit", "player": "ada"}),
        ("POST", "events", {"id": "e1", "type": "visit", "player": name}),
        ("POST", "games/reel/plays", {"play_id": name, "player": "ada"}),
        ("POST", "games/reel/plays", {"play_id": "p1", "player": name}),
        ("POST", "rewards/mug/redemptions", {"player": "ada", "redemption_id": name}),
        ("POST", "games/reel/tokens", {"player": name}),
    ]
    for method, path, body in bodies:
        answer = send(everything, method, path, body)
        assert answer.status_code == 422 or name in path, (path, body)
        assert answer.status_code >= 400


def test_the_address_of_a_result_survives_what_clients_do_to_urls(conn, client, send):
    publish(conn, friday())
    receipt = send(["plays:write"], "POST", "games/reel/plays", {"play_id": "x/../y", "player": "ada"}).json
    assert receipt["result_url"] == "/v1/plays/x%2F..%2Fy"
    assert send(["plays:write"], "GET", receipt["result_url"].removeprefix("/v1/")).json["play_id"] == "x/../y"
