"""Every list takes a limit from 1 to 100 and only its own cursors; every error is a problem with its code."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.services.drains import RULES, drain, lesson, post, publish
from webapp import projections
from webapp.api.openapi.operation import CURSOR
from webapp.api.openapi.operations import OPERATIONS
from webapp.config import Settings
from webapp.store.rules import rule_versions

Get = Callable[..., TestResponse]
KNOWN = {"player": "ada", "key": "weekly_xp"}
LISTS = [name for name, operation in OPERATIONS.items() if CURSOR in operation.parameters]


@pytest.fixture
def get(settings: Settings, app: Flask, client: FlaskClient, api_key: Callable[..., str]) -> Get:
    """Request a list by the endpoint of its route."""
    publish(settings)
    post(settings, [lesson(60)])
    drain(settings)
    projections.rebuild(settings)
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    head = {"Authorization": f"Bearer {api_key('admin')}"}

    def ask(name: str, **query: str) -> TestResponse:
        known = {argument: KNOWN[argument] for argument in rules[name].arguments}
        address = app.url_map.bind("localhost").build(name, known)
        return client.get(address, query_string=query, headers=head)

    return ask


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", "", "0000000019999", "1" * 5000])
def test_a_limit_out_of_bounds_is_rejected_by_every_list(get: Get, limit: str) -> None:
    answers = {name: get(name, limit=limit) for name in LISTS}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(LISTS, 422)
    assert {answer.json["errors"][0]["pointer"] for answer in answers.values()} == {"/limit"}


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", "%%%", "WyJhIiwgMV0=", "A" * 2000])
def test_a_foreign_cursor_is_rejected_by_every_list(get: Get, cursor: str) -> None:
    answers = {name: get(name, cursor=cursor) for name in LISTS}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(LISTS, 422)
    assert {answer.json["code"] for answer in answers.values()} == {"invalid"}


@pytest.mark.parametrize("place", [10**30, -(10**30), "a\0b", (1, "a\0b"), (1e300, "ada"), (10**30, 1)])
def test_a_cursor_with_impossible_values_is_rejected_by_every_list(get: Get, place: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    assert {name: get(name, cursor=cursor).status_code for name in LISTS} == dict.fromkeys(LISTS, 422)


def test_a_cursor_holds_the_longest_id(settings: Settings, get: Get) -> None:
    longest = [f"zz{number}" + "\U0001f33f" * 125 for number in range(2)]
    post(settings, [lesson(100 + number, player) for number, player in enumerate(longest)])
    drain(settings)
    first = get("v1_players.search", query="zz", limit="1").json
    second = get("v1_players.search", query="zz", limit="1", cursor=first["next_cursor"]).json
    assert [row["player"] for row in (*first["data"], *second["data"])] == longest
    assert second["next_cursor"] is None


@pytest.mark.parametrize(("name", "count"), [("v1_players.badges", 2), ("v1_rules.list_rules", len(RULES))])
def test_a_list_by_key_is_walked_in_order_to_its_end(get: Get, name: str, count: int) -> None:
    page, keys = get(name, limit="1").json, []
    while page["next_cursor"] is not None:
        keys += [row["key"] for row in page["data"]]
        page = get(name, limit="1", cursor=page["next_cursor"]).json
    keys += [row["key"] for row in page["data"]]
    assert (keys, len(keys)) == (sorted(keys), count)


def test_every_list_has_its_two_members(get: Get) -> None:
    answers = {name: set(get(name, limit="100").json) for name in LISTS}
    assert {name for name, members in answers.items() if not {"data", "next_cursor"} <= members} == set()


def test_health_readiness_and_metrics_are_reported(settings: Settings, client: FlaskClient) -> None:
    publish(settings)
    post(settings, [lesson(60), lesson(61)])
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    metrics = client.get("/metrics").text
    assert "laurel_up 1.0" in metrics
    assert "laurel_pending_entries 2.0" in metrics


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("PATCH", "/v1/events", 405, "method_not_allowed"), ("GET", "/v1/nowhere", 404, "not_found")],
)
def test_an_unrouted_request_is_a_problem_with_its_code(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.json["code"], answer.mimetype) == (status, code, "application/problem+json")
    assert answer.headers.get("Allow", "").split(", ") == (["POST", "OPTIONS"] if status == 405 else [""])


def test_an_internal_error_is_a_problem_too(
    app: Flask, client: FlaskClient, api_key: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rule_versions, "all_rules", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = client.get("/v1/rules", headers={"Authorization": f"Bearer {api_key('rules:read')}"})
    assert (answer.status_code, answer.json["code"], answer.mimetype) == (500, "internal", "application/problem+json")
