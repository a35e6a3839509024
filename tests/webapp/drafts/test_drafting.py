"""Working at a rule: opened, edited, undone over reloads, by two people at once, thrown away."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import ConditionRow
from tests.webapp.drafts.conftest import ADA, GRACE, set_field, set_value, wait_until_somebody_waits
from tests.webapp.rules.documents import TEN_LESSONS
from webapp.services.drafts import draft_editing, reverting
from webapp.services.drafts.draft_editing import DraftMoved
from webapp.store.people import audit
from webapp.store.rules import drafts, test_cases
from webapp.store.system.connection import connect

FAST = "UPDATE draft_step SET created_at = created_at - interval '501 milliseconds'"


def labels(conn, draft, by=ADA):
    """What somebody can undo, and what they can redo."""
    own = reverting.own_steps(drafts.steps(conn, draft.id), by)
    return tuple([step.label for step in steps] for steps in (own.undoable, own.redoable))


def edited(conn, draft, *operations, by=ADA):
    for operation in operations:
        draft = draft_editing.edit(conn, draft.id, draft.revision, operation, by).draft
    return draft


def test_a_draft_begins_as_the_live_version(conn, draft):
    (row,) = draft.tree.rows
    assert row == ConditionRow("c1", "metric.lessons.total", "at_least", 10)
    assert (draft_editing.document_of(draft), draft.base_version) == (TEN_LESSONS, 1)


def test_a_rule_has_one_draft_whoever_opens_it(conn, draft):
    assert draft_editing.open_draft(conn, "ten_lessons", GRACE) == draft
    assert draft_editing.open_draft(conn, "nothing", ADA) is None


def test_an_edit_of_a_row_and_of_a_field_changes_the_document(conn, draft):
    after = edited(conn, draft, set_value("c1", "12"), set_field("/tier", "gold"))
    document = draft_editing.document_of(after)
    assert (document["tier"], document["condition"]) == ("gold", {">=": [{"var": "metric.lessons.total"}, 12]})


def test_undo_and_redo_go_step_by_step_and_name_them(conn, draft):
    changed = edited(conn, draft, set_value("c1", "12"), set_field("/tier", "gold"))
    undone = draft_editing.undo(conn, draft.id, ADA)
    assert (undone.draft.document["tier"], undone.announcement) == ("silver", "Undone: Changed “Tier”")
    assert labels(conn, draft) == (["Changed the value of condition 1"], ["Changed “Tier”"])
    assert draft_editing.redo(conn, draft.id, ADA).draft.content == changed.content


def test_the_next_edit_discards_what_was_undone(conn, draft):
    edited(conn, draft, set_value("c1", "12"))
    undone = draft_editing.undo(conn, draft.id, ADA).draft
    edited(conn, undone, set_field("/tier", "gold"))
    with pytest.raises(EditRefused, match="nothing of yours to redo"):
        draft_editing.redo(conn, draft.id, ADA)


def test_quick_edits_of_one_field_form_one_step(conn, draft):
    after = edited(conn, draft, set_value("c1", "1"), set_value("c1", "12"))
    assert (after.step, draft_editing.undo(conn, draft.id, ADA).draft.content) == (1, draft.content)


def test_slow_edits_other_fields_and_other_people_form_their_own_steps(conn, draft):
    after = edited(conn, draft, set_value("c1", "1"))
    conn.execute(FAST)
    after = edited(conn, after, set_value("c1", "12"), set_field("/tier", "gold"))
    assert edited(conn, after, set_field("/tier", "bronze"), by=GRACE).step == 4


def test_steps_outlast_the_connection(conn, kept_draft, settings):
    edited(conn, kept_draft, set_value("c1", "12"))
    conn.commit()
    with connect(settings.database_url) as other_conn:
        assert draft_editing.undo(other_conn, kept_draft.id, ADA).draft.content == kept_draft.content


def test_fifty_steps_can_be_undone(conn, draft):
    for number in range(120):
        conn.execute(FAST)
        draft = edited(conn, draft, set_value("c1", str(number + 20)))
    for _ in range(50):
        draft = draft_editing.undo(conn, draft.id, ADA).draft
    assert draft.tree.rows[0].value == 139 - 50
    assert len(drafts.steps(conn, draft.id)) == drafts.STEPS_KEPT + 1


def test_an_edit_that_changes_nothing_is_no_step(conn, draft):
    assert edited(conn, draft, set_field("/tier", "silver")).revision == draft.revision


def test_a_late_edit_is_applied_to_the_current_draft(conn, draft):
    edited(conn, draft, set_field("/tier", "gold"), by=GRACE)
    edit = draft_editing.edit(conn, draft.id, draft.revision, set_value("c1", "12"), ADA)
    assert (edit.draft.document["tier"], edit.draft.tree.rows[0].value) == ("gold", 12)


def test_a_late_edit_of_a_row_that_is_gone_is_refused(conn, draft):
    edited(conn, draft, {"op": "delete", "id": "c1"}, by=GRACE)
    with pytest.raises(DraftMoved) as moved:
        draft_editing.edit(conn, draft.id, draft.revision, set_value("c1", "12"), ADA)
    assert moved.value.draft.tree.rows == ()


def test_two_people_who_edit_at_the_same_moment_lose_nothing(conn, kept_draft, settings):
    def work(by, pointer, texts):
        for text in texts:
            with connect(settings.database_url) as own:
                draft_editing.edit(own, kept_draft.id, kept_draft.revision, set_field(pointer, text), by)
                own.commit()

    with ThreadPoolExecutor(2) as pool:
        jobs = [(ADA, "/name", "ABCDEFGH"), (GRACE, "/description", "abcdefgh")]
        [future.result() for future in [pool.submit(work, *job) for job in jobs]]
    after = drafts.draft(conn, kept_draft.id)
    assert (after.document["name"], after.document["description"], after.revision) == ("H", "h", 16)


def test_other_editors_are_shown_with_their_row(conn, draft):
    assert drafts.record_presence(conn, draft.key, GRACE, "c1") == []
    (colleague,) = drafts.record_presence(conn, draft.key, ADA, None)
    assert (colleague.operator, colleague.node) == (GRACE, "c1")


def test_an_editor_who_left_some_time_ago_is_not_shown(conn, draft):
    drafts.record_presence(conn, draft.key, GRACE, "c1")
    conn.execute("UPDATE draft_presence SET seen_at = seen_at - interval '16 seconds'")
    assert drafts.record_presence(conn, draft.key, ADA, None) == []


def test_who_is_present_follows_the_rule_to_its_new_key(conn, live):
    draft = draft_editing.new_draft(conn, "badge", ADA)
    drafts.record_presence(conn, draft.key, GRACE, None)
    renamed = edited(conn, draft, set_field("/key", "night_owl"))
    assert [each.operator for each in drafts.record_presence(conn, renamed.key, ADA, None)] == [GRACE]


def test_a_discarded_draft_leaves_the_live_version_and_is_audited(conn, draft):
    edited(conn, draft, set_value("c1", "12"))
    draft_editing.discard(conn, draft.id, ADA)
    (entry,) = [entry for entry in audit.entries(conn) if entry.action == "draft.discarded"]
    assert entry.before["document"]["condition"][">="][1] == 12
    assert draft_editing.open_draft(conn, "ten_lessons", ADA).tree == draft.tree


def test_a_discarded_draft_cannot_be_edited(conn, draft):
    draft_editing.discard(conn, draft.id, ADA)
    with pytest.raises(EditRefused, match="no longer exists"):
        edited(conn, draft, set_value("c1", "12"))


def test_a_new_rule_gets_a_free_key_and_may_take_another(conn, live):
    draft = draft_editing.new_draft(conn, "badge", ADA, name="Ten Lessons")
    assert (draft.key, draft.base_version) == ("ten_lessons_2", None)
    test_cases.add(conn, draft.key, "A case", {}, expected=True, by=ADA)
    assert edited(conn, draft, set_field("/key", "ten_more")).key == "ten_more"
    assert [case.name for case in test_cases.cases_of(conn, "ten_more")] == ["A case"]


def test_two_people_who_begin_rules_of_one_name_at_once_get_one_each(conn, live, settings):
    draft_editing.new_draft(conn, "badge", ADA, name="Mine")

    def begin():
        with connect(settings.database_url) as own:
            draft = draft_editing.new_draft(own, "badge", GRACE, name="Mine")
            own.commit()
            return draft

    with ThreadPoolExecutor(1) as pool:
        beginning = pool.submit(begin)
        wait_until_somebody_waits(conn)
        conn.commit()
        theirs = beginning.result()
    assert (theirs.key, theirs.created_by) == ("mine_2", GRACE)


@pytest.mark.parametrize("key", ["lessons", ""])
def test_a_key_that_is_taken_or_empty_is_refused(conn, live, key):
    draft = draft_editing.new_draft(conn, "badge", ADA, name="Mine")
    with pytest.raises(EditRefused):
        edited(conn, draft, set_field("/key", key))


def test_the_key_of_a_published_rule_stays(conn, draft):
    with pytest.raises(EditRefused, match="cannot change"):
        edited(conn, draft, set_field("/key", "other"))


def test_characters_that_the_database_cannot_store_are_refused(conn, draft):
    for text in ("nul \x00", "half \ud800"):
        with pytest.raises(EditRefused):
            edited(conn, draft, set_field("/description", text))


def test_notes_and_mutes_change_the_hash_but_not_the_rule(conn, draft):
    after = edited(conn, draft, {"op": "note", "id": "c1", "text": "why ten"})
    assert draft_editing.document_of(after) == TEN_LESSONS
    assert after.hash != draft.hash
