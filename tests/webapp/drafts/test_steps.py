"""Undo and redo as a property: whatever two people do in whatever order, each walks exactly over their own steps."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.authoring.tree.edit_result import EditRefused
from tests.webapp.drafts.conftest import ADA, GRACE, set_field
from webapp.services.drafts import draft_editing

EDITS = {
    ADA: st.one_of(
        st.sampled_from(["bronze", "silver", "gold"]).map(lambda tier: set_field("/tier", tier)),
        st.just({"op": "add_row"}),
        st.just({"op": "clone", "id": "c1"}),
        st.just({"op": "mute", "id": "c1"}),
        st.just({"op": "delete", "id": "c2"}),
    ),
    GRACE: st.one_of(
        st.text(st.characters(categories=["L", "Nd"]), max_size=5).map(lambda text: set_field("/description", text)),
        st.sampled_from(["1", "2"]).map(lambda xp: set_field("/grant/xp", xp)),
    ),
}
DEEDS = st.lists(
    st.sampled_from([ADA, GRACE]).flatmap(
        lambda by: st.tuples(st.just(by), EDITS[by] | st.sampled_from(["undo", "redo"]))
    ),
    max_size=25,
)


def territory(content, by):
    """The part of the draft that only this person edits."""
    if by == GRACE:
        return content.document.get("description"), content.document.get("grant")
    return content.document.get("tier"), content.tree.rows


class Model:
    """What the steps of one person should be: a list of contents, and where in it the draft stands."""

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
def test_undo_and_redo_walk_exactly_the_steps_that_one_made_oneself(conn, draft, deeds):
    conn.execute("SAVEPOINT before")
    models, now = {by: Model(territory(draft.content, by)) for by in (ADA, GRACE)}, draft
    for by, deed in deeds:
        after = do(conn, now, by, deed)
        if isinstance(deed, str):
            models[by].moved({"undo": -1, "redo": 1}[deed])
        elif after.revision != now.revision:
            models[by].edited(territory(after.content, by))
        now = after
        for person, model in models.items():
            assert territory(now.content, person) == model.contents[model.at]
    conn.execute("ROLLBACK TO before")
