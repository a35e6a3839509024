"""The list of rules: what it finds, how each rule stands, and what is done with several at once."""

import json
import re
from datetime import timedelta

import pytest

from tests.webapp.campaigns import friday_weekend
from webapp.runtime import clock
from webapp.services.drafts import draft_editing
from webapp.services.publishing import publish
from webapp.services.publishing.publish import apply_documents
from webapp.store.people import audit
from webapp.store.rules import rule_versions, submissions
from webapp.store.system.connection import connect

SHOWN = re.compile(r'<tr id="rule-([a-z_]+)"')


def listed_keys(page: str) -> list[str]:
    return SHOWN.findall(page)


def row(page: str, key: str) -> str:
    return page.split(f'<tr id="rule-{key}">')[1].partition("</tr>")[0]


def standing(settings, *keys):
    with connect(settings.database_url) as conn:
        return [rule_versions.rule(conn, key).status for key in keys]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("kind=mission&q=five", ["five_a_week"]),
        ("q=WEEK_ON", ["week_on_fire"]),
        ("q=a+peer+is+helped&kind=badge", []),
        ("q=nothing+like+it", []),
        ("status=paused", []),
        ("kind=reward", []),
    ],
)
def test_the_address_says_which_rules_are_shown(packs, sign_in, query, keys):
    assert listed_keys(sign_in("viewer").open(f"/rules?{query}").text) == keys


def test_a_draft_of_a_new_rule_is_listed_with_its_sentence(settings, packs, sign_in):
    with connect(settings.database_url) as conn:
        draft_editing.new_draft(conn, "badge", "ada@campus.example", name="Night owl")
        conn.commit()
    page = sign_in("author").open("/rules?status=draft").text
    assert listed_keys(page) == ["night_owl"]
    assert 'class="lr-status is-draft">Draft' in row(page, "night_owl")
    assert "ada@campus.example" in row(page, "night_owl")


@pytest.mark.parametrize(("role", "leads_to"), [("author", "edit"), ("viewer", "review")])
def test_a_rule_that_exists_only_as_a_draft_can_be_edited_or_viewed(settings, sign_in, role, leads_to):
    with connect(settings.database_url) as conn:
        draft_editing.new_draft(conn, "badge", "ada@campus.example", name="Night owl")
        conn.commit()
    answer = sign_in(role).open("/rules/night_owl")
    assert (answer.status_code, answer.request.path) == (200, f"/rules/night_owl/{leads_to}")


def test_a_live_rule_with_a_draft_is_listed_as_both(settings, packs, sign_in):
    with connect(settings.database_url) as conn:
        draft_editing.open_draft(conn, "first_step", "ada@campus.example")
        conn.commit()
    page = sign_in("viewer").open("/rules").text
    assert "Live, draft" in row(page, "first_step")
    assert listed_keys(sign_in("author").open("/rules?status=draft").text) == ["first_step"]


def test_a_draft_that_waits_for_approval_is_listed_as_in_review(settings, packs, sign_in):
    with connect(settings.database_url) as conn:
        draft = draft_editing.new_draft(conn, "badge", "ada@campus.example", name="Night owl")
        submissions.send(conn, draft, comment="", past="from_now", by="ada@campus.example")
        conn.commit()
    assert listed_keys(sign_in("viewer").open("/rules?status=review").text) == ["night_owl"]


def test_a_rule_says_when_it_will_begin_or_is_over(settings, packs, sign_in):
    begins, ended = clock.now() + timedelta(days=3), clock.now() - timedelta(days=3)
    badge = {"kind": "badge", "trigger": {"events": ["*"]}, "condition": None, "tier": "gold", "repeat": "once"}
    raw = [
        {**badge, "key": "soon", "name": "Soon", "starts_at": begins.isoformat()},
        {**badge, "key": "gone", "name": "Gone", "ends_at": ended.isoformat()},
    ]
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, raw, "test", publish=True).problems == []
        conn.commit()
    page = sign_in("viewer").open("/rules").text
    assert f"Scheduled, {begins:%-d %b}" in row(page, "soon")
    assert f"Over since {ended:%-d %b}" in row(page, "gone")


def test_a_rule_that_was_paused_after_errors_says_so(settings, packs, sign_in):
    with connect(settings.database_url) as conn:
        publish.pause(conn, "first_step", "laurel")
        conn.commit()
    assert "Paused after errors" in row(sign_in("viewer").open("/rules").text, "first_step")


