"""The JSON tab: shows what the builder says, tells what is wrong with a text, and lets the builder say it."""

import html
import json
import re
from dataclasses import replace

import pytest

from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, walk
from webapp.services.drafts import draft_editing
from webapp.services.publishing import publish
from webapp.store.rules import drafts, rule_versions, version_notes
from webapp.store.rules.version_notes import VersionNote
from webapp.store.system.connection import connect

TAB = "/rules/week_on_fire/json"
AREA = re.compile(r"<textarea[^>]*>(.*?)</textarea>", re.DOTALL)


def json_in(page: str):
    return json.loads(html.unescape(AREA.search(page)[1]))


def draft_of(settings, key="week_on_fire"):
    with connect(settings.database_url) as conn:
        return drafts.of_rule(conn, key)


@pytest.fixture
def begun(settings, packs):
    """A draft of the badge, committed."""
    with connect(settings.database_url) as conn:
        draft = draft_editing.open_draft(conn, "week_on_fire", "ada@campus.example")
        conn.commit()
    return draft


def test_a_rule_without_a_draft_is_shown_and_no_draft_is_begun(settings, packs, sign_in):
    browser = sign_in("viewer")
    with connect(settings.database_url) as conn:
        assert json_in(browser.open(TAB).text) == rule_versions.rule(conn, "week_on_fire").document
    assert json_in(browser.open(f"{TAB}?view=logic").text) == {">=": [{"var": "streak.daily.current"}, 7]}
    assert draft_of(settings) is None


def test_the_document_of_a_draft_is_applied_as_one_step(settings, begun, sign_in):
    browser = sign_in("author")
    document = json_in(browser.open(TAB).text) | {"tier": "legendary"}
    assert browser.send(TAB, text=json.dumps(document)).status_code == 303
    draft = draft_of(settings)
    assert (draft.document["tier"], draft.step) == ("legendary", 1)


def test_applying_an_unchanged_document_changes_nothing(settings, begun, sign_in):
    browser = sign_in("author")
    page = browser.open(TAB).text
    assert browser.send(TAB, text=html.unescape(AREA.search(page)[1])).status_code == 303
    assert draft_of(settings) == begun


def test_logic_becomes_rows_and_locked_blocks_where_rows_cannot_express_it(settings, packs, sign_in):
    odd = {"<": [{"%": [{"var": "player.xp"}, 7]}, 3]}
    logic = {"and": [{">=": [{"var": "player.level"}, 3]}, odd]}
    browser = sign_in("author")
    assert "locked block" in browser.open(browser.send(TAB, view="logic", text=json.dumps(logic)).location).text
    nodes = list(walk(draft_of(settings).tree))
    assert [node.fact for node in nodes if isinstance(node, ConditionRow)] == ["player.level"]
    assert [node.logic for node in nodes if isinstance(node, LogicBlock)] == [odd]
    assert json_in(browser.open(f"{TAB}?view=logic").text) == logic


@pytest.mark.parametrize(
    ("view", "text", "flaw"),
    [
        ("document", "{", ("Invalid JSON", 1)),
        ("document", "[]", ("A rule document must be an object", 1)),
        ("document", '{"kind": "mission"}', ("The kind of a rule cannot change: this is a “badge”", 1)),
        ("logic", '{">=": [\n{"var": "player.wealth"}, 3]}', ("player.wealth", 2)),
        ("document", '{\r\n"kind": "badge",\r\n"wealth": 3}', ("unknown member", 3)),
        ("logic", '{"method": [1, "x"]}', ("method", 1)),
        ("logic", '{">=": [{"var": "player.level"}, 3], "<": [1, 2]}', ("", 1)),
    ],
)
def test_a_flaw_is_reported_at_its_line_and_nothing_is_applied(settings, begun, sign_in, view, text, flaw):
    browser = sign_in("author")
    flaws = browser.send(f"{TAB}/flaws", TAB, view=view, text=text).json
    assert any(flaw[0] in reported["message"] and flaw[1] == reported["line"] for reported in flaws)
    answer = browser.send(TAB, view=view, text=text)
    assert answer.status_code == 422
    assert html.unescape(AREA.search(answer.text)[1]) == text.replace("\r", "")
    assert draft_of(settings) == begun


