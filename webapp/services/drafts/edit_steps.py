"""One edit of a draft's content: an operation on its condition tree, or a change of its document."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from engine.authoring.checks.finished_document import finished_document
from engine.authoring.forms import forms
from engine.authoring.tree import conditions, operations
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import Tree, to_json
from engine.documents.fields import member_at
from engine.vocabulary.fact import Catalogue
from webapp.store.rules.drafts import DraftContent
from webapp.store.rules.rule_versions import canonical

BYTES_MAX = 65_536


class EditStep(NamedTuple):
    """The new content after an edit; the other members are those of `operations.Edited`."""

    content: DraftContent
    label: str
    focus: str
    merge_key: str | None
    announcement: str


def content_of(document: Mapping[str, Any], tree: Tree) -> DraftContent:
    """Document and tree with their hash. Raises `EditRefused` if they are too large or contain invalid characters."""
    stored_document = dict(document)
    plain_tree = {name: value for name, value in to_json(tree).items() if name != "made"}
    try:
        written = canonical({"document": conditions.without_id_counters(stored_document), "tree": plain_tree})
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError, ValueError):
        raise EditRefused("This text contains characters that cannot be stored") from None
    if b"\\u0000" in written:
        raise EditRefused("This text contains characters that cannot be stored")
    if len(written) > BYTES_MAX:
        raise EditRefused(f"A rule has at most {BYTES_MAX // 1024} KiB")
    return DraftContent(stored_document, tree, sha256(written).digest())


def whole_document(document: Mapping[str, Any], tree: Tree) -> dict[str, Any]:
    """The whole rule document, with the condition that the tree says; null if it has no conditions."""
    whole = finished_document(document, tree)
    if whole.get("filter", True) is None:
        del whole["filter"]  # metrics are written without it
    return whole


def split_condition(whole: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """A whole rule document as the document without its condition, and the condition."""
    at = forms.tree_pointer(str(whole["kind"]))
    if at is None:
        return dict(whole), None
    document: dict[str, Any] = {name: value for name, value in whole.items() if name != at.removeprefix("/")}
    return document, member_at(whole, at)


def apply_edit(content: DraftContent, operation: Mapping[str, Any], catalogue: Catalogue) -> EditStep:
    """The content after one edit. Raises `EditRefused` if the edit is not possible."""
    document_edit = _DOCUMENT_EDITS.get(str(operation.get("op")))
    if document_edit is not None:
        return document_edit(content, operation, catalogue)
    at, tree_operation = operations.parted(operation)
    if at:
        return _edit_row_condition(content, at, tree_operation, catalogue)
    return _edit_condition(content, tree_operation, catalogue)


def _edit_condition(content: DraftContent, operation: Mapping[str, Any], catalogue: Catalogue) -> EditStep:
    """Edit the condition of the rule itself."""
    if forms.tree_pointer(content.document["kind"]) is None:
        raise EditRefused("This rule has no condition of its own: choose a step to add it to")
    edited = operations.apply(content.tree, operation, catalogue)
    new_content = content_of(content.document, edited.tree)
    return EditStep(new_content, edited.label, edited.focus, edited.merge_key, edited.announcement)


def _edit_row_condition(content: DraftContent, at: str, operation: Mapping[str, Any], catalogue: Catalogue) -> EditStep:
    """Edit the condition in the row of a table; the step names nodes by their ids on the page."""
    document = content.document
    if at not in conditions.places_of(document):
        raise EditRefused("This condition no longer exists")
    row_catalogue = conditions.catalogue_in(document, at, catalogue)
    edited = operations.apply(conditions.tree_in(document, at, row_catalogue), operation, row_catalogue)
    new_content = content_of(conditions.with_tree(document, at, edited.tree), content.tree)
    merge_key = conditions.on_page_id(edited.merge_key, at) if edited.merge_key else None
    return EditStep(new_content, edited.label, conditions.on_page_id(edited.focus, at), merge_key, edited.announcement)


def _set_field(content: DraftContent, operation: Mapping[str, Any], _: Catalogue) -> EditStep:
    """`pointer` of a form field, and `texts`: what its inputs contain."""
    at, texts = str(operation.get("pointer")), operation.get("texts", "")
    typed = [str(text) for text in texts] if isinstance(texts, list) else str(texts)
    document = forms.read_field(content.document, at, typed)
    return _document_step(content, document, forms.change_label(document, at), at, merge_key=f"field:{at}")


def _add_table_row(content: DraftContent, operation: Mapping[str, Any], _: Catalogue) -> EditStep:
    """`pointer` of a table; for a mapping also `name`."""
    at = str(operation.get("pointer"))
    document = forms.add_to_table(content.document, at, str(operation.get("name") or "").strip())
    return _document_step(content, document, "Added a row", at)


def _remove_table_row(content: DraftContent, operation: Mapping[str, Any], _: Catalogue) -> EditStep:
    """`pointer` of a table, and `at`: the index of the row, or its name in a mapping."""
    at = str(operation.get("pointer"))
    document = forms.remove_from_table(content.document, at, str(operation.get("at")))
    return _document_step(content, document, "Removed a row", at)


def _move_table_row(content: DraftContent, operation: Mapping[str, Any], _: Catalogue) -> EditStep:
    """`pointer` of a table, `at`: the index of the row, `by`: −1 up or 1 down."""
    at, row, by = str(operation.get("pointer")), str(operation.get("at")), str(operation.get("by"))
    if not row.isascii() or not row.isdigit() or by not in ("-1", "1"):
        raise EditRefused("This edit does not say where to move the row")
    return _document_step(content, forms.move_in_table(content.document, at, int(row), int(by)), "Moved a row", at)


def _set_document(content: DraftContent, operation: Mapping[str, Any], catalogue: Catalogue) -> EditStep:
    """`document`: a whole rule document of the same kind; its condition becomes the tree, notes are kept."""
    whole = operation.get("document")
    if not isinstance(whole, Mapping) or whole.get("kind") != content.document["kind"]:
        raise EditRefused(f"This is not a document of the kind {content.document['kind']}")
    if not isinstance(whole.get("key"), str) or not isinstance(whole.get("name"), str):
        raise EditRefused("A rule document needs a key and a name")
    if conditions.trees_of(whole):
        raise EditRefused("The condition of a step must be JsonLogic")
    document, logic = split_condition(whole)
    document = conditions.with_remembered_trees(document, conditions.trees_of(content.document), catalogue)
    edited = operations.apply(content.tree, {"op": "set_logic", "logic": logic}, catalogue)
    return EditStep(
        content_of(document, edited.tree), "Applied the document", "root-mode", None, "Applied the document"
    )


def _document_step(
    content: DraftContent, document: Mapping[str, Any], label: str, at: str, merge_key: str | None = None
) -> EditStep:
    return EditStep(content_of(document, content.tree), label, f"field{at.replace('/', '-')}", merge_key, label)


_DOCUMENT_EDITS: Mapping[str, Callable[[DraftContent, Mapping[str, Any], Catalogue], EditStep]] = {
    "set_field": _set_field,
    "add_table_row": _add_table_row,
    "remove_table_row": _remove_table_row,
    "move_table_row": _move_table_row,
    "set_document": _set_document,
}
"""Edits of the document, beside those of the tree in `operations.OPERATIONS`."""
