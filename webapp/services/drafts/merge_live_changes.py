"""Merging: a draft begun from a version that is no longer live takes over what changed there since.

What only one side changed is taken from that side. Where both sides changed the same, the author chooses whose stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.authoring.tree.edit_result import EditRefused
from engine.vocabulary.problem import pointer
from webapp.services.drafts import draft_editing
from webapp.services.drafts.edit_steps import content_of
from webapp.store.people import audit
from webapp.store.rules import drafts, rule_versions
from webapp.store.rules.drafts import Draft, DraftContent
from webapp.store.system.connection import Connection

CONDITIONS = "the conditions"
_ABSENT: Any = object()


@dataclass(slots=True)
class MergeResult:
    """The content after a three-way merge; `taken` came from the live version, at `clashes` both sides differ."""

    content: DraftContent | None = None
    taken: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def merge_live_version(conn: Connection, draft_id: int, by: str, *, mine: bool) -> Draft:
    """Make a draft a change of the version that is live now; `mine` keeps the draft's side where both changed.

    Commits. Raises `EditRefused` if no other version went live.
    """
    draft = draft_editing.locked(conn, draft_id)
    rule = rule_versions.rule(conn, draft.key)
    if rule is None or rule.live_version is None or rule.live_version == draft.base_version:
        raise EditRefused("No other version went live since this draft was started")
    base = None if draft.base_version is None else draft_editing.content_of_version(conn, rule, draft.base_version)
    theirs = draft_editing.content_of_version(conn, rule, rule.live_version)
    result = merge(base, theirs, draft.content, mine=mine)
    assert result.content is not None
    draft_editing.replace_content(conn, draft, result.content, f"Merged v{rule.live_version}", by)
    drafts.set_base(conn, draft.id, rule.live_version)
    audit.note(
        conn, by, "draft.took_over", draft.key,
        before={"base": draft.base_version},
        after={"base": rule.live_version, "taken": result.taken, "clashes": result.clashes, "mine": mine},
    )  # fmt: skip
    merged = draft_editing.locked(conn, draft.id)
    conn.commit()
    return merged


def merge(base: DraftContent | None, theirs: DraftContent, ours: DraftContent, *, mine: bool) -> MergeResult:
    """Our content with everything that changed from `base` to `theirs`."""
    result = MergeResult()
    base_document = base.document if base else {}
    document = _merge_members(base_document, theirs.document, ours.document, "", result, mine=mine)
    # The count of nodes made so far only numbers new ones: it must not decide whether two trees are the same.
    base_tree = None if base is None else replace(base.tree, made=0)
    their_tree, our_tree = replace(theirs.tree, made=0), replace(ours.tree, made=0)
    chosen = _choose(base_tree, their_tree, our_tree, CONDITIONS, result, mine=mine)
    tree = ours.tree if chosen is our_tree else theirs.tree
    result.content = content_of(document, replace(tree, made=max(ours.tree.made, theirs.tree.made)))
    return result


def _merge_members(
    base: Mapping[str, Any], theirs: Mapping[str, Any], ours: Mapping[str, Any], at: str, result: MergeResult, *,
    mine: bool,
) -> dict[str, Any]:  # fmt: skip
    merged: dict[str, Any] = {}
    for name in dict.fromkeys([*ours, *theirs]):
        sides = [side.get(name, _ABSENT) for side in (base, theirs, ours)]
        path = pointer(at, name)
        if all(isinstance(side, Mapping) for side in sides):
            merged[name] = _merge_members(sides[0], sides[1], sides[2], path, result, mine=mine)
            continue
        value = _choose(sides[0], sides[1], sides[2], path, result, mine=mine)
        if value is not _ABSENT:
            merged[name] = value
    return merged


def _choose(base: Any, theirs: Any, ours: Any, what: str, result: MergeResult, *, mine: bool) -> Any:
    """The value that stays; what was taken over and what clashes is recorded in `result`."""
    if theirs in (base, ours):
        return ours
    if ours == base:
        result.taken.append(what)
        return theirs
    result.clashes.append(what)
    return ours if mine else theirs