def test_line_endings_of_forms_do_not_move_places(begun, sign_in):
    (flaw,) = sign_in("author").send(f"{TAB}/flaws", TAB, view="logic", text='{"<":\r\n[1,\r\n"a"]}').json
    assert (flaw["start"], flaw["end"]) == (6, 14)


@pytest.mark.parametrize(("pointer", "kept"), [("/name", "A week of fire"), ("/tier", None)])
def test_what_somebody_else_changed_meanwhile_stays_or_is_named(settings, begun, sign_in, pointer, kept):
    browser = sign_in("author")
    with connect(settings.database_url) as conn:
        field = {"op": "set_field", "pointer": pointer, "texts": kept or "gold"}
        draft_editing.edit(conn, begun.id, begun.revision, field, "grace@campus.example")
        conn.commit()
    document = draft_editing.document_of(begun) | {"tier": "legendary"}
    answer = browser.send(TAB, text=json.dumps(document), revision=str(begun.revision))
    draft = draft_of(settings)
    if kept:
        assert (draft.document["name"], draft.document["tier"]) == (kept, "legendary")
    else:
        assert (answer.status_code, draft.document["tier"]) == (422, "gold")
        assert "grace@campus.example changed the same in this draft meanwhile" in answer.text


def test_a_draft_that_somebody_began_meanwhile_is_not_overwritten(settings, packs, conn, sign_in):
    browser = sign_in("author")
    page = browser.open(TAB).text
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    draft = draft_editing.open_draft(conn, TAB.split("/")[2], "grace@campus.example")
    field = {"op": "set_field", "pointer": "/tier", "texts": "gold"}
    draft_editing.edit(conn, draft.id, draft.revision, field, "grace@campus.example")
    conn.commit()
    text = json.dumps(json_in(page) | {"tier": "legendary"})
    assert browser.send(TAB, text=text, view="document", revision=revision).status_code == 422
    assert draft_of(settings).document["tier"] == "gold"


def test_a_page_older_than_the_steps_that_are_kept_changes_nothing(settings, begun, conn, sign_in):
    after = begun
    for tier in ("gold", "bronze"):
        field = {"op": "set_field", "pointer": "/tier", "texts": tier}
        after = draft_editing.edit(conn, begun.id, after.revision, field, "grace@campus.example").draft
    conn.execute("DELETE FROM draft_step WHERE revision < %s", (after.revision,))
    conn.commit()
    document = draft_editing.document_of(begun) | {"tier": "legendary"}
    answer = sign_in("author").send(TAB, text=json.dumps(document), revision=str(begun.revision))
    assert "This page is too old" in answer.text
    assert draft_of(settings).document["tier"] == "bronze"


def test_a_kind_without_a_condition_has_a_document_only(packs, sign_in):
    page = sign_in("author").open("/rules/weekly_xp/json?view=logic").text
    assert json_in(page)["kind"] == "leaderboard"
    assert "JsonLogic</a>" not in page


def test_a_viewer_reads_and_applies_nothing(packs, sign_in):
    browser = sign_in("viewer")
    assert "Apply to builder</button>" not in browser.open(TAB).text
    assert browser.send(TAB, text="{}").status_code == 403


def test_an_unknown_rule_has_no_json(packs, sign_in):
    assert sign_in("viewer").open("/rules/nothing/json").status_code == 404


def test_a_version_that_came_as_a_document_keeps_the_notes_of_the_one_before(settings, packs):
    row = ConditionRow("c7", "streak.daily.current", "at_least", 7, note="a week")
    with connect(settings.database_url) as conn:
        note = VersionNote(1, version_notes.tree_json(ConditionGroup(rows=(row,), made=7)), "", "ada", "grace")
        version_notes.note_version(conn, "week_on_fire", note)
        document = rule_versions.rule(conn, "week_on_fire").document
        changed = document | {"condition": {">=": [{"var": "streak.daily.current"}, 9]}}
        assert publish.apply_documents(conn, [changed], "test", publish=True).problems == []
        tree = draft_editing.content_of_version(conn, rule_versions.rule(conn, "week_on_fire"), 2).tree
    assert tree.rows == (replace(row, value=9),)
