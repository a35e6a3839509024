"""Editing drafts: they are opened, edited step by step by one or several people, undone, and discarded.

Every function takes the connection first and leaves the commit to its caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.forms import forms
from engine.authoring.jsonlogic.lift import lift
from engine.authoring.tree.conditions import with_remembered_trees
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.merged import merged
from engine.authoring.tree.nodes import ConditionGroup, Tree
from engine.documents.condition_places import trigger_events
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue
from webapp.services.drafts import reverting, run_test_cases
from webapp.services.drafts.edit_steps import apply_edit, content_of, split_condition, whole_document
from webapp.services.drafts.reverting import Reversal
from webapp.store.events import seen_properties
from webapp.store.people import audit
from webapp.store.rules import backtests, drafts, rule_versions, submissions, test_cases, version_notes
from webapp.store.rules.drafts import Draft, DraftContent, NewStep
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection


class DraftMoved(Exception):  # noqa: N818 — a plain "no" that its author reads
    """An edit is impossible because somebody else's came first; `draft` is the current draft."""

    def __init__(self, draft: Draft, reason: str) -> None:
        super().__init__(reason)
        self.draft = draft


class SingleRuleExists(EditRefused):
    """A rule of a kind of which there may be only one cannot begin, because there is one; `key` is its key."""

    def __init__(self, key: str, name: str) -> None:
        super().__init__(f"“{name}” counts for all players: there can be no second one. Edit it instead.")
        self.key = key


@dataclass(frozen=True, slots=True)
class EditedDraft:
    """A draft after an edit: `focus` is the id of the control that gets the focus; `announcement` is read out."""

    draft: Draft
    focus: str
    announcement: str


def new_draft(conn: Connection, kind: str, by: str, document: Mapping[str, Any] | None = None, name: str = "") -> Draft:
    """Begin a new rule, blank or from a whole document, under a free key. The caller commits.

    Raises `EditRefused` for an unknown kind, `SingleRuleExists` if there may be only one rule of it and there is one.
    """
    if kind not in KINDS:
        raise EditRefused(f"Unknown kind: {kind[:40]!r}")
    whole = dict(document) if document else forms.blank_document(kind, name)
    wished_key = str(whole.get("key") or whole.get("name") or f"new_{kind}")
    drafts.lock_keys(conn)
    _refuse_second_of_single_kind(conn, kind)
    key = forms.key_from_name(wished_key, sorted(drafts.taken_keys(conn)))
    return _begin(conn, key, _content_of_document(conn, {**whole, "key": key}), None, by)


def _refuse_second_of_single_kind(conn: Connection, kind: str) -> None:
    if only := only_rules(conn).get(kind):
        raise SingleRuleExists(*only)


def only_rules(conn: Connection) -> dict[str, tuple[str, str]]:
    """Key and name of the one rule of each kind of which there may be only one, whether live, paused or a draft."""
    rules = [rule for rule in rule_versions.all_rules(conn) if rule.status != "archived"]
    begun = [(draft.kind, draft.key, str(draft.document.get("name") or "")) for draft in drafts.all_drafts(conn)]
    known = [*((rule.kind, rule.key, rule.name) for rule in rules), *begun]
    return {kind: (key, name or KINDS[kind].name) for kind, key, name in reversed(known) if KINDS[kind].is_single}


def open_draft(conn: Connection, key: str, by: str) -> Draft | None:
    """The draft of a rule, begun from its newest version if there is none yet; None for an unknown rule."""
    draft = drafts.of_rule(conn, key)
    if draft is not None:
        return draft
    rule = rule_versions.rule(conn, key)
    if rule is None:
        return None
    return _begin(conn, key, content_of_version(conn, rule, rule.latest_version), base_of(rule), by)


def duplicate(conn: Connection, key: str, by: str) -> Draft | None:
    """Begin a copy of a rule, with its notes and test cases, under a free key; None for an unknown rule.

    Raises `SingleRuleExists` if there may be only one rule of its kind.
    """
    source = _content_to_copy(conn, key)
    if source is None:
        return None
    drafts.lock_keys(conn)
    _refuse_second_of_single_kind(conn, str(source.document["kind"]))
    free_key = forms.key_from_name(f"{key}_copy", sorted(drafts.taken_keys(conn)))
    document = {**source.document, "key": free_key, "name": f"{source.document['name']} (copy)"}
    copy = _begin(conn, free_key, content_of(document, source.tree), None, by)
    for case in test_cases.cases_of(conn, key):
        test_cases.add(conn, free_key, case.name, case.given, expected=case.expected, by=by)
    return copy


