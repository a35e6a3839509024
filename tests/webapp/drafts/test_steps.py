"""Undo and redo as a property: whatever people do in whatever order, steps lead back and forth over exactly that."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.authoring.tree.edit_result import EditRefused
from tests.webapp.drafts.conftest import ADA, GRACE, set_field
from webapp.services.drafts import draft_editing
from webapp.store.rules import drafts

EDITS = st.one_of(
    st.sampled_from(["bronze", "silver", "gold"]).map(lambda tier: set_field("/tier", tier)),
    st.text(st.characters(categories=["L", "Nd"]), max_size=5).map(lambda text: set_field("/description", text)),
    st.just({"op": "add_row"}),
    st.just({"op": "clone", "id": "c1"}),
    st.just({"op": "mute", "id": "c1"}),
    st.just({"op": "delete", "id": "c2"}),
)
DEEDS = st.lists(st.tuples(st.sampled_from([ADA, GRACE]), EDITS | st.sampled_from(["undo", "redo"])), max_size=25)


class Model:
    """What the steps should be: a list of contents, and where in it the draft stands."""

    def __init__(self, content):
        self.contents, self.at = [content], 0

    def edited(self, content):
        self.contents[self.at + 1 :] = [content]
        self.at += 1

    def moved(self, by):
        if 0 <= self.at + by < len(self.contents):
            self.at += by


def do(conn, draft, by, deed):
    conn.execute(
        "UPDATE draft_step SET created_at = created_at - interval '1 second'"
    )  # so that no two edits are one step
    try:
        if deed == "undo":
            return draft_editing.undo(conn, draft.id, by).draft
        if deed == "redo":
            return draft_editing.redo(conn, draft.id, by).draft
        return draft_editing.edit(conn, draft.id, draft.revision, deed, by).draft
    except EditRefused:
        return draft


@pytest.mark.timeout(600)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(deeds=DEEDS)
def test_undo_and_redo_walk_exactly_the_steps_that_were_made(conn, draft, deeds):
    conn.execute("SAVEPOINT before")
    model, now = Model(draft.content), draft
    for by, deed in deeds:
        after = do(conn, now, by, deed)
        if isinstance(deed, str):
            model.moved({"undo": -1, "redo": 1}[deed])
        elif after.revision != now.revision:
            model.edited(after.content)
        now = after
        assert now.content == model.contents[model.at]
        assert (now.undo is None, now.redo is None) == (model.at == 0, model.at == len(model.contents) - 1)
        assert drafts.draft(conn, now.id) == now
    conn.execute("ROLLBACK TO before")
