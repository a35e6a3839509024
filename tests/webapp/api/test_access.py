"""Permissions: a route that declares none is forbidden; keys and scopes; every error in one form."""

import pytest
from flask import Flask

from tests.webapp.api.events import an_event
from webapp.http.access import Role, allow, endpoints_without_permission, set_up
from webapp.store.people import apps, operators, sign_ins


@pytest.fixture
def small(settings):
    """A small application with a few routes, to see what its guard does."""
    app = Flask("small", static_folder=None)
    app.config["LAUREL"] = settings
    app.add_url_rule("/silent", "silent", lambda: "secret")
    app.add_url_rule("/public", "public", allow(public=True)(lambda: "hello"))
    app.add_url_rule("/either", "either", allow(scope="players:read", role=Role.VIEWER)(lambda: "profile"))
    app.add_url_rule("/publishers", "publishers", allow(role=Role.PUBLISHER)(lambda: "press"))
    set_up(app)
    return app


def signed_in(conn, app, role):
    number = operators.new_operator(conn, f"{role}@example.org", role)
    client = app.test_client()
    client.set_cookie("laurel_operator_8000", sign_ins.open_session(conn, number))
    conn.commit()
    return client


def test_a_route_without_a_permission_is_forbidden_and_reported(small):
    assert small.test_client().get("/silent").status_code == 403
    assert endpoints_without_permission(small) == ["silent"]


def test_every_route_of_the_product_declares_a_permission(app):
    assert endpoints_without_permission(app) == []


def test_public_is_public(small):
    assert small.test_client().get("/public").text == "hello"


def test_a_route_accepts_either_a_key_or_an_operator(small, conn, api_key):
    key = {"Authorization": f"Bearer {api_key('players:read')}"}
    assert small.test_client().get("/either").status_code == 401
    assert small.test_client().get("/either", headers=key).status_code == 200
    assert signed_in(conn, small, "viewer").get("/either").status_code == 200


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("author", 403), ("publisher", 200), ("admin", 200)])
def test_a_role_covers_the_ones_before_it(small, conn, role, status):
    assert signed_in(conn, small, role).get("/publishers").status_code == status


def test_a_disabled_operator_is_locked_out_at_once(small, conn):
    client = signed_in(conn, small, "admin")
    operators.disable(conn, 1)
    conn.commit()
    assert client.get("/publishers").status_code == 401


BAD_KEYS = ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer laurel_é", "Token x"]


@pytest.mark.parametrize("header", BAD_KEYS)
def test_without_a_key_nothing_is_accepted(client, header):
    answer = client.post("/v1/events", json=an_event(), headers={"Authorization": header})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_not_a_key(app, conn):
    assert signed_in(conn, app, "admin").post("/v1/events", json=an_event()).status_code == 401


def test_a_missing_scope_is_forbidden(client, api_key):
    answer = client.post("/v1/events", json=an_event(), headers={"Authorization": f"Bearer {api_key('players:read')}"})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_the_use_of_a_key_is_recorded(post, conn):
    post(an_event())
    assert apps.keys(conn)[0].last_used_at is not None


@pytest.mark.parametrize(
    ("method", "path", "status"), [("get", "/v1/nothing", 404), ("delete", "/v1/events", 405), ("get", "/v1/", 404)]
)
def test_an_unknown_endpoint_is_a_problem_too(client, method, path, status):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_a_problem_has_all_its_members(post):
    answer = post(an_event(type="LOUD"))
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "errors"}
    assert answer.json["errors"] == [{"pointer": "/type", "detail": answer.json["detail"]}]


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_only_json_is_read(client, key, kind):
    answer = client.post("/v1/events", data=b"{}", content_type=kind, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 415


def test_a_body_that_is_too_long_is_rejected(app, key):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = app.test_client().post(
        "/v1/events", json=an_event(id="x" * 2000), headers={"Authorization": f"Bearer {key}"}
    )
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("address", ["/v1/players/a%00da", "/v1/players?query=%00", "/sign-in?next=%00"])
def test_a_url_that_contains_nul_is_rejected(client, api_key, address: str):
    answer = client.get(address, headers={"Authorization": f"Bearer {api_key('players:read')}"})
    assert answer.status_code == 400


def test_a_form_that_contains_nul_is_rejected(client):
    assert client.post("/sign-in", data={"email": "ada\0@example.org", "password": "x"}).status_code == 400