def test_the_matches_of_a_rule_are_shown_by_the_hour(world, sign_in):
    row_html = row(sign_in("viewer").open("/rules").text, "first_step")
    assert "First Step, matches by the hour" in row_html
    assert '<span class="num grow">2</span>' in row_html


def test_the_header_names_the_rulebook_and_when_it_went_live(settings, packs, sign_in):
    browser = sign_in("viewer")
    with connect(settings.database_url) as conn:
        since = rule_versions.live_since(conn)
    assert f"Rulebook 2, live since {since:%H:%M}" in browser.open("/rules").text


def test_the_coupons_of_a_campaign_are_its_matches(settings, conn, client, api_key, sign_in):
    friday_weekend.publish(conn, friday_weekend.friday())
    player = friday_weekend.Player(client, api_key("plays:write"))
    for number in range(3):
        player.play(f"p-{number}", player=f"player-{number}")
    friday_weekend.drain(settings)
    assert '<span class="num grow">3</span>' in row(sign_in("viewer").open("/rules?kind=campaign").text, "friday")


def test_a_badge_shows_the_chosen_icon_or_a_default_one(settings, packs, sign_in):
    badge = {"kind": "badge", "trigger": {"events": ["*"]}, "condition": None, "tier": "gold", "repeat": "once"}
    raw = [{**badge, "key": key, "name": key, "icon": icon} for key, icon in (("a", "rocket"), ("b", '"><script>'))]
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, raw, "test", publish=True).problems == []
        conn.commit()
    page = sign_in("viewer").open("/rules").text
    assert "#i-rocket" in row(page, "a")
    assert "script" not in row(page, "b")


def test_several_rules_are_paused_at_once_after_confirmation(settings, packs, sign_in):
    browser = sign_in("publisher")
    page = browser.open("/chosen-rules/pausing?key=first_step&key=hundred_up").text
    assert "Pause 2 rules?" in page
    assert "Hundred Up" in page
    browser.send("/chosen-rules/pauses", "/rules", key=["first_step", "hundred_up"])
    assert standing(settings, "first_step", "hundred_up") == ["paused", "paused"]
    with connect(settings.database_url) as conn:
        assert {entry.subject for entry in audit.entries(conn)[:2]} == {"first_step", "hundred_up"}


def test_a_rule_that_others_depend_on_is_not_paused_without_them(settings, packs, sign_in):
    browser = sign_in("publisher")
    answer = browser.send("/chosen-rules/pauses", "/rules", key=["first_step", "activity"])
    assert answer.status_code == 422
    assert "Events is needed by" in answer.text
    assert standing(settings, "first_step", "activity") == ["live", "live"]


def test_a_rule_may_be_paused_together_with_its_dependents(settings, packs, sign_in):
    with connect(settings.database_url) as conn:
        keys = ["activity", *publish.dependent_rules(conn, "activity")]
    sign_in("publisher").send("/chosen-rules/archivings", "/rules", key=keys)
    assert set(standing(settings, *keys)) == {"archived"}
    assert "activity" not in listed_keys(sign_in("viewer").open("/rules").text)
    assert "activity" in listed_keys(sign_in("author").open("/rules?status=archived").text)


@pytest.mark.parametrize("verb", ["pauses", "archivings"])
def test_an_author_changes_nothing_for_players(packs, sign_in, verb):
    assert sign_in("author").send(f"/chosen-rules/{verb}", "/rules", key="first_step").status_code == 403


def test_chosen_rules_are_exported_as_a_file_that_can_be_applied_again(settings, packs, sign_in):
    answer = sign_in("viewer").open("/chosen-rules/export?key=first_step&key=activity")
    assert "rules.json" in answer.headers["Content-Disposition"]
    documents = json.loads(answer.text)
    assert [document["key"] for document in documents] == ["first_step", "activity"]
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, documents, "test", publish=True).versions == {"first_step": 1, "activity": 1}


def test_without_a_selection_all_rules_in_use_are_exported(settings, packs, sign_in):
    with connect(settings.database_url) as conn:
        count = len(rule_versions.export(conn))
    assert len(json.loads(sign_in("viewer").open("/chosen-rules/export").text)) == count
