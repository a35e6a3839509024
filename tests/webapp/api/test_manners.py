"""What holds for every address of the API: errors are problems, methods are told truly, a misspelt query is refused."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.asgi import request
from tests.webapp.campaigns.friday_weekend import friday, publish
from tests.webapp.services import drains as world
from webapp import projections
from webapp.api.openapi.operations import OPERATIONS, parameter_names
from webapp.http import player_tokens
from webapp.http.access import permission_of
from webapp.http.player_tokens import PlayerToken
from webapp.store.people import apps

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "OPTIONS")
SOME_UUID = "00000000-0000-0000-0000-000000000000"


def addresses(app: Flask) -> Iterator[str]:
    """An example of every address under `/v1`, and some that are none."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v1/") and not rule.websocket and "fallback" not in rule.endpoint:
            yield re.sub(r"<[^>]*>", "x1", re.sub(r"<uuid:[^>]*>", SOME_UUID, rule.rule))
    yield from ("/v1/", "/v1/nothing", "/v1/players/a/b/c")


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic YTpi"])
def test_every_method_of_every_address_answers_errors_as_problems(app: Flask, authorization: str | None) -> None:
    headers = {"authorization": authorization} if authorization else {}
    wrong = []
    for address in sorted(set(addresses(app))):
        for method in METHODS:
            answer = request(app, method, address, **headers)
            kind = answer.headers.get("content-type")
            if answer.status >= 400 and kind != "application/problem+json":
                wrong.append((method, address, answer.status, kind))
            if answer.status == 405 and not answer.headers.get("allow"):
                wrong.append((method, address, "no Allow"))
    assert wrong == []


def test_options_names_the_same_methods_as_a_405_and_each_of_them_is_served(app: Flask) -> None:
    for address in sorted(set(addresses(app))):
        options = request(app, "OPTIONS", address)
        refused = request(app, "PROPFIND", address)
        assert options.headers.get("allow") == refused.headers.get("allow"), address
        assert (options.status, refused.status) in {(200, 405), (404, 404)}, address
        for method in options.headers.get("allow", "OPTIONS").split(", "):
            assert request(app, method, address).status != 405, (method, address)


