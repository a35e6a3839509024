"""POST /v1/events: everything that is rejected, with its code and a pointer to it."""

import json

import pytest

from tests.webapp.api.events import a_batch, an_event

REFUSED = {
    "no id": ({"id": ""}, "/id", "invalid"),
    "a long id": ({"id": "x" * 129}, "/id", "invalid"),
    "an id that is a number": ({"id": 1}, "/id", "invalid"),
    "a NUL in an id": ({"id": "a\0b"}, "/id", "invalid"),
    "half a surrogate pair in an id": ({"id": "a\ud800"}, "/id", "invalid"),
    "a type in capitals": ({"type": "Lesson"}, "/type", "invalid"),
    "a long type": ({"type": "a" * 65}, "/type", "invalid"),
    "a type of our own": ({"type": "laurel.grant"}, "/type", "invalid"),
    "a type with a line break": ({"type": "lesson\n"}, "/type", "invalid"),
    "no player": ({"player": ""}, "/player", "invalid"),
    "a long player's id": ({"player": "x" * 129}, "/player", "invalid"),
    "a player with a slash": ({"player": "a/b"}, "/player", "invalid"),
    "a player with a control character": ({"player": {"id": "a\x85"}}, "/player/id", "invalid"),
    "a player that is a list": ({"player": ["ada"]}, "/player", "invalid"),
    "attributes that are too long": (
        {"player": {"id": "ada", "attributes": {"about": "x" * 2040}}},
        "/player/attributes",
        "too_large",
    ),
    "a player with an unknown member": ({"player": {"id": "ada", "name": "Ada"}}, "/player/name", "unknown_member"),
    "an unknown time zone": ({"player": {"id": "ada", "timezone": "Mars/Olympus"}}, "/player/timezone", "invalid"),
    "a time zone that is a path": ({"player": {"id": "a", "timezone": "../UTC"}}, "/player/timezone", "invalid"),
    "attributes that are a list": ({"player": {"id": "ada", "attributes": []}}, "/player/attributes", "invalid"),
    "a moment without offset": ({"occurred_at": "2026-01-01T00:00:00"}, "/occurred_at", "invalid"),
    "a moment that is none": ({"occurred_at": "yesterday"}, "/occurred_at", "invalid"),
    "a moment that is a number": ({"occurred_at": 1795000000}, "/occurred_at", "invalid"),
    "a moment before 1970": ({"occurred_at": "1969-12-31T23:59:59Z"}, "/occurred_at", "invalid"),
    "properties that are a list": ({"properties": []}, "/properties", "invalid"),
    "properties that are null": ({"properties": None}, "/properties", "invalid"),
    "an unknown member": ({"props": {}}, "/props", "unknown_member"),
    "an integer beyond 2^53": ({"properties": {"a": [0, 2**53 + 1]}}, "/properties/a/1", "invalid"),
    "a float beyond 2^53": ({"properties": {"a": -1e16}}, "/properties/a", "invalid"),
    "NaN": ({"properties": {"a": float("nan")}}, "/properties/a", "invalid"),
    "infinity": ({"properties": {"a/b": {"~": float("-inf")}}}, "/properties/a~1b/~0", "invalid"),
    "a NUL in text": ({"properties": {"a": "\0"}}, "/properties/a", "invalid"),
    "a NUL in a name": ({"properties": {"a\0": 1}}, "/properties/a\0", "invalid"),
    "half a surrogate pair": ({"properties": {"a": ["\udfff"]}}, "/properties/a/0", "invalid"),
    "nine levels": ({"properties": {"a": [[[[[[[[1]]]]]]]]}}, "/properties/a/0/0/0/0/0/0/0", "too_large"),
    "more than 16 KiB": ({"properties": {"a": "x" * 16_380}}, "/properties", "too_large"),
}


@pytest.mark.parametrize(("change", "pointer", "code"), REFUSED.values(), ids=REFUSED)
def test_refuses_a_single_event(post, conn, change, pointer, code):
    answer = post(json.dumps(an_event(**change)).encode())
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert (answer.json["code"], answer.json["errors"][0]["pointer"]) == (code, pointer)
    assert conn.execute("SELECT count(*) FROM event_key").fetchone() == (0,)


@pytest.mark.parametrize(("change", "pointer", "code"), REFUSED.values(), ids=REFUSED)
def test_refuses_within_a_batch_and_takes_the_others(post, change, pointer, code):
    answer = post(json.dumps(a_batch({"id": "before"}, change, {"id": "after"})).encode())
    assert (answer.status_code, answer.json["accepted"], answer.json["rejected"]) == (202, 2, 1)
    problem = answer.json["problems"][0]
    assert (problem["index"], problem["status"], problem["code"]) == (1, "rejected", code)
    assert problem["pointer"] == "/events/1" + pointer


MISSING = ["id", "type", "player"]


