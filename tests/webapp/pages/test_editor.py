"""The Build page without scripts: a rule is begun, built row by row, undone, and its mistakes stand where they are."""

import re

from webapp.store.rules import drafts
from webapp.store.system.connection import connect


def test_every_kind_begins_with_a_page_of_its_own(build, sign_in):
    browser = sign_in("publisher")
    kinds = re.findall(r'name="kind" value="(\w+)"', browser.open("/rules/new-rule").text)
    pages = {kind: browser.open(browser.send("/rules/new-rule", kind=kind).location) for kind in kinds}
    assert {kind: page.status_code for kind, page in pages.items()} == dict.fromkeys(kinds, 200)
    assert len(kinds) == 16


def test_a_rule_is_built_row_by_row_with_buttons_alone(world, build):
    builder = build("badge")
    builder.press("add_row:root", **{"/name": "Sharp", "add:/trigger/events": "assessment_submitted"})
    builder.press("save", **{"c1.fact": "event.properties.score"})
    builder.press("add_group:root", **{"c1.value": "85"})
    document, tree = builder.draft.document, builder.draft.tree
    assert (document["name"], document["trigger"]) == ("Sharp", {"events": ["assessment_submitted"]})
    assert (tree.rows[0].fact, tree.rows[0].operator, tree.rows[0].value) == ("event.properties.score", "at_least", 85)
    assert tree.rows[1].mode == "any"


def test_a_refused_text_stays_in_its_field_with_the_reason_below(world, build):
    builder = build("badge")
    builder.press("add_row:root")
    builder.press("save", **{"c1.fact": "player.xp"})
    answer = builder.press("save", **{"c1.value": "a lot"})
    assert answer.status_code == 422
    assert 'value="a lot"' in answer.text
    assert "a lot is not a number" in answer.text


def test_a_new_rule_takes_its_key_after_its_name_until_it_is_given_one(world, build):
    builder = build("badge")
    builder.press("save", **{"/name": "Sharp Mind"})
    assert builder.key == "sharp_mind"
    builder.press("save", **{"/key": "sharp"})
    builder.press("save", **{"/name": "Blunt Mind"})
    assert builder.key == "sharp"


def test_undo_names_its_step_and_survives_a_reload(world, build):
    builder = build("badge")
    builder.press("add_row:root")
    assert 'aria-label="Undo: Added condition 1"' in builder.look()
    builder.press("undo")
    assert builder.draft.tree.rows == ()
    assert 'aria-label="Redo: Added condition 1"' in builder.look()
    builder.press("redo")
    assert len(builder.draft.tree.rows) == 1


def test_reading_a_live_rule_begins_no_draft(world, sign_in, settings):
    page = sign_in("author").open("/rules/strong_finish/edit")
    with connect(settings.database_url) as conn:
        assert drafts.all_drafts(conn) == []
    assert "No changes yet" in page.text


def test_a_viewer_cannot_build_rules(world, sign_in):
    browser = sign_in("viewer")
    assert browser.open("/rules/strong_finish/edit").status_code == 403
    assert browser.send("/rules/new-rule", page="/rules", kind="badge").status_code == 403


def test_a_property_that_events_often_lack_is_reported_with_its_share_and_a_fix(world, build, post, drain):
    for number in range(30):
        post(f"ev-more-{number}", "ada", "assessment_submitted", score=50, **({"cohort": "a"} if number % 3 else {}))
    drain()
    builder = build("badge")
    builder.press("add_row:root", **{"add:/trigger/events": "assessment_submitted"})
    builder.press("save", **{"c1.fact": "event.properties.cohort"})
    builder.press("save", **{"c1.value": "a"})
    assert "Cohort is missing in 38 % of events" in builder.look(panel="checks")
    builder.press("or_not_set:c1")
    assert [row.operator for row in builder.draft.tree.rows[0].rows] == ["is", "is_not_set"]
