"""The condition of a step of a lifecycle: built of the same rows as any other, in its place in the table of steps."""

import json

import pytest

from webapp.services.drafts import draft_editing
from webapp.services.publishing import draft_decisions
from webapp.services.publishing.draft_decisions import DraftDecision
from webapp.store.people import four_eyes
from webapp.store.rules import rule_versions
from webapp.store.system.connection import connect

AT = "transitions-0-condition"
SCORED = {">=": [{"var": "event.properties.score"}, 40]}


@pytest.fixture
def step(world, conn, build):
    """A new lifecycle with one step to AT_RISK, made by an assessment; that of the world makes room for it."""
    for rule in rule_versions.all_rules(conn, kind="lifecycle"):
        rule_versions.set_status(conn, rule.key, "archived", "test")
    rule_versions.write_rulebook(conn)
    conn.commit()
    builder = build("lifecycle")
    builder.press("table_add:/transitions")
    builder.press(
        "save", **{"/transitions/0/to": "AT_RISK", "add:/transitions/0/trigger/events": "assessment_submitted"}
    )
    return builder


@pytest.fixture
def asking(step):
    """The step asks for a score of at least 40."""
    step.press(f"add_row:{AT}-root")
    step.press("save", **{f"{AT}-c1.fact": "event.properties.score"})
    step.press("save", **{f"{AT}-c1.value": "40"})
    return step


def document(builder):
    return json.loads(builder.browser.open(f"/rules/{builder.key}/json").text.split("<textarea", 1)[1].split(">", 1)[1]
                      .split("</textarea>", 1)[0].replace("&#34;", '"').replace("&gt;", ">"))  # fmt: skip


def test_a_row_of_a_step_becomes_the_json_logic_of_that_step(asking):
    assert document(asking)["transitions"] == [
        {"to": "AT_RISK", "trigger": {"events": ["assessment_submitted"]}, "condition": SCORED}
    ]


def test_the_sentence_includes_a_step_with_its_condition_and_links_to_its_row(asking):
    page = asking.look()
    assert f'<a href="#{AT}-c1" data-link="{AT}-c1">score is at least 40 points</a>' in page
    assert "From any state to AT_RISK when assessment submitted and" in page


def test_each_edit_of_a_step_can_be_undone_and_redone(asking):
    before = asking.draft.document
    asking.press(f"mute:{AT}-c1")
    assert "condition" not in document(asking)["transitions"][0]
    asking.press("undo")
    assert asking.draft.document == before
    asking.press("redo")
    assert "condition" not in document(asking)["transitions"][0]


def test_a_step_takes_its_condition_along_when_it_moves_and_when_it_goes(asking):
    asking.press("table_add:/transitions")
    asking.press("table_down:/transitions:0")
    assert document(asking)["transitions"][1]["condition"] == SCORED
    asking.press("add_group:transitions-1-condition-root")
    assert 'id="transitions-1-condition-c3-fact"' in asking.look()
    asking.press("table_drop:/transitions:1")
    assert len(asking.draft.document["transitions"]) == 1
    assert "condition" not in document(asking)["transitions"][0]


def test_errors_of_a_step_are_shown_at_its_row_and_name_the_step(asking):
    asking.press(f"add_row:{AT}-root")
    page = asking.look(panel="checks")
    assert "Step 1, 2: choose what it asks about" in page
    assert f'id="{AT}-c2-mistakes">Choose what it asks about' in page


def test_rows_of_a_step_that_exclude_each_other_are_reported(asking):
    asking.press(f"clone:{AT}-c1")
    asking.press("save", **{f"{AT}-c2.operator": "below"})
    assert "Step 1, 1 and 2 exclude each other" in asking.look(panel="checks")


def test_a_condition_stays_in_its_own_step(asking):
    asking.press("table_add:/transitions")
    answer = asking.press(f"move:{AT}-c1:transitions-1-condition-root:0")
    assert answer.status_code == 422
    assert "A condition stays in its own step" in answer.text


def test_a_step_by_time_has_no_condition(asking):
    asking.press("table_add:/transitions")
    asking.press("save", **{"/transitions/1/after_days_inactive": "7"})
    page = asking.look()
    assert 'id="transitions-1-condition-root"' not in page
    assert f'id="{AT}-root"' in page


def test_an_existing_condition_of_a_step_by_time_stays_visible(asking):
    asking.press("save", **{"/transitions/0/after_days_inactive": "7"})
    assert f'id="{AT}-c1-fact"' in asking.look()


def test_a_rule_without_a_condition_of_its_own_takes_none(step):
    answer = step.press("add_row:root")
    assert answer.status_code == 422
    assert step.draft.tree.rows == ()


def test_a_condition_from_the_json_tab_keeps_the_notes_of_what_it_still_asks(asking):
    asking.press(f"note:{AT}-c1")
    asking.press("save", **{f"{AT}-c1.note": "Agreed with the school"})
    changed = document(asking)
    changed["transitions"][0]["condition"] = {"and": [SCORED, {">=": [{"var": "player.level"}, 2]}]}
    with connect(asking.settings.database_url) as conn:
        draft = asking.draft
        draft_editing.edit(
            conn, draft.id, draft.revision, {"op": "set_document", "document": changed}, draft.updated_by
        )
        conn.commit()
    page = asking.look()
    assert "Agreed with the school" in page
    assert "level is at least 2" in page


def test_a_step_folds_its_groups_too(asking):
    asking.press(f"wrap:{AT}-c1")
    page = asking.look(folded=f"{AT}-c2")
    assert f'id="{AT}-c2-fold" aria-expanded="false"' in page


def test_the_facts_offered_in_a_step_are_those_of_its_events(step):
    offered = step.browser.open(f"{step.address}/facts", query_string={"at": f"{AT}-c1.fact"}).text
    assert "event.properties.score" in offered
    assert "event.properties.helped" not in offered


def test_presence_names_the_row_of_a_step_and_stores_nothing_but_rows(asking, sign_in):
    grace, presence = sign_in("publisher"), f"{asking.address}/presence"
    grace.send(presence, asking.address, node=f"{AT}-c1", revision="0")
    assert "condition 1 of step 1" in asking.browser.send(presence, asking.address, node="", revision="0").text
    grace.send(presence, asking.address, node=f"{AT}-c1" * 1000, revision="0")
    assert "publisher is here too" in asking.browser.send(presence, asking.address, node="", revision="0").text


def test_notes_of_a_step_come_back_with_the_version_that_went_live(packs, settings):
    with connect(settings.database_url) as conn:
        draft = draft_editing.open_draft(conn, "lifecycle", "ada@campus.example")
        note = {"op": "note", "id": "transitions-3-condition-c1", "text": "As agreed"}
        draft = draft_editing.edit(conn, draft.id, draft.revision, note, "ada@campus.example").draft
        four_eyes.switch(conn, on=False)
        draft_decisions.publish_draft(conn, draft.id, DraftDecision(draft.hash.hex(), "Noted"), "ada@campus.example")
        assert draft_editing.open_draft(conn, "lifecycle", "grace@campus.example").content == draft.content