def _content_to_copy(conn: Connection, key: str) -> DraftContent | None:
    """The version in force, else the newest; for a rule that exists only as a draft, the draft."""
    rule, draft = rule_versions.rule(conn, key), drafts.of_rule(conn, key)
    if rule is not None:
        return content_of_version(conn, rule, rule.live_version or rule.latest_version)
    return draft.content if draft else None


def _begin(conn: Connection, key: str, content: DraftContent, base: int | None, by: str) -> Draft:
    if drafts.begin(conn, key, content, base, by):
        audit.note(conn, by, "draft.begun", key, after={"base": base})
    draft = drafts.of_rule(conn, key)
    assert draft is not None, "it was begun, here or by somebody else at the same moment"
    return draft


def base_of(rule: StoredRule) -> int | None:
    """The version that a draft of this rule changes: the one in force, or last in force."""
    return rule.live_version


def content_of_version(conn: Connection, rule: StoredRule, version: int) -> DraftContent:
    """A version as the editor shows it: with the tree it was made from, else with one lifted from its condition.

    A version that came as a document keeps the ids and notes of the tree before it, where it asks the same.
    """
    raw = rule_versions.document(conn, rule.key, version)
    row_trees = version_notes.rows_of_version(conn, rule.key, version)
    document = with_remembered_trees(raw, row_trees, catalogue_for(conn, raw)) if row_trees else raw
    tree = version_notes.tree_of_version(conn, rule.key, version)
    if tree is not None:
        return content_of(split_condition(document)[0], tree)
    content, earlier_tree = _content_of_document(conn, document), version_notes.tree_before(conn, rule.key, version)
    if earlier_tree is None:
        return content
    return content_of(content.document, merged(earlier_tree, content.tree))


def _content_of_document(conn: Connection, whole: Mapping[str, Any]) -> DraftContent:
    document, logic = split_condition(whole)
    tree: Tree = ConditionGroup() if logic is None else lift(logic, catalogue_for(conn, whole))
    return content_of(document, tree)


def catalogue_for(conn: Connection, document: Mapping[str, Any]) -> Catalogue:
    """The facts that this rule may use: those of its own events only."""
    return seen_properties.catalogue(conn).for_events(trigger_events(document))


def document_of(draft: Draft) -> dict[str, Any]:
    """The whole rule document of a draft, with its condition."""
    return whole_document(draft.document, draft.tree)


def edit(
    conn: Connection,
    draft_id: int,
    expected: int,
    operation: Mapping[str, Any],
    by: str,
    catalogue: Catalogue | None = None,
) -> EditedDraft:
    """Make one edit, of the tree (`engine.authoring.tree.operations`) or of the document (`edit_steps`).

    `expected` is the revision that its author saw. If the draft has changed since, the edit is applied to what it says
    now (`reverting.changes_by_others` tells its author). Raises `DraftMoved` if somebody else's change made the edit
    impossible, `EditRefused` for an edit that no draft takes.
    """
    draft = locked(conn, draft_id)
    known_facts = catalogue or catalogue_for(conn, draft.document)
    try:
        step = apply_edit(draft.content, operation, known_facts)
        _refuse_taken_key(conn, draft, step.content)
    except EditRefused as refused:
        if draft.revision != expected and draft.updated_by != by:
            raise DraftMoved(draft, str(refused)) from refused
        raise
    if (step.content.document, step.content.tree) != (draft.document, draft.tree):
        drafts.add_step(conn, draft, NewStep(step.content, step.label, by, merge_key=step.merge_key))
        draft = _after_change(conn, draft, step.content)
    return EditedDraft(draft, step.focus, step.announcement)


def edit_document(
    conn: Connection, draft_id: int, expected: int | None, document: Mapping[str, Any], by: str
) -> EditedDraft:
    """Make the draft say a whole document, except for what others changed since the revision that its author saw.

    `expected` is that revision, None for the present one. Raises `EditRefused` where others changed the same since, or
    where what the draft said at that revision is no longer kept.
    """
    draft = locked(conn, draft_id)
    operation = {"op": "set_document", "document": document}
    seen = None if expected is None else reverting.content_at_revision(conn, draft, expected)
    if expected is not None and seen is None:
        raise EditRefused("This page is too old to tell what others changed since. Open it anew. Nothing was saved")
    if seen is None or seen == draft.content:
        return edit(conn, draft_id, draft.revision, operation, by)
    step = apply_edit(seen, operation, catalogue_for(conn, draft.document))
    content = reverting.with_change(draft.content, seen, step.content)
    if content is None:
        others = sorted(
            {step.created_by for step in drafts.steps(conn, draft.id) if step.revision > (expected or 0)} - {by}
        )
        who = " and ".join(others) or "You"
        raise EditRefused(f"{who} changed the same in this draft meanwhile. Nothing was saved")
    _refuse_taken_key(conn, draft, content)
    drafts.add_step(conn, draft, NewStep(content, step.label, by))
    return EditedDraft(_after_change(conn, draft, content), step.focus, step.announcement)


