"""The forms of the Build page: every kind by the same controls, amounts, tables, several values, and who is there."""

import re
from html import escape
from io import BytesIO

import pytest

from engine.authoring.forms.row_options import facts_offered
from engine.kinds import KINDS
from tests.webapp.pages.building import Builder
from webapp.store.events import seen_properties


def test_an_amount_is_built_from_numbers_and_facts(world, build):
    builder = build("earning")
    builder.press("factor:/grant/xp:0:+", **{"factor:/grant/xp:0:0": "50"})
    builder.press("save", **{"factor:/grant/xp:0:1": "event.properties.weight", "factor:/grant/xp:most": "500"})
    assert builder.draft.document["grant"]["xp"] == {"min": [{"*": [50, {"var": "event.properties.weight"}]}, 500]}
    builder.press("unfactor:/grant/xp:0:1")
    assert builder.draft.document["grant"]["xp"] == {"min": [50, 500]}


def test_several_values_are_added_and_removed_one_by_one(world, build):
    builder = build("badge")
    builder.press("add_row:root", **{"add:/trigger/events": "assessment_submitted"})
    builder.press("save", **{"c1.fact": "event.properties.kind"})
    builder.press("save", **{"c1.operator": "one_of"})
    builder.press("save", **{"c1.add": "TMA"})
    builder.press("save", **{"c1.add": "Exam"})
    builder.press("drop:c1:0")
    assert builder.draft.tree.rows[0].value == ["Exam"]


def test_any_event_and_particular_events_exclude_each_other(world, build):
    builder = build("badge")
    builder.press("save", **{"add:/trigger/events": "*"})
    builder.press("save", **{"add:/trigger/events": "assessment_submitted"})
    assert builder.draft.document["trigger"]["events"] == ["assessment_submitted"]


def test_tables_grow_move_and_shrink(build):
    builder = build("levels")
    builder.press("table_add:/thresholds")
    builder.press("save", **{"/thresholds/2/name": "Legend", "/thresholds/2/xp": "900"})
    builder.press("table_up:/thresholds:2")
    builder.press("table_drop:/thresholds:0")
    assert [level["name"] for level in builder.draft.document["thresholds"]] == ["Legend", "Expert"]


def test_properties_of_an_event_type_are_named_when_they_are_added(build):
    builder = build("event_type")
    builder.press("save", **{"new:/properties": "score"})
    builder.press("save", **{"/properties/score/type": "number", "/properties/score/unit": "points"})
    assert builder.draft.document["properties"] == {"score": {"type": "number", "unit": "points"}}


def test_the_diagram_of_a_lifecycle_follows_its_document(build):
    builder = build("lifecycle")
    builder.press("table_add:/transitions")
    builder.press("save", **{"/transitions/0/to": "AT_RISK", "/transitions/0/after_days_inactive": "7"})
    assert 'aria-label="States: ACTIVE to AT_RISK 7 d idle"' in builder.look()


def test_without_scripts_the_list_of_facts_replaces_its_button(world, build):
    builder = build("badge")
    builder.press("add_row:root", **{"add:/trigger/events": "assessment_submitted"})
    assert '<select class="form-select w-auto" name="c1.fact"' in builder.look(opened="c1.fact")
    assert '<optgroup label="Metrics">' in builder.shown
    assert "<select" not in re.search(r'id="c1".*?</fieldset>', builder.look(), re.DOTALL)[0]


def test_a_filter_does_not_offer_facts_that_are_counted_later(world, build):
    builder = build("metric")
    picks = builder.browser.open(f"{builder.address}/facts").text
    assert 'aria-label="Event"' in picks
    assert 'aria-label="Metrics"' not in picks
    assert "Hour of the day is not available in a metric" in " ".join(picks.split())


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_can_be_picked_or_is_named_as_not_available(kind, world, build, conn):
    builder = build(kind)
    picks = " ".join(builder.browser.open(f"{builder.address}/facts").text.split())
    facts = [fact for fact in facts_offered(seen_properties.catalogue(conn)) if "event.prop" not in fact.path]
    for fact in facts:
        label = escape(fact.label[:1].upper() + fact.label[1:])
        is_offered, is_refused = f'data-path="{fact.path}"' in picks, f"{label} is not available in a" in picks
        assert is_offered is not is_refused, fact


def test_rows_are_muted_noted_wrapped_and_compared_with_another_fact(world, build):
    builder = build("badge")
    builder.press("add_row:root")
    builder.press("save", **{"c1.fact": "player.xp"})
    builder.press("source:c1:fact")
    builder.press("save", **{"c1.other": "player.coins"})
    builder.press("wrap:c1")
    builder.press("mute:c1")
    builder.press("save", **{"c1.note": "While we think"})
    row = builder.draft.tree.rows[0].rows[0]
    assert (row.value, row.is_muted, row.note) == ({"fact": "player.coins"}, True, "While we think")