FLAWED = {
    "id": "",
    "type": "Lesson",
    "player": {"id": "a/b", "name": "Ada", "timezone": 7},
    "occurred_at": "yesterday",
    "properties": [],
    "props": {},
}
POINTERS = {"/id", "/type", "/player/name", "/player/timezone", "/occurred_at", "/properties", "/props"}


def test_every_flaw_of_an_event_is_named_at_once(post):
    answer = post(json.dumps(FLAWED).encode())
    assert {error["pointer"] for error in answer.json["errors"]} == POINTERS


def test_every_flaw_of_an_event_in_a_batch_is_named_at_once(post):
    answer = post(json.dumps({"events": [FLAWED, an_event()]}).encode())
    (problem,) = answer.json["problems"]
    assert {error["pointer"] for error in problem["errors"]} == {f"/events/0{pointer}" for pointer in POINTERS}
    assert problem["pointer"] == problem["errors"][0]["pointer"]


def test_an_empty_event_lacks_three_members(post):
    answer = post(b"{}")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/id", "/type", "/player"]


def test_a_file_of_flaws_is_not_answered_with_all_of_them(post):
    answer = post(json.dumps({f"x{number}": 1 for number in range(100)}).encode())
    assert len(answer.json["errors"]) == 20


@pytest.mark.parametrize("member", MISSING)
def test_names_a_missing_member(post, member):
    event = an_event()
    del event[member]
    answer = post(event)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{member}")


DOUBLED = {
    "at the top": (b'{"id":"a","id":"b","type":"t","player":"ada"}', "/id"),
    "the same value": (b'{"id":"a","type":"t","player":"ada","properties":{"x":1,"x":1}}', "/properties/x"),
    "deep inside": (b'{"id":"a","type":"t","player":"ada","properties":{"l":[{"x":1,"x":2}]}}', "/properties/l/0/x"),
    "in the player": (b'{"id":"a","type":"t","player":{"id":"ada","id":"bob"}}', "/player/id"),
    "with blanks": (b'{"id" :"a","type":"t","player":"ada","properties":{"x"\n:1,"x":2}}', "/properties/x"),
    "behind an escape": (
        rb'{"id":"a","type":"t","player":"ada","properties":{"x":"\u003a","\u0078":2}}',
        "/properties/x",
    ),
    "beside text that hides it": (b'{"id" :":","id":":","type":"t","player":"ada"}', "/id"),
}


@pytest.mark.parametrize(("text", "pointer"), DOUBLED.values(), ids=DOUBLED)
def test_rejects_a_duplicate_key(post, text, pointer):
    answer = post(text)
    assert (answer.status_code, answer.json["code"]) == (422, "duplicate_key")
    assert answer.json["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(("text", "pointer"), DOUBLED.values(), ids=DOUBLED)
def test_rejects_a_duplicate_key_in_a_batch(post, text, pointer):
    answer = post(b'{"events":[' + text + b"," + json.dumps(an_event()).encode() + b"]}")
    assert (answer.json["accepted"], answer.json["problems"][0]["pointer"]) == (1, f"/events/0{pointer}")


def test_rejects_a_duplicate_batch(post):
    answer = post(b'{"events":[{"id":"a","type":"t","player":"ada"}],"events":[{"id":"b","type":"t","player":"ada"}]}')
    assert (answer.status_code, answer.json["code"]) == (422, "duplicate_key")
    assert answer.json["errors"] == [{"pointer": "/events", "detail": "duplicate key 'events'"}]


ENVELOPES = {
    "no events": ({"events": []}, "/events"),
    "too many events": ({"events": [an_event()] * 1001}, "/events"),
    "events that are no list": ({"events": {"id": "a"}}, "/events"),
    "an unknown member": ({"events": [an_event()], "app": "shop"}, "/app"),
    "a bare list": ([an_event()], ""),
    "text": ("event", ""),
    "null": (None, ""),
}


@pytest.mark.parametrize(("body", "pointer"), ENVELOPES.values(), ids=ENVELOPES)
def test_rejects_the_whole_of(post, body, pointer):
    answer = post(json.dumps(body).encode())
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_an_event_of_a_batch_that_is_not_an_object_is_rejected_alone(post):
    answer = post({"events": [an_event(), 5, None, [], "x"]})
    assert (answer.json["accepted"], answer.json["rejected"]) == (1, 4)


BROKEN = [
    b"",
    b"{",
    b'{"id":',
    b"\xff\xfe",
    b'{"id":"\xff"}',
    b"[" * 100_000,
    b'{"id":"a"}x',
    b"\xef\xbb\xbf{}",
    b'{"a":"\x01"}',
]
BROKEN += [b'{"a":' * 50_000, b'{"n":' + b"1" * 5000 + b"}"]


@pytest.mark.parametrize("body", BROKEN)
def test_invalid_json_is_a_bad_request(post, body):
    answer = post(body)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("levels", [9, 400, 900])
def test_deep_nesting_is_rejected_at_any_depth(post, levels):
    answer = post(b'{"id":"a","type":"t","player":"ada","properties":{"x":' + b"[" * levels + b"]" * levels + b"}}")
    assert answer.status_code in {400, 422}
