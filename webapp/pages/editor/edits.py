"""Applies the edits of a submitted form one after another, each as a step of the draft."""

import re
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from engine.authoring.forms import forms
from engine.authoring.tree.edit_result import EditRefused
from engine.vocabulary.fact import Catalogue
from webapp.pages.editor import form_parser
from webapp.pages.editor.context import EditorContext
from webapp.pages.editor.form_parser import EditState, Operation
from webapp.pages.editor.nodes import Typed
from webapp.services.drafts import draft_editing
from webapp.services.drafts.draft_editing import DraftMoved, EditedDraft
from webapp.store.rules import drafts, rule_versions
from webapp.store.rules.drafts import STEPS_KEPT, Draft
from webapp.store.system.connection import Connection

CHANGES_MAX = 200
"""In one form: each is a step of the draft, and all of them happen in one request."""


@dataclass(frozen=True, slots=True)
class FormOutcome:
    """The result of a form: the draft, the texts that were refused (`typed`), and what the page does next.

    `opened` is the control that opens if the browser runs no scripts. `folded` are the groups that are folded from now
    on. `has_read_notice` says that the notice of what others changed was read.
    """

    draft: Draft
    typed: Typed = field(default_factory=dict)
    focus: str = ""
    announcement: str = ""
    opened: str = ""
    folded: frozenset[str] = frozenset()
    has_read_notice: bool = False


def apply_form(
    conn: Connection, draft: Draft, form: "MultiDict[str, str]", by: str, context: EditorContext
) -> FormOutcome:
    """Make every edit of the form; a refusal appears beside its control. The caller saves them."""
    outcome, button = FormOutcome(draft, folded=frozenset(form.get("folded", "").split())), form.get("op", "")
    form_edits = _FormEdits(conn, context, _revision(form, draft), by)
    changes = list(form_parser.changed_controls(form))
    if len(changes) > CHANGES_MAX:
        return replace(outcome, typed={"op": (button, f"Send at most {CHANGES_MAX} changes at once")})
    for name, texts in changes:
        outcome = form_edits.control(outcome, name, texts)
    return form_edits.pressed(outcome, button) if button else outcome


def _revision(form: "MultiDict[str, str]", draft: Draft) -> int:
    revision = revision_named(form.get("revision", ""))
    return draft.revision if revision is None else revision


def revision_named(text: str) -> int | None:
    """The number of a revision as a form sends it; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@dataclass(frozen=True, slots=True)
class _FormEdits:
    conn: Connection
    context: EditorContext
    revision: int
    by: str

    def control(self, outcome: FormOutcome, name: str, texts: list[str]) -> FormOutcome:
        """Make the edit of one control."""
        try:
            operation = form_parser.control_operation(name, texts, self._state_of(outcome.draft))
            edited = _after_edit(outcome, self._edit(outcome.draft, operation))
            return self._with_key_from_name(outcome.draft, edited) if name == "/name" else edited
        except DraftMoved as moved:
            return _after_conflict(outcome, name, moved)
        except EditRefused as refused:
            return replace(outcome, typed={**outcome.typed, name: (texts[-1], str(refused))}, announcement=str(refused))

    def _with_key_from_name(self, before: Draft, outcome: FormOutcome) -> FormOutcome:
        """Derive the key of a rule that was never published from its name, until somebody types a key."""
        default_key = forms.key_from_name(str(before.document.get("name") or f"new_{before.kind}"))
        if rule_versions.rule(self.conn, before.key) or not re.fullmatch(rf"{default_key}(_\d+)?", before.key):
            return outcome
        taken = drafts.taken_keys(self.conn) - {before.key}
        key = forms.key_from_name(str(outcome.draft.document.get("name") or f"new_{before.kind}"), sorted(taken))
        return replace(self.control(outcome, "/key", [key]), focus=outcome.focus, announcement=outcome.announcement)

    def pressed(self, outcome: FormOutcome, button: str) -> FormOutcome:
        """Make the edit of the button that submitted the form."""
        try:
            if button in ("undo", "redo"):
                step = draft_editing.undo if button == "undo" else draft_editing.redo
                return _after_edit(outcome, step(self.conn, outcome.draft.id, self.by))
            if button.startswith("take_back:"):
                edited = draft_editing.take_back(self.conn, outcome.draft.id, _numbers(button), self.by)
                return _after_edit(outcome, edited)
            operation = form_parser.button_operation(button, self._state_of(outcome.draft))
            if operation is None:
                return _open_control(outcome, button)
            return _after_edit(outcome, self._edit(outcome.draft, operation))
        except DraftMoved as moved:
            return _after_conflict(outcome, button, moved)
        except EditRefused as refused:
            return replace(outcome, typed={**outcome.typed, "op": (button, str(refused))}, announcement=str(refused))

    def _edit(self, draft: Draft, operation: Operation) -> EditedDraft:
        known = self.context.catalogue_of(draft.document)
        return draft_editing.edit(self.conn, draft.id, self.revision, operation, self.by, known)

    def _state_of(self, draft: Draft) -> EditState:
        return EditState(draft.content, self.context.catalogue_of(draft.document))


def _numbers(button: str) -> list[int]:
    """The steps of `take_back:12,13`."""
    texts = button.partition(":")[2].split(",")[:STEPS_KEPT]
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10]


def _after_conflict(outcome: FormOutcome, name: str, moved: DraftMoved) -> FormOutcome:
    """The control may be gone, so the reason is shown above all of them."""
    typed = {**outcome.typed, "op": (name, str(moved))}
    return replace(outcome, draft=moved.draft, typed=typed, announcement=str(moved))


def _after_edit(outcome: FormOutcome, edit: EditedDraft) -> FormOutcome:
    node, _, control = edit.focus.rpartition("-")
    opened = f"{node}.fact" if control == "fact" and _is_empty(edit.draft, node) else ""
    return replace(outcome, draft=edit.draft, focus=edit.focus, announcement=edit.announcement, opened=opened)


def _is_empty(draft: Draft, node: str) -> bool:
    row = EditState(draft.content, Catalogue()).row(node)
    return row is not None and not row.fact


def _open_control(outcome: FormOutcome, button: str) -> FormOutcome:
    """`pick:c4.fact` and `note:c4` open a control; `fold:c3` folds a group to its sentence, or unfolds it.

    `got_it` closes the notice of what others changed.
    """
    op, _, rest = button.partition(":")
    if op == "got_it":
        return replace(outcome, has_read_notice=True)
    if op == "fold":
        return replace(outcome, folded=outcome.folded ^ {rest}, focus=f"{rest}-fold")
    opened = {"pick": rest, "note": f"{rest}.note"}.get(op, "")
    return replace(outcome, opened=opened, focus=opened.replace(".", "-"))