def test_an_unknown_or_repeated_parameter_is_refused_everywhere_with_its_name(
    app: Flask, client: FlaskClient, api_key: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {api_key('admin')}"}
    names, rules = parameter_names(), {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for endpoint in names.keys() - {"v1_live.live"}:
        rule = rules[endpoint]
        address = re.sub(r"<[^>]*>", "x1", re.sub(r"<uuid:[^>]*>", SOME_UUID, rule.rule))
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        answer = client.open(f"{address}?ids=1&ids=2", method=method, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (422, "unknown_parameter"), endpoint
        assert [error["pointer"] for error in answer.json["errors"]] == ["/ids"], endpoint
    twice = client.get("/v1/rules?kind=badge&kind=metric", headers=headers)
    assert (twice.status_code, twice.json["errors"][0]["pointer"]) == (422, "/kind")
    near = client.get("/v1/players?querry=a", headers=headers)
    assert "did you mean 'query'?" in near.json["detail"]


@pytest.mark.parametrize("path", ["/v1/players/ada", "/v1/events/ev-1"])
def test_each_reason_for_a_401_reads_differently(conn, settings, app: Flask, api_key, path: str) -> None:
    """Below Flask and on the event loop alike."""
    publish(conn, friday())
    revoked = api_key("admin")
    (key,) = apps.keys(conn)
    token = player_tokens.sign(settings.secret_key, PlayerToken(key.app_id, "ada", "reel", key.id))
    apps.revoke_key(conn, key.id)
    conn.commit()
    sent = [{}, {"authorization": "Basic YTpi"}, {"authorization": "Bearer laurel_mistyped"},
            {"authorization": f"Bearer {revoked}"}, {"authorization": f"Bearer {token}"}]  # fmt: skip
    answers = [request(app, "GET", path, **headers) for headers in sent]
    assert [answer.status for answer in answers] == [401] * len(sent)
    details = [json.loads(answer.body)["detail"] for answer in answers]
    assert len(set(details)) == len(sent), details
    challenges = [answer.headers["www-authenticate"] for answer in answers]
    assert challenges[:2] == ["Bearer", "Bearer"]
    for detail, challenge in zip(details[2:], challenges[2:], strict=True):
        assert challenge == f'Bearer error="invalid_token", error_description="{detail}"'


def test_a_player_token_in_its_own_header_is_told_apart_from_no_key(settings, app: Flask, api_key) -> None:
    api_key("admin")
    token = player_tokens.sign(settings.secret_key, PlayerToken(1, "ada", "reel", 1))
    answer = request(app, "GET", "/v1/players/ada", x_player_token=token)
    assert "player token" in json.loads(answer.body)["detail"]
    forged = request(app, "GET", "/v1/plays/p1/stream", x_player_token="forged")
    assert (forged.status, "not valid" in json.loads(forged.body)["detail"]) == (401, True)


def test_every_described_route_is_one_that_takes_a_scope(app: Flask) -> None:
    undemanding = [name for name in parameter_names() if permission_of(app.view_functions[name]).scope is None]
    assert undemanding == ["v1_openapi.show"]


def moments(value: Any) -> Iterator[str]:
    """Every text of an answer that looks like a time; the documents of rules are as their authors wrote them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from moments(inner) if name != "document" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from moments(inner)
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        yield value


def test_every_time_in_every_answer_has_the_one_form(conn, settings, app, client, api_key) -> None:
    """RFC 3339 in UTC with Z: whoever parses one can parse all."""
    reward = {
        "kind": "reward",
        "key": "mug",
        "name": "Mug",
        "cost": {"coins": 0},
        "starts_at": "2026-01-01T00:00:00+01:00",
    }
    world.publish(settings)
    publish(conn, friday(), reward)
    world.post(settings, [world.lesson(60 + number) for number in range(9)])
    world.drain(settings)
    projections.rebuild(settings)
    headers = {"Authorization": f"Bearer {api_key('admin')}"}
    client.post("/v1/rewards/mug/redemptions", json={"player": "ada", "redemption_id": "r1"}, headers=headers)
    known = {"player": "ada", "rule": "first_step", "event_id": "ev-60", "redemption_id": "r1"}
    keys = {"v1_leaderboards.show": "weekly_xp", "v1_rules.show_rule": "mug", "v1_campaigns.budget": "friday"}
    seen = Counter[str]()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPERATIONS and "GET" in (rule.methods or ()) and rule.arguments <= {*known, "key"}:
            values = {"key": keys.get(rule.endpoint, "mug"), **known}
            address = app.url_map.bind("localhost").build(
                rule.endpoint, {name: values[name] for name in rule.arguments}
            )
            answer = client.get(address, headers=headers)
            assert answer.status_code == 200, (address, answer.json)
            seen[rule.endpoint] = len([*moments(answer.json)])
            assert [text for text in moments(answer.json) if not text.endswith("Z")] == [], address
    assert sum(count > 0 for count in seen.values()) >= 10, seen


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("rules?kind=zzz", "/kind"), ("rules?status=gone", "/status"), ("leaderboards/weekly_xp?segment=x", "/segment")],
)
def test_a_filter_that_can_match_nothing_is_refused(settings, client, api_key, query: str, pointer: str) -> None:
    world.publish(settings)
    answer = client.get(f"/v1/{query}", headers={"Authorization": f"Bearer {api_key('admin')}"})
    assert (answer.status_code, [error["pointer"] for error in answer.json["errors"]]) == (422, [pointer])


def test_a_publication_that_does_not_exist_is_not_found_whatever_its_id_is_like(client, api_key) -> None:
    for name in ("7", SOME_UUID):
        answer = client.get(f"/v1/publications/{name}", headers={"Authorization": f"Bearer {api_key('admin')}"})
        assert (answer.status_code, answer.json["detail"]) == (404, f"no such publication: {name!r}")


def test_refusals_of_different_kinds_have_different_codes(client, api_key) -> None:
    headers = {"Authorization": f"Bearer {api_key('admin')}"}
    plain = client.post("/v1/events", data=b"x", content_type="text/plain", headers=headers)
    assert (plain.status_code, plain.json["code"]) == (415, "unsupported_media_type")
    empty, long = (client.post("/v1/events", json={"events": [{}] * n}, headers=headers) for n in (0, 1001))
    assert (empty.json["code"], long.json["code"]) == ("invalid", "too_large")


def test_the_timeline_names_no_event_that_an_app_cannot_ask_for(settings, client, api_key) -> None:
    world.publish(settings)
    world.post(settings, [world.lesson(60)])
    world.drain(settings)
    headers = {"Authorization": f"Bearer {api_key('admin')}"}
    client.post("/v1/players/ada/grants", json={"xp": 1, "reason": "kind"}, headers=headers)
    rows = client.get("/v1/players/ada/timeline", headers=headers).json["data"]
    assert [(row["type"], row["event"]) for row in rows] == [("laurel.grant", None), ("lesson_completed", "ev-60")]
    assert client.get("/v1/events/ev-60", headers=headers).status_code == 200
