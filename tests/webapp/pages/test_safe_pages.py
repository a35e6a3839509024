"""What holds for every page: headers, numbers, hosts, tokens, redirects, errors of the database."""

import re
from dataclasses import replace

import psycopg
import pytest
from flask import redirect
from psycopg import errors

from tests.house_rules.tree import ROOT
from tests.webapp.pages.conftest import TOKEN, Browser, signed_in_browser
from webapp.http import headers
from webapp.http.access import permission_of
from webapp.http.headers import SECURITY_HEADERS
from webapp.http.problems import problem_of
from webapp.store.system.connection import is_unavailable

HUGE = "9" * 30
QUERY_NAMES = re.compile(r"""(?:args\.get\(|number_in_query\(|args\.getlist\()["'](\w+)["']""")


def names_in_queries():
    """Every name that a page reads from its query."""
    sources = (path.read_text("utf-8") for path in (ROOT / "webapp" / "pages").rglob("*.py"))
    return {name for source in sources for name in QUERY_NAMES.findall(source)}


def test_no_number_is_too_long_for_a_page(app, world, sign_in):
    """In its path or its query, digits alone or in a cursor; a page may find nothing, but does not break."""
    browser = sign_in("admin")
    names = names_in_queries()
    assert {"before", "after", "n", "start"} <= names
    app.config["PROPAGATE_EXCEPTIONS"] = False
    broken = []
    for rule in app.url_map.iter_rules():
        permission = permission_of(app.view_functions[rule.endpoint])
        if "GET" not in (rule.methods or ()) or permission is None or permission.role is None:
            continue
        path = re.sub(r"<int:[a-z_]+>", HUGE, rule.rule).replace("<player>", "ada").replace("<board>", "weekly_xp")
        path = re.sub(r"<[^>]*>", "first_step", path)
        for value in (HUGE, f"2026-11-30.{HUGE}"):
            answer = browser.client.get(path, query_string=dict.fromkeys(names, value))
            if answer.status_code == 500:  # streams, which no test client can open, are 501
                broken.append((path, value))
    assert broken == []


def test_a_token_of_another_session_is_refused_whatever_cookie_is_planted(app, settings):
    """Who can set cookies for this host, such as another port on it, still has no token for somebody else's session."""
    admin, viewer = (signed_in_browser(app, settings, name, name) for name in ("admin", "viewer"))
    token = TOKEN.search(viewer.open("/account").text)
    planted = viewer.client.get_cookie(f"laurel_{settings.port}")
    admin.client.set_cookie(planted.key, planted.value)
    answer = admin.client.post("/operators/four-eyes", data={"csrf_token": token[1] or token[2], "on": "no"})
    assert answer.status_code == 400
    assert admin.send("/operators/four-eyes", "/operators", on="yes").status_code == 303


def test_a_token_ends_with_its_session(app, settings):
    browser = signed_in_browser(app, settings, "admin", "admin")
    token = TOKEN.search(browser.open("/account").text)
    again = signed_in_browser(app, settings, "other", "admin")
    browser.client.set_cookie(f"laurel_operator_{settings.port}", again.client.get_cookie("laurel_operator_8000").value)
    answer = browser.client.post("/operators/four-eyes", data={"csrf_token": token[1] or token[2], "on": "no"})
    assert answer.status_code == 400


@pytest.mark.parametrize("location", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x()"])
def test_no_route_can_redirect_to_another_site(app, location):
    with app.test_request_context("/"):
        answer = headers._without_foreign_redirect(redirect("/"))
        assert answer.headers["Location"] == "/"
        answer.headers["Location"] = location
        assert headers._without_foreign_redirect(answer).headers["Location"] == "/"


def test_a_foreign_host_is_answered_by_no_route(app_for, settings):
    app = app_for(replace(settings, own_url="https://laurel.example.org"))
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        if path not in {"/healthz", "/readyz", "/metrics"} and "GET" in (rule.methods or ()):
            assert app.test_client().get(path, headers={"Host": "evil.example"}).status_code == 421, path


def test_what_a_request_says_of_its_host_is_not_believed(sign_in):
    browser = sign_in("admin")
    token = TOKEN.search(browser.client.get("/operators").text)
    fields = {"csrf_token": token[1] or token[2], "email": "new@campus.example", "role": "viewer"}
    browser.client.set_cookie("laurel_operator_8000", browser.client.get_cookie("laurel_operator_8000").value)
    answer = browser.client.post("/operators", data=fields, headers={"X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 201
    assert "http://127.0.0.1:8000/sign-in/" in answer.text
    assert "evil.example" not in answer.text


def test_every_answer_has_the_security_headers(app, client):
    """Also refusals, problems of the API, and what runs on the event loop."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS"}:
            answer = client.open(path, method=method)
            assert SECURITY_HEADERS.keys() - {"X-Frame-Options"} <= set(answer.headers.keys()), (method, path)


def test_a_one_time_link_is_made_from_the_public_url(app_for, settings):
    public = replace(settings, own_url="https://laurel.example.org")
    browser = signed_in_browser(app_for(public), public, "admin", "admin", host="laurel.example.org")
    address = {"base_url": "https://laurel.example.org"}
    token = TOKEN.search(browser.client.get("/operators", **address).text)
    fields = {"csrf_token": token[1] or token[2], "email": "new@campus.example", "role": "viewer"}
    answer = browser.client.post(
        "/operators", data=fields, **address, headers={"Referer": "https://laurel.example.org/"}
    )
    assert answer.status_code == 201
    assert "https://laurel.example.org/sign-in/" in answer.text


def test_under_tls_every_cookie_is_secure_and_browsers_are_told_to_keep_to_it(app_for, settings):
    public = replace(settings, own_url="https://laurel.example.org")
    browser = signed_in_browser(app_for(public), public, "admin", "admin", host="laurel.example.org")
    answer = browser.client.get("/account", base_url="http://laurel.example.org")  # as a proxy passes it on
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    assert [cookie for cookie in cookies if not cookie.startswith("__Host-") or "Secure" not in cookie] == []


UNAVAILABLE = ("08", "40", "53", "55", "57", "58")
ERRORS = [error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, psycopg.Error)]


def test_every_error_that_passes_is_answered_with_503_and_every_mistake_of_ours_is_not():
    """By the class of its state, as PostgreSQL's manual lists them (appendix A)."""
    for kind in ERRORS:
        state = kind.sqlstate
        if state is None:
            continue
        passes = state.startswith(UNAVAILABLE) or state in {"25P03", "25P04"}
        problem = problem_of(kind("planted"))
        assert is_unavailable(kind("planted")) == passes, kind
        assert (problem is not None and problem.status == 503) == passes, kind


@pytest.mark.parametrize("kind", [errors.IdleInTransactionSessionTimeout, errors.QueryCanceled])
def test_a_page_that_takes_too_long_says_so(sign_in, monkeypatch, kind):
    browser = sign_in("viewer")

    def be_late(*_):
        raise kind("late")

    monkeypatch.setattr("webapp.pages.layout.side_bar_counts", be_late)
    answer = browser.client.get("/rules")
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_metrics_ask_for_their_token_where_there_is_one(app_for, settings):
    client = app_for(replace(settings, metrics_token="secret")).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer secret"}).status_code == 200


def test_metrics_are_public_otherwise(client):
    assert client.get("/metrics").status_code == 200


def test_static_files_may_be_cached(stranger: Browser):
    with stranger.client.get("/static/css/code.css") as answer:
        assert "no-store" not in answer.headers["Cache-Control"]
