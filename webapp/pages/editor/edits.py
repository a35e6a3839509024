"""Makes the edits of a sent form one after another, each as a step of the draft."""

import re
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from engine.authoring.forms import forms
from engine.authoring.tree.edit_refused import EditRefused
from engine.vocabulary.fact import Catalogue
from webapp.pages.editor import form_parser
from webapp.pages.editor.context import EditorContext
from webapp.pages.editor.form_parser import EditState, Operation
from webapp.pages.editor.nodes import Typed
from webapp.services.drafts import draft_editing
from webapp.services.drafts.draft_editing import DraftMoved, EditedDraft
from webapp.store.rules import drafts, rule_versions
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

CHANGES_MAX = 200
"""Of one form: each is a step of the draft, and all of them are one request."""


@dataclass(frozen=True, slots=True)
class FormOutcome:
    """What became of a form: the draft, the texts that were refused, and what the page does next.

    `opened` is the control that opens for those without scripts; `others` names who else changed the draft; `folded`
    are the groups that are folded from now on.
    """

    draft: Draft
    typed: Typed = field(default_factory=dict)
    focus: str = ""
    said: str = ""
    opened: str = ""
    others: str = ""
    folded: frozenset[str] = frozenset()


def apply_form(
    conn: Connection, draft: Draft, form: "MultiDict[str, str]", by: str, around: EditorContext
) -> FormOutcome:
    """Make every edit that the form asks for; what cannot be made is told at its control. The caller commits."""
    done, button = FormOutcome(draft, folded=frozenset(form.get("folded", "").split())), form.get("op", "")
    making = _FormEdits(conn, around, _revision(form, draft), by)
    changes = list(form_parser.changed_controls(form))
    if len(changes) > CHANGES_MAX:
        return replace(done, typed={"op": (button, f"Send at most {CHANGES_MAX} changes at once")})
    for name, texts in changes:
        done = making.control(done, name, texts)
    return making.pressed(done, button) if button else done


def _revision(form: "MultiDict[str, str]", draft: Draft) -> int:
    text = form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else draft.revision


@dataclass(frozen=True, slots=True)
class _FormEdits:
    conn: Connection
    around: EditorContext
    revision: int
    by: str

    def control(self, done: FormOutcome, name: str, texts: list[str]) -> FormOutcome:
        """The edit of one control."""
        try:
            operation = form_parser.control_operation(name, texts, self._standing(done.draft))
            edited = _after_edit(done, self._edit(done.draft, operation))
            return self._keyed(done.draft, edited) if name == "/name" else edited
        except DraftMoved as moved:
            return _after_conflict(done, moved)
        except EditRefused as refused:
            return replace(done, typed={**done.typed, name: (texts[-1], str(refused))}, said=str(refused))

    def _keyed(self, before: Draft, done: FormOutcome) -> FormOutcome:
        """A rule that was never published takes its key after its name, until somebody gives it one."""
        own = forms.key_from_name(str(before.document.get("name") or f"new_{before.kind}"))
        if rule_versions.rule(self.conn, before.key) or not re.fullmatch(rf"{own}(_\d+)?", before.key):
            return done
        taken = drafts.taken_keys(self.conn) - {before.key}
        key = forms.key_from_name(str(done.draft.document.get("name") or f"new_{before.kind}"), sorted(taken))
        return replace(self.control(done, "/key", [key]), focus=done.focus, said=done.said)

    def pressed(self, done: FormOutcome, button: str) -> FormOutcome:
        """The edit of the button that sent the form."""
        try:
            if button in ("undo", "redo"):
                step = draft_editing.undo if button == "undo" else draft_editing.redo
                return _after_edit(done, step(self.conn, done.draft.id, self.by))
            operation = form_parser.button_operation(button, self._standing(done.draft))
            if operation is None:
                return _open_control(done, button)
            return _after_edit(done, self._edit(done.draft, operation))
        except DraftMoved as moved:
            return _after_conflict(done, moved)
        except EditRefused as refused:
            return replace(done, typed={**done.typed, "op": (button, str(refused))}, said=str(refused))

    def _edit(self, draft: Draft, operation: Operation) -> EditedDraft:
        known = self.around.catalogue_of(draft.document)
        return draft_editing.edit(self.conn, draft.id, self.revision, operation, self.by, known)

    def _standing(self, draft: Draft) -> EditState:
        return EditState(draft.content, self.around.catalogue_of(draft.document))


def _after_conflict(done: FormOutcome, moved: DraftMoved) -> FormOutcome:
    return replace(done, draft=moved.draft, others=moved.by, said=str(moved))


def _after_edit(done: FormOutcome, edit: EditedDraft) -> FormOutcome:
    node, _, control = edit.focus.rpartition("-")
    opened = f"{node}.fact" if control == "fact" and _is_empty(edit.draft, node) else ""
    others = edit.others or done.others
    return replace(done, draft=edit.draft, focus=edit.focus, said=edit.said, opened=opened, others=others)


def _is_empty(draft: Draft, node: str) -> bool:
    row = EditState(draft.content, Catalogue()).row(node)
    return row is not None and not row.fact


def _open_control(done: FormOutcome, button: str) -> FormOutcome:
    """`pick:c4.fact` and `note:c4` open a control; `fold:c3` folds a group to its sentence, and unfolds it."""
    op, _, rest = button.partition(":")
    if op == "fold":
        return replace(done, folded=done.folded ^ {rest}, focus=f"{rest}-fold")
    opened = {"pick": rest, "note": f"{rest}.note"}.get(op, "")
    return replace(done, opened=opened, focus=opened.replace(".", "-"))