def undo(conn: Connection, draft_id: int, by: str) -> EditedDraft:
    """Undo one's own last step, and nothing that others did since; it can be redone until one's own next edit."""
    draft = locked(conn, draft_id)
    own = reverting.own_steps(drafts.steps(conn, draft.id), by)
    reversal = reverting.next_reversal(conn, draft, own.undoable)
    if reversal is None:
        raise EditRefused("There is nothing of yours to undo")
    return _reverse(conn, draft, reversal, f"Undone: {reversal.step.label}", by)


def redo(conn: Connection, draft_id: int, by: str) -> EditedDraft:
    """Redo the own step that was undone last."""
    draft = locked(conn, draft_id)
    own = reverting.own_steps(drafts.steps(conn, draft.id), by)
    reversal = reverting.next_reversal(conn, draft, own.redoable)
    if reversal is None:
        raise EditRefused("There is nothing of yours to redo")
    return _reverse(conn, draft, reversal, f"Redone: {reversal.step.label}", by)


def _reverse(conn: Connection, draft: Draft, reversal: Reversal, announcement: str, by: str) -> EditedDraft:
    step, content = reversal.step, reversal.content
    _refuse_taken_key(conn, draft, content)
    drafts.add_step(conn, draft, NewStep(content, step.label, by, reverses=step.step))
    return EditedDraft(_after_change(conn, draft, content), "", announcement)


def take_back(conn: Connection, draft_id: int, numbers: Sequence[int], by: str) -> EditedDraft:
    """Take these steps back, whoever made them, as one step of one's own."""
    draft = locked(conn, draft_id)
    steps = [step for step in drafts.steps(conn, draft.id) if step.step in numbers]
    content = reverting.without_steps(conn, draft, numbers) if steps else None
    if content is None:
        raise EditRefused("This has been changed again since")
    _refuse_taken_key(conn, draft, content)
    label = f"Took back: {steps[-1].label}"
    reverses = steps[0].step if len(steps) == 1 else None
    drafts.add_step(conn, draft, NewStep(content, label, by, reverses=reverses))
    return EditedDraft(_after_change(conn, draft, content), "", label)


def replace_content(conn: Connection, draft: Draft, content: DraftContent, label: str, by: str) -> Draft:
    """Replace everything that the draft says, as one step that can be undone."""
    drafts.add_step(conn, locked(conn, draft.id), NewStep(content, label, by))
    return _after_change(conn, draft, content)


def discard(conn: Connection, draft_id: int, by: str) -> None:
    """Discard the draft; what is live stays as it is."""
    draft = locked(conn, draft_id)
    submissions.withdraw(conn, draft.key, by)
    drafts.delete(conn, draft.id)
    if rule_versions.rule(conn, draft.key) is None:  # nothing is left that these could belong to
        test_cases.delete_all(conn, draft.key)
        backtests.delete_all(conn, draft.key)
    audit.note(conn, by, "draft.discarded", draft.key, before={"document": document_of(draft)})


def locked(conn: Connection, draft_id: int) -> Draft:
    """A draft that nobody else changes until the transaction ends. Raises `EditRefused` if it no longer exists."""
    draft = drafts.draft(conn, draft_id, locked=True)
    if draft is None:
        raise EditRefused("This draft no longer exists: it was published or discarded")
    return draft


def _refuse_taken_key(conn: Connection, draft: Draft, content: DraftContent) -> None:
    """Raises `EditRefused` if the content has a new key that this draft cannot take."""
    key = content.document["key"]
    if key == draft.key:
        return
    if rule_versions.rule(conn, draft.key) is not None:
        raise EditRefused("The key of a published rule cannot change")
    drafts.lock_keys(conn)
    if not key:
        raise EditRefused("A rule needs a key")
    if key in drafts.taken_keys(conn):
        raise EditRefused(f"The key {key!r} is already taken")


def _after_change(conn: Connection, before: Draft, content: DraftContent) -> Draft:
    """The draft as it is now: what refers to its key has followed it, and its test cases were run."""
    key = content.document["key"]
    if key != before.key:
        test_cases.rename(conn, before.key, key)
        submissions.rename(conn, before.key, key)
        backtests.rename(conn, before.key, key)
        drafts.rename_presence(conn, before.key, key)
    draft = locked(conn, before.id)
    run_test_cases.run_and_store_verdicts(conn, draft)
    return draft
