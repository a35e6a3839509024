"""`/v1/rules`: the same over HTTP, with problem+json for every no."""

import pytest

from tests.webapp.rules.documents import LESSON_XP, LESSONS, TEN_LESSONS
from webapp.store.system.connection import connect


def test_documents_are_kept_as_drafts_or_published(call):
    stored = call("post", "/v1/rules", json=[LESSONS])
    assert (stored.status_code, stored.json) == (200, {"versions": {"lessons": 1}, "rulebook": None})
    live = call("post", "/v1/rules?publish=true", json=[LESSONS])
    assert (live.status_code, live.json) == (200, {"versions": {"lessons": 1}, "rulebook": 1})


def test_every_problem_is_listed_with_its_pointer(call):
    answer = call(
        "post", "/v1/rules?publish=true", json=[LESSONS, LESSON_XP | {"grant": {}}, TEN_LESSONS | {"tier": 1}]
    )
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert {error["pointer"] for error in answer.json["errors"]} == {"/1/grant", "/2/tier"}
    assert call("get", "/v1/rules").json["data"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b"[", 400, "invalid_json"), (b"{}", 422, "invalid"), (b'[{"a": 1, "a": 2}]', 422, "duplicate_key")],
)
def test_a_body_that_is_not_a_list_of_documents_is_refused(call, body, status, code):
    answer = call("post", "/v1/rules", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.parametrize("query", ["publish=maybe", "past=never&publish=true", "past=award"])
def test_invalid_parameters_are_refused(call, query):
    assert call("post", f"/v1/rules?{query}", json=[LESSONS]).status_code == 422


def test_rules_are_listed_in_pages(call):
    call("post", "/v1/rules?publish=true", json=[LESSONS, LESSON_XP, TEN_LESSONS])
    first = call("get", "/v1/rules?limit=2").json
    second = call("get", f"/v1/rules?limit=2&cursor={first['next_cursor']}").json
    assert [rule["key"] for rule in [*first["data"], *second["data"]]] == ["lesson_xp", "lessons", "ten_lessons"]
    assert second["next_cursor"] is None
    assert [rule["key"] for rule in call("get", "/v1/rules?kind=badge").json["data"]] == ["ten_lessons"]


def test_one_rule_is_shown_with_its_document(call):
    call("post", "/v1/rules?publish=true", json=[LESSON_XP])
    rule = call("get", "/v1/rules/lesson_xp").json
    assert (rule["status"], rule["live_version"], rule["document"]) == ("live", 1, LESSON_XP)
    assert call("get", "/v1/rules/nothing").status_code == 404


def test_pausing_and_resuming_may_be_repeated(call, status):
    call("post", "/v1/rules?publish=true", json=[LESSON_XP])
    for _ in range(2):
        assert call("put", "/v1/rules/lesson_xp/pause").json["status"] == "paused"
    for _ in range(2):
        assert call("delete", "/v1/rules/lesson_xp/pause").status_code == 200
        assert status("lesson_xp") == "live"


def test_a_rule_others_depend_on_is_neither_paused_nor_archived(call, status):
    call("post", "/v1/rules?publish=true", json=[LESSONS, TEN_LESSONS])
    for method, path in (("put", "/v1/rules/lessons/pause"), ("delete", "/v1/rules/lessons")):
        answer = call(method, path)
        assert (answer.status_code, answer.json["detail"]) == (409, "lessons is needed by ten_lessons")
    assert status("lessons") == "live"


def test_a_live_rule_that_later_checks_would_refuse_holds_up_no_other(call, settings):
    levels = {"kind": "levels", "key": "levels", "name": "Levels", "formula": "doubling"}
    call("post", "/v1/rules?publish=true", json=[LESSONS, levels])
    with connect(settings.owner_url) as conn:
        laxer = "jsonb_set(document, '{formula}', '\"tripling\"')"
        conn.execute(f"UPDATE rule_version SET document = {laxer} WHERE key = 'levels'")
        conn.commit()
    assert call("put", "/v1/rules/lessons/pause").status_code == 200


def test_text_that_cannot_be_stored_is_refused_at_its_place(call):
    answer = call("post", "/v1/rules", json=[LESSONS | {"examples": [{"says": "a\0b"}]}])
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/0/examples/0/says")


def test_a_rule_whose_metric_is_gone_is_not_resumed(call, status):
    call("post", "/v1/rules?publish=true", json=[LESSONS, TEN_LESSONS])
    call("put", "/v1/rules/ten_lessons/pause")
    assert call("delete", "/v1/rules/lessons").status_code == 204
    assert call("delete", "/v1/rules/ten_lessons/pause").status_code == 409
    assert status("ten_lessons") == "paused"


def test_a_draft_cannot_be_paused(call):
    call("post", "/v1/rules", json=[LESSON_XP])
    assert call("put", "/v1/rules/lesson_xp/pause").status_code == 409


def test_an_archived_rule_comes_back_as_a_draft(call, status):
    call("post", "/v1/rules?publish=true", json=[LESSON_XP])
    call("delete", "/v1/rules/lesson_xp")
    assert status("lesson_xp") == "archived"
    call("post", "/v1/rules", json=[LESSON_XP])
    assert status("lesson_xp") == "draft"


def test_a_key_without_the_scope_may_not_write_rules(client, api_key):
    head = {"Authorization": f"Bearer {api_key('rules:read')}"}
    assert client.post("/v1/rules", json=[LESSON_XP], headers=head).status_code == 403
    assert client.get("/v1/rules", headers=head).status_code == 200
