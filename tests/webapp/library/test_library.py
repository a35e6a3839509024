"""Packs and templates: looked at, filled in, installed; who may let what go live."""

import re

import pytest

import rules_library
from webapp.services.drafts import draft_editing
from webapp.services.publishing import publish
from webapp.store.events import seen_properties
from webapp.store.people import four_eyes
from webapp.store.rules import drafts, rule_versions
from webapp.store.system.connection import connect

STARTER = rules_library.pack("starter").documents
KEYS = [document["key"] for document in STARTER]
INSTALL = "/library/packs/starter/installations"
PACK = "/library/packs/starter"


def rule(settings, key):
    with connect(settings.database_url) as conn:
        return rule_versions.rule(conn, key)


@pytest.fixture
def alone(settings):
    """Nobody else has to approve what a publisher publishes."""
    with connect(settings.database_url) as conn:
        four_eyes.switch(conn, on=False)
        conn.commit()


@pytest.fixture
def heard(settings):
    """Lessons were heard of, with a score."""
    with connect(settings.database_url) as conn:
        seen_properties.note_seen(conn, [("lesson_completed", {"score": 91, "course": "py"})])
        conn.commit()


def test_packs_stand_as_cards_with_sentences(sign_in):
    page = sign_in("viewer").open("/library").text
    assert "When anything happens and daily streak is at least 7 days" in page
    assert "Needs starter." in page
    assert "Start with a sentence" not in page


def test_a_pack_is_installed_live_by_a_publisher(settings, sign_in):
    browser = sign_in("publisher")
    answer = browser.send(INSTALL, PACK, take=KEYS, publish="yes")
    assert f"{len(KEYS)} rules are live" in browser.open(answer.location).text
    assert {rule(settings, key).status for key in KEYS} == {"live"}
    assert "Installed" in browser.open("/library").text


def test_an_author_keeps_chosen_rules_as_drafts(settings, sign_in):
    sign_in("author").send(INSTALL, PACK, take=["daily", "week_on_fire"])
    assert (rule(settings, "daily").status, rule(settings, "week_on_fire").status) == ("draft", "draft")
    assert rule(settings, "first_step") is None


def test_an_author_cannot_publish_a_pack(settings, sign_in):
    assert sign_in("author").send(INSTALL, PACK, take=KEYS, publish="yes").status_code == 403
    assert rule(settings, "daily") is None


def test_other_numbers_in_a_sentence_give_another_rule(settings, alone, sign_in):
    number = {"week_on_fire/condition/>=/1": "5"}
    sign_in("publisher").send(INSTALL, PACK, take=["daily", "week_on_fire"], publish="yes", **number)
    installed = rule(settings, "week_on_fire")
    assert (installed.status, installed.document["condition"]) == ("live", {">=": [{"var": "streak.daily.current"}, 5]})
    assert "examples" not in installed.document


def test_other_numbers_need_a_second_person(settings, sign_in):
    number = {"week_on_fire/condition/>=/1": "5"}
    browser = sign_in("publisher")
    assert browser.send(INSTALL, PACK, take=KEYS, publish="yes", **number).status_code == 403
    browser.send(INSTALL, PACK, take=KEYS, **number)
    assert rule(settings, "week_on_fire").status == "draft"


@pytest.mark.parametrize(("typed", "message"), [("many", "is not a whole number"), ("9" * 12, "does not fit")])
def test_a_blank_that_is_not_a_number_is_named_and_stays_as_typed(settings, sign_in, typed, message):
    number = {"week_on_fire/condition/>=/1": typed}
    answer = sign_in("author").send(INSTALL, PACK, take=KEYS, **number)
    assert answer.status_code == 422
    assert message in answer.text
    assert f'value="{typed}"' in answer.text
    assert rule(settings, "daily") is None


def test_a_rule_without_its_dependencies_is_not_installed(settings, sign_in):
    answer = sign_in("author").send(INSTALL, PACK, take="week_on_fire")
    assert answer.status_code == 422
    assert "unknown streak" in answer.text
    assert rule(settings, "week_on_fire") is None


