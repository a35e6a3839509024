"""What the server adds to every answer: tags, compression, the right methods; and what it takes: gzip bodies."""

import gzip
import json

import pytest

from tests.asgi import request
from tests.webapp.api.events import an_event
from webapp.api.request_body import decompressed
from webapp.http.problems import ApiProblem

GZIP = {"content_type": "application/json", "content_encoding": "gzip"}


@pytest.fixture
def authorization(api_key):
    return f"Bearer {api_key('events:write', 'plays:write', 'players:read')}"


def post(app, authorization, event, **headers):
    headers = {"content_type": "application/json"} | headers
    return request(app, "POST", "/v1/events", body=json.dumps(event).encode(), authorization=authorization, **headers)


def test_an_event_is_accepted_with_all_headers(app, authorization):
    answer = post(app, authorization, an_event())
    assert answer.status == 202
    assert answer.body == b'{"accepted":1,"conflict":0,"duplicate":0,"problems":[],"rejected":0}\n'
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["ratelimit"].startswith('"requests";r=')


@pytest.mark.parametrize("path", ["/v1/events/ev-1", "/v1/openapi.json"])
def test_who_has_the_answer_already_gets_none(app, authorization, path):
    post(app, authorization, an_event())
    first = request(app, "GET", path, authorization=authorization)
    assert first.headers["etag"].startswith('W/"')
    again = request(app, "GET", path, authorization=authorization, if_none_match=f'"other", {first.headers["etag"]}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert "content-length" not in again.headers
    assert request(app, "GET", path, authorization=authorization, if_none_match='"other"').status == 200


@pytest.mark.parametrize("path", ["/v1/events/ev-1", "/healthz", "/v1/openapi.json"])
def test_head_has_the_headers_of_get_and_no_body(app, authorization, path):
    post(app, authorization, an_event())
    got, head = (request(app, method, path, authorization=authorization) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, b"")
    assert {name: head.headers[name] for name in ("content-length", "etag")} == {
        name: got.headers[name] for name in ("content-length", "etag")
    }


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/v1/events", {"POST", "OPTIONS"}), ("/v1/plays/p1", {"GET", "HEAD", "OPTIONS"}), ("/v1/nothing", set())],
)
def test_options_and_a_wrong_method_name_the_right_ones_without_a_key(app, path, methods):
    asked, refused = request(app, "OPTIONS", path), request(app, "PATCH", path)
    assert (asked.status, refused.status) == ((200, 405) if methods else (404, 404))
    for answer in (asked, refused):
        assert set(filter(None, answer.headers.get("allow", "").split(", "))) == methods
    assert json.loads(refused.body)["code"] == ("method_not_allowed" if methods else "not_found")


def test_a_long_answer_is_compressed_for_who_accepts_it(app):
    plain = request(app, "GET", "/v1/openapi.json")
    small = request(app, "GET", "/v1/openapi.json", accept_encoding="br, gzip")
    assert plain.headers["vary"] == small.headers["vary"] == "HX-Request, Accept-Encoding"
    assert ("content-encoding" in plain.headers, small.headers["content-encoding"]) == (False, "gzip")
    assert (gzip.decompress(small.body), int(small.headers["content-length"])) == (plain.body, len(small.body))
    assert "content-encoding" not in request(app, "GET", "/v1/openapi.json", accept_encoding="gzip;q=0").headers


def test_a_page_beside_a_cookie_is_not_compressed(app):
    assert "content-encoding" in request(app, "GET", "/sign-in", accept_encoding="gzip").headers
    assert "content-encoding" not in request(app, "GET", "/sign-in", accept_encoding="gzip", cookie="a=b").headers


def test_static_files_are_compressed_and_tagged(app):
    file = request(app, "GET", "/static/js/laurel.js", accept_encoding="gzip")
    again = request(app, "GET", "/static/js/laurel.js", accept_encoding="gzip", if_none_match=file.headers["etag"])
    assert again.status == 304


@pytest.mark.parametrize("path", ["/v1/events", "/v1/rules"])
def test_a_body_may_be_compressed(app, api_key, path):
    authorization = f"Bearer {api_key('events:write', 'rules:write')}"
    body = gzip.compress(json.dumps(an_event() if path == "/v1/events" else []).encode())
    assert request(app, "POST", path, body=body, authorization=authorization, **GZIP).status in {200, 202, 422}
    bad = request(app, "POST", path, body=body[:-9], authorization=authorization, **GZIP)
    assert (bad.status, json.loads(bad.body)["code"]) == (400, "invalid")
    other = {"content_type": "application/json", "content_encoding": "br"}
    assert request(app, "POST", path, body=body, authorization=authorization, **other).status == 415


def test_a_small_body_that_becomes_a_huge_one_is_refused_before_it_does():
    with pytest.raises(ApiProblem) as refused:
        decompressed(gzip.compress(b" " * 50_000_000), 1_000_000)
    assert (refused.value.status, refused.value.code) == (413, "too_large")


def test_a_compressed_event_counts_like_a_plain_one(app, authorization):
    body = gzip.compress(json.dumps(an_event()).encode())
    assert request(app, "POST", "/v1/events", body=body, authorization=authorization, **GZIP).status == 202
    assert json.loads(post(app, authorization, an_event()).body)["duplicate"] == 1
