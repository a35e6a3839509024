"""What people change on pages, with forms alone, and who may."""

import re

import pytest

from webapp.store.events import parked_entries
from webapp.store.people import apps, audit, operators
from webapp.store.rules import rule_versions
from webapp.store.system.connection import connect


@pytest.mark.parametrize(
    ("role", "page", "address"),
    [
        ("viewer", "/apps", "/apps/keys"),
        ("publisher", "/apps", "/apps"),
        ("author", "/rules", "/rules/first_step/pause"),
        ("viewer", "/parked", "/parked/replays"),
        ("publisher", "/account", "/operators"),
    ],
)
def test_a_form_of_a_higher_role_is_refused(packs, sign_in, role, page, address):
    answer = sign_in(role).send(address, page)
    assert answer.status_code == 403
    assert "do not have access" in answer.text


def test_a_viewer_sees_no_operators_in_the_side_bar(sign_in):
    assert "/operators" not in sign_in("viewer").open("/").text


def test_a_key_is_shown_once_and_works(client, sign_in):
    browser = sign_in("admin")
    page = browser.send("/apps/keys", "/apps", name="Shop", app="default", scopes="events:write").text
    secret = re.search(r"laurel_[\w-]{43}", page)[0]
    head = {"Authorization": f"Bearer {secret}"}
    assert client.post("/v1/events", json={"id": "1", "type": "a", "player": "b"}, headers=head).status_code == 202
    assert secret not in browser.open("/apps").text


def test_a_key_can_be_given_every_scope_there_is(conn, sign_in):
    sign_in("admin").send("/apps/keys", "/apps", name="Shop", app="default", scopes=list(apps.SCOPES))
    assert [set(key.scopes) for key in apps.keys(conn)] == [set(apps.SCOPES)]


def test_a_key_without_scopes_is_refused_beside_the_field(sign_in):
    answer = sign_in("admin").send("/apps/keys", "/apps", name="Shop", app="default")
    assert answer.status_code == 422
    assert "Choose at least one." in answer.text


def test_a_revoked_key_is_refused(settings, client, sign_in, api_key):
    secret = api_key("events:write")
    with connect(settings.database_url) as conn:
        number = apps.key_of_secret(conn, secret).id
    sign_in("admin").send(f"/apps/keys/{number}/revocation", confirmed="test")
    answer = client.post("/v1/events", json={}, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_a_new_app_is_listed_and_audited(settings, sign_in):
    browser = sign_in("admin")
    browser.send("/apps", name="Web shop", key="web_shop")
    assert "Web shop" in browser.open("/apps").text
    assert browser.send("/apps", name="Again", key="web_shop").status_code == 422
    with connect(settings.database_url) as conn:
        assert (audit.entries(conn)[0].action, audit.entries(conn)[0].subject) == ("app.made", "web_shop")


def test_an_invited_person_gets_a_working_link(sign_in, stranger):
    page = sign_in("admin").send("/operators", email="Tomas@campus.example", role="author").text
    link = re.search(r"/sign-in/[\w-]{43}", page)[0]
    assert "tomas@campus.example" in stranger.open(link).text


def test_an_admin_disables_others_but_not_themselves(settings, sign_in):
    browser, author = sign_in("admin"), sign_in("author")
    with connect(settings.database_url) as conn:
        numbers = {operator.role: operator.id for operator in operators.all_operators(conn)}
    browser.send(f"/operators/{numbers['author']}/disabling", "/operators")
    assert author.client.get("/rules").status_code == 303
    assert browser.send(f"/operators/{numbers['admin']}/disabling", "/operators").status_code == 403


def test_a_publisher_pauses_a_rule_and_lets_it_go_on(settings, packs, sign_in):
    browser = sign_in("publisher")
    for verb, status in (("pause", "paused"), ("resumption", "live")):
        browser.send(f"/rules/first_step/{verb}", "/rules/first_step")
        with connect(settings.database_url) as conn:
            assert rule_versions.rule(conn, "first_step").status == status


def test_a_parked_event_is_shown_and_replayed(settings, post, drain, packs, sign_in):
    post("ev-1", "ada", "assessment_submitted", score=91)
    with connect(settings.database_url) as conn:
        shard, seq = conn.execute("SELECT shard, seq FROM inbox").fetchone()
        parked_entries.park(conn, shard, seq, "failed", "it broke")
        conn.commit()
    browser = sign_in("publisher")
    assert "it broke" in browser.open("/parked").text
    browser.send("/parked/replays", "/parked", seq=seq)
    drain()
    assert "Nothing is parked" in browser.open("/parked").text
    assert "it broke" in browser.open("/parked?settled=yes").text


def test_the_page_waits_for_a_first_event_and_shows_what_it_did(packs, drain, sign_in):
    browser = sign_in("admin")
    waiting = browser.send("/first-event", "/").location
    assert browser.client.get(waiting, headers={"HX-Request": "true"}).status_code == 204
    assert "Waiting for your first event" in browser.open(waiting).text
    drain()
    assert "Your first event is here" in browser.open(waiting).text
    assert "First Step" in browser.client.get(waiting, headers={"HX-Request": "true"}).text


def test_the_first_steps_disappear_when_dismissed(sign_in):
    browser = sign_in("viewer")
    assert "Your first badge, step by step" in browser.open("/").text
    browser.send("/first-steps/dismissal", "/")
    assert "Latest awards" in browser.open("/").text
