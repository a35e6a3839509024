"""Every list takes a limit from 1 to 100 and only its own cursors; every no is a problem with its code."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.jobs.drains import drain, lesson, post, publish
from webapp import projections
from webapp.api.openapi.operation import CURSOR
from webapp.api.openapi.operations import OPERATIONS
from webapp.config import Settings

Get = Callable[..., TestResponse]
KNOWN = {"player": "ada", "key": "weekly_xp"}
LISTS = [name for name, operation in OPERATIONS.items() if CURSOR in operation.asks]


@pytest.fixture
def get(settings: Settings, app: Flask, client: FlaskClient, api_key: Callable[..., str]) -> Get:
    """Ask a list by the name of its route."""
    publish(settings)
    post(settings, [lesson(60)])
    drain(settings)
    projections.rebuild(settings)
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    head = {"Authorization": f"Bearer {api_key('admin')}"}

    def ask(name: str, **query: str) -> TestResponse:
        known = {each: KNOWN[each] for each in rules[name].arguments}
        address = app.url_map.bind("localhost").build(name, known)
        return client.get(address, query_string=query, headers=head)

    return ask


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", ""])
def test_a_limit_out_of_bounds_is_refused_by_every_list(get: Get, limit: str) -> None:
    answers = {name: get(name, limit=limit) for name in LISTS}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(LISTS, 422)
    assert {answer.json["errors"][0]["pointer"] for answer in answers.values()} == {"/limit"}


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", "%%%", "WyJhIiwgMV0="])
def test_a_cursor_of_another_make_is_refused_by_every_list(get: Get, cursor: str) -> None:
    answers = {name: get(name, cursor=cursor) for name in LISTS}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(LISTS, 422)
    assert {answer.json["code"] for answer in answers.values()} == {"invalid"}


def test_every_list_has_its_two_members(get: Get) -> None:
    told = {name: set(get(name, limit="100").json) for name in LISTS}
    assert {name for name, members in told.items() if not {"data", "next_cursor"} <= members} == set()


def test_the_process_says_that_it_lives_can_serve_and_what_waits(settings: Settings, client: FlaskClient) -> None:
    publish(settings)
    post(settings, [lesson(60), lesson(61)])
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    told = client.get("/metrics").text
    assert "laurel_up 1.0" in told
    assert "laurel_pending_entries 2.0" in told
