"""A draft whose live version moved: it says so, blocks, and takes over what changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow
from tests.webapp.drafts.conftest import ADA, GRACE, set_field, set_value
from tests.webapp.rules.documents import TEN_LESSONS
from webapp.services.drafts import draft_editing
from webapp.services.drafts.edit_steps import content_of
from webapp.services.drafts.merge_live_changes import merge, merge_live_version
from webapp.services.publishing import draft_decisions, review
from webapp.services.publishing.draft_decisions import DraftDecision
from webapp.services.publishing.publish import apply_documents
from webapp.store.people import four_eyes
from webapp.store.rules import drafts

THEIRS = TEN_LESSONS | {"tier": "gold", "description": "Their words"}


@pytest.fixture
def overtaken(conn, draft):
    """Ada's draft says twelve lessons; meanwhile somebody published gold with a description."""
    edited = draft_editing.edit(conn, draft.id, draft.revision, set_value("c1", "12"), ADA).draft
    assert apply_documents(conn, [THEIRS], GRACE, publish=True).problems == []
    return edited


def test_a_draft_that_was_overtaken_does_not_go_live(conn, overtaken):
    four_eyes.switch(conn, on=False)
    assert review.review_draft(conn, overtaken).has_moved
    with pytest.raises(EditRefused, match="v2 went live over v1"):
        draft_decisions.publish_draft(conn, overtaken.id, DraftDecision(overtaken.hash.hex(), ""), ADA)


def test_merging_keeps_the_changes_of_both_sides(conn, overtaken):
    four_eyes.switch(conn, on=False)
    after = merge_live_version(conn, overtaken.id, ADA, mine=True)
    assert draft_editing.document_of(after) == THEIRS | {"condition": {">=": [{"var": "metric.lessons.total"}, 12]}}
    assert not review.review_draft(conn, after).has_moved
    draft_decisions.publish_draft(conn, after.id, DraftDecision(after.hash.hex(), ""), ADA)


@pytest.mark.parametrize(("keeps_own", "tier"), [(True, "bronze"), (False, "gold")])
def test_the_author_decides_a_conflict_between_both_sides(conn, overtaken, keeps_own, tier):
    draft_editing.edit(conn, overtaken.id, overtaken.revision, set_field("/tier", "bronze"), ADA)
    assert merge_live_version(conn, overtaken.id, ADA, mine=keeps_own).document["tier"] == tier


def test_merging_is_a_step_that_can_be_undone(conn, overtaken):
    merge_live_version(conn, overtaken.id, ADA, mine=False)
    assert draft_editing.undo(conn, overtaken.id, ADA).draft.hash == overtaken.hash


def test_there_is_nothing_to_merge_while_the_live_version_is_unchanged(conn, draft):
    with pytest.raises(EditRefused):
        merge_live_version(conn, draft.id, ADA, mine=True)


def test_conflicts_are_named_and_conditions_count_as_one(conn, overtaken):
    edited = draft_editing.edit(conn, overtaken.id, overtaken.revision, set_value("c1", "13"), ADA).draft
    begun = drafts.contents(conn, edited.id, 0, 0)[0]
    merger = merge(begun, overtaken.content, edited.content, mine=True)
    assert (merger.clashes, merger.taken, merger.content) == (["the conditions"], [], edited.content)


VALUES = st.none() | st.integers(0, 3) | st.sampled_from(["a", "b"])
MEMBERS = st.dictionaries(st.sampled_from("pqrs"), VALUES | st.dictionaries(st.sampled_from("xy"), VALUES))
TREES = st.integers(0, 3).map(lambda value: ConditionGroup(rows=(ConditionRow("c1", "player.xp", "at_least", value),)))
CONTENTS = st.builds(lambda members, tree: content_of({"kind": "badge", **members}, tree), MEMBERS, TREES)


def leaves(content):
    """Every value of a content by its path; the conditions are one."""
    values = {"tree": content.tree.rows}
    for name, value in content.document.items():
        inner = value if isinstance(value, dict) else None
        values |= {(name, member): inner[member] for member in inner} if inner else {(name,): value}
    return values


@given(old=CONTENTS, theirs=CONTENTS, ours=CONTENTS, keeps_own=st.booleans())
def test_changes_of_one_side_are_never_lost(old, theirs, ours, keeps_own):
    merger, before, live, draft = merge(old, theirs, ours, mine=keeps_own), *map(leaves, (old, theirs, ours))
    after = leaves(merger.content)
    for path in before.keys() & live.keys() & draft.keys():
        changed = {"theirs": live[path] != before[path], "ours": draft[path] != before[path]}
        expected = live[path] if changed["theirs"] and (not changed["ours"] or not keeps_own) else draft[path]
        assert after[path] == expected, path


@given(old=CONTENTS, changed=CONTENTS, keeps_own=st.booleans())
def test_if_one_side_changed_nothing_the_other_is_kept_as_it_is(old, changed, keeps_own):
    for theirs, ours in ((changed, old), (old, changed)):
        merger = merge(old, theirs, ours, mine=keeps_own)
        assert (merger.content.hash, merger.clashes) == (changed.hash, [])