def test_a_pack_brings_its_dependencies_and_changed_rules_stay(settings, alone, sign_in):
    changed = next(document for document in STARTER if document["key"] == "first_step") | {"tier": "legendary"}
    with connect(settings.database_url) as conn:
        assert not publish.apply_documents(conn, [*STARTER[:1], changed], "test", publish=True).problems
        conn.commit()
    keys = [document["key"] for document in rules_library.pack("assessments").documents]
    page = "/library/packs/assessments"
    assert sign_in("publisher").send(f"{page}/installations", page, take=keys, publish="yes").status_code == 303
    assert rule(settings, "daily").status == "live"
    assert rule(settings, "first_step").document["tier"] == "legendary"


def test_an_open_draft_is_updated_and_can_be_undone(settings, packs, sign_in):
    with connect(settings.database_url) as conn:
        draft = draft_editing.open_draft(conn, "week_on_fire", "ada@campus.example")
        conn.commit()
    sign_in("author").send(INSTALL, PACK, take="week_on_fire", **{"week_on_fire/grant/coins": "99"})
    with connect(settings.database_url) as conn:
        changed = drafts.draft(conn, draft.id)
        assert changed.document["grant"] == {"coins": 99}
        undone = draft_editing.undo(conn, draft.id, "author@campus.example")
        assert undone.announcement == "Undone: Applied the document"


def test_an_unknown_pack_is_not_found(sign_in):
    assert sign_in("viewer").open("/library/packs/nothing").status_code == 404


def test_a_template_shows_what_it_becomes_while_it_is_filled(heard, sign_in):
    page = sign_in("author").open("/library/templates/n_in_m_days?event=lesson_completed&times=4&days=9&name=Bee").text
    assert "in the last 9 days is at least 4, award the silver badge Bee, once" in re.sub(r"\s+", " ", page)
    assert ">included<" in page


def test_a_filled_template_becomes_a_draft_together_with_its_metric(settings, heard, sign_in):
    filled = {"event": "lesson_completed", "times": "4", "days": "9", "name": "Busy bee"}
    answer = sign_in("author").send("/library/templates/n_in_m_days", **filled)
    assert answer.location == "/rules/busy_bee/edit"
    with connect(settings.database_url) as conn:
        document = draft_editing.document_of(drafts.of_rule(conn, "busy_bee"))
    metric = rule(settings, "lesson_completed_count")
    assert document["condition"] == {">=": [{"var": "metric.lesson_completed_count.last_9_days"}, 4]}
    assert (metric.status, metric.document["events"]) == ("draft", ["lesson_completed"])


def test_the_metric_of_a_template_is_live_at_once_for_a_publisher(settings, heard, sign_in):
    sign_in("publisher").send("/library/templates/streak", event="lesson_completed", days="7")
    assert rule(settings, "lesson_completed_days").status == "live"
    assert rule(settings, "days_in_a_row") is None


def test_a_number_that_events_carry_is_offered(heard, sign_in):
    page = sign_in("author").open("/library/templates/threshold").text
    assert 'value="lesson_completed/score"' in page
    assert "lesson_completed/course" not in page


@pytest.mark.parametrize(
    ("key", "filled", "message"),
    [
        ("first_time", {"event": ""}, "choose one"),
        ("n_in_m_days", {"event": "lesson_completed", "times": "often", "days": "7"}, "whole number"),
        ("first_time", {"event": "No Such Event!"}, "or an event type"),
        ("k_of_n", {"badges": ["first_step", "nothing"], "count": "1"}, "at least 2"),
    ],
)
def test_an_invalid_blank_is_named_and_no_draft_is_begun(settings, packs, sign_in, key, filled, message):
    answer = sign_in("author").send(f"/library/templates/{key}", **filled)
    assert answer.status_code == 422
    assert message in answer.text
    with connect(settings.database_url) as conn:
        assert drafts.all_drafts(conn) == []
