"""Importing a file of documents: what it would change is shown, then all of it is taken over, or none."""

import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.services.drafts import draft_editing
from webapp.store.people import four_eyes
from webapp.store.rules import drafts, rule_versions
from webapp.store.system.connection import connect

BADGE = {"kind": "badge", "key": "owl", "name": "Night owl", "trigger": {"events": ["*"]}, "condition": None,
         "tier": "gold", "repeat": "once"}  # fmt: skip
PAGE = "/rules/import-file"


def rule(settings, key="owl"):
    with connect(settings.database_url) as conn:
        return rule_versions.rule(conn, key)


def changed(settings, **more):
    return [rule(settings, "week_on_fire").document | more]


def test_the_preview_says_what_is_new_and_changes_nothing(settings, packs, sign_in):
    page = sign_in("author").send(PAGE, text=json.dumps([BADGE])).text
    assert "1 new, 0 changed, 0 restored, 0 unchanged" in page
    assert "award the gold badge Night owl" in page
    assert rule(settings) is None


def test_the_preview_shows_both_sentences_and_each_changed_row(settings, packs, sign_in):
    document = changed(settings, condition={">=": [{"var": "streak.daily.current"}, 9]})
    page = sign_in("author").send(PAGE, text=json.dumps(document)).text
    assert "0 new, 1 changed" in page
    assert "<del>7" in page
    assert "<ins>9" in page
    assert "1 changed</summary>" in page


def test_documents_already_present_are_marked_and_cannot_be_taken_again(settings, packs, sign_in):
    page = sign_in("author").send(PAGE, text=json.dumps(changed(settings))).text
    assert "Everything in this file already exists here" in page


def test_an_exported_file_matches_what_is_here(packs, sign_in):
    browser = sign_in("author")
    exported = browser.open("/chosen-rules/export").data
    file = (io.BytesIO(exported), "rules.json")
    assert "Everything in this file already exists here" in browser.send(PAGE, file=file).text


def test_documents_are_kept_as_drafts_by_an_author(settings, packs, sign_in):
    answer = sign_in("author").send("/rules/imports", PAGE, text=json.dumps([BADGE]))
    assert answer.location == "/rules?status=draft"
    assert rule(settings).status == "draft"


@pytest.mark.parametrize("key", ["new", "import", "new_rule"])
def test_a_rule_has_its_page_whatever_its_key_is(settings, packs, sign_in, key):
    browser = sign_in("author")
    browser.send("/rules/imports", PAGE, text=json.dumps([BADGE | {"key": key}]))
    page = browser.open(f"/rules/{key}")
    assert "award the gold badge Night owl" in page.text
    assert rule(settings, key).status == "draft"


def test_a_publisher_publishes_alone_where_no_approval_is_needed(settings, packs, sign_in):
    browser = sign_in("publisher")
    assert browser.send("/rules/imports", PAGE, text=json.dumps([BADGE]), publish="yes").status_code == 403
    with connect(settings.database_url) as conn:
        four_eyes.switch(conn, on=False)
        conn.commit()
    browser.send("/rules/imports", PAGE, text=json.dumps([BADGE]), publish="yes")
    assert rule(settings).status == "live"


@pytest.mark.parametrize("address", [PAGE, "/rules/imports"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{]", "Invalid JSON"),
        ("[]", "The file contains no rules"),
        ('"owl"', "object"),
        (json.dumps([BADGE, BADGE]), "duplicate key"),
        (json.dumps([BADGE, {**BADGE, "key": "other", "tier": "wooden"}]), "Line 1"),
        (json.dumps({**BADGE, "kind": "mission"}), "goal"),
    ],
)
def test_one_flaw_refuses_the_whole_file(settings, packs, sign_in, address, text, message):
    answer = sign_in("author").send(address, PAGE, text=text)
    assert answer.status_code == 422
    assert message in answer.text
    assert rule(settings) is None


def test_a_file_that_is_not_text_is_refused(sign_in):
    answer = sign_in("author").send(PAGE, file=(io.BytesIO(b"\xff\xfe{"), "rules.json"))
    assert answer.status_code == 422
    assert "not UTF-8 text" in answer.text


def test_one_document_alone_is_a_file_too(settings, packs, sign_in):
    assert "1 new" in sign_in("author").send(PAGE, text=json.dumps(BADGE)).text


def test_a_draft_of_another_kind_under_the_same_key_stays_as_it_is(settings, packs, sign_in):
    with connect(settings.database_url) as conn:
        draft = draft_editing.new_draft(conn, "mission", "ada@campus.example", name="Owl")
        conn.commit()
    sign_in("author").send("/rules/imports", PAGE, text=json.dumps([BADGE]))
    with connect(settings.database_url) as conn:
        assert drafts.draft(conn, draft.id) == draft


def test_importing_waits_for_whoever_publishes_the_same_draft(settings, packs, sign_in):
    """Both take the draft's lock first, then the rulebook's: the other order would end in a deadlock."""
    text, browser = json.dumps(changed(settings, tier="gold")), sign_in("author")
    with connect(settings.database_url) as conn, ThreadPoolExecutor() as pool:
        draft = draft_editing.open_draft(conn, "week_on_fire", "ada@campus.example")
        conn.commit()
        drafts.draft(conn, draft.id, locked=True)
        answer = pool.submit(browser.send, "/rules/imports", PAGE, text=text)
        assert is_waited_for(settings, answer)
        rule_versions.lock(conn)
        conn.commit()
        assert answer.result().status_code == 303
        assert drafts.draft(conn, draft.id).document["tier"] == "gold"


def is_waited_for(settings, answer) -> bool:
    """Whether somebody comes to wait for a lock before the answer is there."""
    with connect(settings.database_url, autocommit=True) as conn:
        while not answer.done():
            if conn.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                return True
    return False


def test_a_rule_that_starts_later_is_distinguished_from_one_that_is_live(settings, conn, packs, sign_in):
    four_eyes.switch(conn, on=False)
    conn.commit()
    documents = [*changed(settings, starts_at="2099-12-01T09:00:00Z"), BADGE]
    browser = sign_in("publisher")
    answer = browser.send("/rules/imports", PAGE, text=json.dumps(documents), publish="yes")
    page = browser.open(answer.location).text
    assert ("week_on_fire: v2 takes over on 1 Dec 2099, 09:00 UTC" in page, "1 rule is live" in page) == (True, True)
    assert (rule(settings, "week_on_fire").live_version, rule(settings).status) == (1, "live")
