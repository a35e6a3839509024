"""Taking over: a draft that was begun from a version which is no longer live learns what changed there since.

What only one side changed is kept from that side. Where both changed the same, the author says whose it shall be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.authoring.tree.edit_refused import EditRefused
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
    """Three contents made one: `taken` came from what is live, about `clashes` both sides say something else."""

    content: DraftContent | None = None
    taken: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def merge_live_version(conn: Connection, draft_id: int, by: str, *, mine: bool) -> Draft:
    """Let a draft be a change of the version that is live now; `mine` says whose stands where both changed the same."""
    draft = draft_editing.locked(conn, draft_id)
    rule = rule_versions.rule(conn, draft.key)
    if rule is None or rule.live_version is None or rule.live_version == draft.base_version:
        raise EditRefused("No other version went live since this draft was started")
    theirs = draft_editing.content_of_version(conn, rule, rule.live_version)
    before = None if draft.base_version is None else draft_editing.content_of_version(conn, rule, draft.base_version)
    made = merge(before, theirs, draft.content, mine=mine)
    assert made.content is not None
    draft_editing.replace_content(conn, draft, made.content, f"Took over v{rule.live_version}", by)
    drafts.set_base(conn, draft.id, rule.live_version)
    audit.note(
        conn, by, "draft.took_over", draft.key,
        before={"base": draft.base_version},
        after={"base": rule.live_version, "taken": made.taken, "clashes": made.clashes, "mine": mine},
    )  # fmt: skip
    return draft_editing.locked(conn, draft.id)


def merge(before: DraftContent | None, theirs: DraftContent, ours: DraftContent, *, mine: bool) -> MergeResult:
    """The draft with what changed from `before` to `theirs` taken over."""
    made = MergeResult()
    old = before.document if before else {}
    document = _members(old, theirs.document, ours.document, "", made, mine=mine)
    trees = [None if each is None else replace(each.tree, made=0) for each in (before, theirs, ours)]
    chosen = _chosen(trees[0], trees[1], trees[2], CONDITIONS, made, mine=mine)
    tree = ours.tree if chosen is trees[2] else theirs.tree
    counted = max(ours.tree.made, theirs.tree.made)
    made.content = content_of(document, replace(tree, made=counted))
    return made


def _members(
    old: Mapping[str, Any],
    theirs: Mapping[str, Any],
    ours: Mapping[str, Any],
    at: str,
    made: MergeResult,
    *,
    mine: bool,
) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in dict.fromkeys([*ours, *theirs]):
        sides = [each.get(name, _ABSENT) for each in (old, theirs, ours)]
        path = pointer(at, name)
        if all(isinstance(each, Mapping) for each in sides):
            merged[name] = _members(sides[0], sides[1], sides[2], path, made, mine=mine)
            continue
        value = _chosen(sides[0], sides[1], sides[2], path, made, mine=mine)
        if value is not _ABSENT:
            merged[name] = value
    return merged


def _chosen(old: Any, theirs: Any, ours: Any, what: str, made: MergeResult, *, mine: bool) -> Any:
    """Whose value stands; what was taken and what clashes is written down in `made`."""
    if theirs in (old, ours):
        return ours
    if ours == old:
        made.taken.append(what)
        return theirs
    made.clashes.append(what)
    return ours if mine else theirs