def test_changes_of_two_people_at_once_are_both_kept(world, build, sign_in, settings):
    ada, grace = build("badge"), Builder(sign_in("publisher"), settings, "new_badge")
    ada.press("add_row:root")
    ada.press("save", **{"c1.fact": "player.xp"})
    ada.look()
    grace.press("save", **{"c1.value": "10"})
    ada.press("save", looks=False, **{"/tier": "gold"})
    assert (ada.draft.tree.rows[0].value, ada.draft.document["tier"]) == (10, "gold")


def test_the_later_of_two_edits_is_told_who_was_first(world, build, sign_in, settings):
    ada, grace = build("badge"), Builder(sign_in("publisher"), settings, "new_badge")
    ada.press("add_row:root")
    ada.look()
    grace.press("delete:c1")
    answer = ada.browser.send(ada.address, **{"c1.fact": "player.xp", "revision": "1"}, op="save")
    assert answer.status_code == 422
    assert "This condition no longer exists" in answer.text
    assert "publisher</strong> removed condition 1" in re.sub(r"\s+", " ", answer.text)
    assert ada.draft.tree.rows == ()


def test_presence_names_other_editors_and_their_rows(world, build, sign_in, settings):
    ada, grace = build("badge"), sign_in("publisher")
    ada.press("add_row:root")
    grace.send("/rules/new_badge/edit/presence", "/rules/new_badge/edit", node="c1", revision="1")
    answer = ada.browser.send("/rules/new_badge/edit/presence", ada.address, node="", revision="1")
    assert "publisher is editing" in answer.text
    assert "condition 1" in answer.text


def test_presence_reloads_the_page_once_somebody_changed_it(world, build, sign_in, settings):
    ada, grace = build("badge"), Builder(sign_in("publisher"), settings, "new_badge")
    grace.press("add_row:root")
    answer = ada.browser.send("/rules/new_badge/edit/presence", ada.address, node="", revision="0")
    assert answer.headers["HX-Retarget"] == "#editor"
    assert "publisher</strong> added condition 1" in re.sub(r"\s+", " ", answer.text)


@pytest.mark.parametrize("button", ["up:c9", "drop:c9:0", "move:c1:c1:0", "unfactor:/grant/xp:9:9", "fly:c1"])
def test_a_stale_button_is_answered_in_words(world, build, button):
    builder = build("earning")
    builder.press("add_row:root")
    answer = builder.press(button)
    assert answer.status_code == 422
    assert 'role="status"' in answer.text


def test_an_unknown_rule_cannot_be_edited(sign_in):
    browser = sign_in("author")
    assert browser.open("/rules/nothing/edit").status_code == 404
    assert browser.send("/rules/nothing/edit", "/rules", op="save").status_code == 404
    assert browser.send("/rules/new-rule", "/rules", kind="nothing").status_code == 400


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def upload(builder: Builder, body: bytes):
    sent = {"picture": (BytesIO(body), "mark.png")}
    return builder.browser.send(f"{builder.address}/icon", builder.address, **sent)


def test_a_badge_takes_an_uploaded_picture_that_pages_show(world, build):
    builder = build("badge")
    upload(builder, PNG)
    name = builder.draft.document["icon"]
    picture = builder.browser.open(f"/pictures/{name.removeprefix('upload:')}")
    assert (picture.data, picture.content_type) == (PNG, "image/png")
    assert f'<img class="icon" src="/pictures/{name.removeprefix("upload:")}" alt="">' in builder.look()
    builder.press("save", **{"/icon": "flame"})
    assert builder.draft.document["icon"] == "flame"


@pytest.mark.parametrize("body", [b"", b"<svg onload='x'/>", PNG + b"\x00" * 65_536], ids=["none", "svg", "large"])
def test_a_file_that_is_not_a_small_picture_is_refused_in_words(build, body):
    builder = build("badge")
    upload(builder, body)
    assert "icon" not in builder.draft.document
    assert re.search("Choose a picture|at most 64 KiB</strong>", builder.look())


def test_a_form_with_more_changes_than_a_person_makes_is_refused_whole(build):
    builder = build("badge")
    before = builder.draft
    answer = builder.press("save", **{f"c{number}.value": "1" for number in range(201)})
    assert answer.status_code == 422
    assert "at most 200 changes at once" in answer.text
    assert builder.draft == before
