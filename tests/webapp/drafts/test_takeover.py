"""A draft whose live version moved: it says so, blocks, and takes over what changed."""

import pytest

from engine.authoring.refused import Refused
from tests.webapp.drafts.conftest import ADA, GRACE, set_field, set_value
from tests.webapp.rules.documents import TEN_LESSONS
from webapp.jobs import decisions, drafting, review
from webapp.jobs.decisions import Said
from webapp.jobs.publish import apply_documents
from webapp.jobs.takeover import merge, take_over
from webapp.store import drafts, four_eyes

THEIRS = TEN_LESSONS | {"tier": "gold", "description": "Their words"}


@pytest.fixture
def overtaken(conn, draft):
    """Ada's draft says twelve lessons; meanwhile somebody published gold with a description."""
    edited = drafting.edit(conn, draft.id, draft.revision, set_value("c1", "12"), ADA).draft
    assert apply_documents(conn, [THEIRS], GRACE, publish=True).problems == []
    return edited


def test_a_draft_that_was_overtaken_does_not_go_live(conn, overtaken):
    four_eyes.switch(conn, on=False)
    assert review.look(conn, overtaken).has_moved
    with pytest.raises(Refused, match="v2 went live over v1"):
        decisions.let_go_live(conn, overtaken.id, Said(overtaken.hash.hex(), ""), ADA)


def test_taking_over_keeps_what_each_side_changed(conn, overtaken):
    four_eyes.switch(conn, on=False)
    after = take_over(conn, overtaken.id, ADA, mine=True)
    assert drafting.document_of(after) == THEIRS | {"condition": {">=": [{"var": "metric.lessons.total"}, 12]}}
    assert not review.look(conn, after).has_moved
    decisions.let_go_live(conn, after.id, Said(after.hash.hex(), ""), ADA)


@pytest.mark.parametrize(("mine", "tier"), [(True, "bronze"), (False, "gold")])
def test_where_both_changed_the_same_the_author_says_whose_stands(conn, overtaken, mine, tier):
    drafting.edit(conn, overtaken.id, overtaken.revision, set_field("/tier", "bronze"), ADA)
    assert take_over(conn, overtaken.id, ADA, mine=mine).document["tier"] == tier


def test_taking_over_is_a_step_that_can_be_undone(conn, overtaken):
    take_over(conn, overtaken.id, ADA, mine=False)
    assert drafting.undo(conn, overtaken.id, ADA).draft.content == overtaken.content


def test_there_is_nothing_to_take_over_while_nothing_moved(conn, draft):
    with pytest.raises(Refused):
        take_over(conn, draft.id, ADA, mine=True)


def test_clashes_are_named_and_conditions_are_one_of_them(conn, overtaken):
    other = drafting.edit(conn, overtaken.id, overtaken.revision, set_value("c1", "13"), ADA).draft
    begun = drafts.content_at(conn, other, 0)
    made = merge(begun, overtaken.content, other.content, mine=True)
    assert (made.clashes, made.taken, made.content) == (["the conditions"], [], other.content)
