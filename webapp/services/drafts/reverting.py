"""Undo and redo of one's own steps, whatever others did in between, and what others changed meanwhile.

Every function takes the connection first and leaves the commit to its caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.authoring.difference import difference
from engine.authoring.reverted import reverted
from engine.vocabulary.fact import Catalogue
from webapp.services.drafts.edit_steps import content_of
from webapp.store.rules import drafts
from webapp.store.rules.drafts import Draft, DraftContent, DraftStep
from webapp.store.system.connection import Connection

STEPS_COMPARED_MAX = 40


@dataclass(slots=True)
class OwnSteps:
    """The steps of one person that can be undone and redone, the newest last."""

    undoable: list[DraftStep] = field(default_factory=list)
    redoable: list[DraftStep] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reversal:
    """A step to take back, and the content without it."""

    step: DraftStep
    content: DraftContent


def own_steps(steps: Sequence[DraftStep], by: str) -> OwnSteps:
    """What somebody can undo and redo: their next edit discards what they undid, an edit of somebody else does not."""
    own = OwnSteps()
    for step in steps[1:]:  # of the first, the content before it is not known
        if step.created_by != by:
            continue
        reversed_number = step.reverses
        if any(undone.step == reversed_number for undone in own.undoable):
            own.undoable = [other for other in own.undoable if other.step != reversed_number]
            own.redoable.append(step)
        elif any(redone.step == reversed_number for redone in own.redoable):
            own.redoable = [other for other in own.redoable if other.step != reversed_number]
            own.undoable.append(step)
        else:
            own.undoable.append(step)
            own.redoable = []
    return own


def next_reversal(conn: Connection, draft: Draft, candidates: Sequence[DraftStep]) -> Reversal | None:
    """The newest of these steps that can be taken back: those that others have overwritten are passed over."""
    for step in reversed(candidates):
        content = without_steps(conn, draft, [step.step])
        if content is not None and content.hash != draft.hash:
            return Reversal(step, content)
    return None


def without_steps(conn: Connection, draft: Draft, numbers: Sequence[int]) -> DraftContent | None:
    """What the draft says now without these steps; None if the same has been changed again since."""
    present = draft.content
    for number in sorted(numbers, reverse=True):
        sides = drafts.contents(conn, draft.id, number - 1, number)
        if len(sides) < 2:
            return None
        before, after = sides[number - 1], sides[number]
        result = reverted(
            (before.document, before.tree), (after.document, after.tree), (present.document, present.tree)
        )
        if result is None:
            return None
        present = content_of(*result)
    return present


def content_at_revision(conn: Connection, draft: Draft, revision: int) -> DraftContent | None:
    """What the draft said at a revision; None if that is not kept."""
    earlier = [step.step for step in drafts.steps(conn, draft.id) if step.revision <= revision]
    return drafts.contents(conn, draft.id, earlier[-1], earlier[-1])[earlier[-1]] if earlier else None


def with_change(present: DraftContent, before: DraftContent, after: DraftContent) -> DraftContent | None:
    """What the draft says now with the change from `before` to `after`; None where others changed the same."""
    result = reverted((after.document, after.tree), (before.document, before.tree), (present.document, present.tree))
    return content_of(*result) if result else None


@dataclass(frozen=True, slots=True)
class ChangeByOthers:
    """What somebody else changed at one place since one's page last showed it.

    `place` is the number of a row or the label of a field. `own` is what one has put there since, in words, empty for
    nothing. `steps` are to be taken back: those of the other person, or, with `own`, one's own that overwrote them.
    """

    by: str
    place: str
    sign: str
    before: str
    after: str
    steps: tuple[int, ...]
    own: str = ""


def changes_by_others(
    conn: Connection, draft: Draft, by: str, since_revision: int, catalogue: Catalogue
) -> list[ChangeByOthers]:
    """What others changed since a revision, place by place; of very many steps, only the newest are looked at."""
    new_steps = [step for step in drafts.steps(conn, draft.id) if step.revision > since_revision]
    new_steps = new_steps[-STEPS_COMPARED_MAX:]
    if all(step.created_by == by for step in new_steps):
        return []
    contents = drafts.contents(conn, draft.id, new_steps[0].step - 1, new_steps[-1].step)
    changes: dict[str, ChangeByOthers] = {}
    for step in new_steps:
        for sign, place, before, after in _places(step, contents, catalogue):
            earlier = changes.get(place)
            if step.created_by != by:
                is_theirs = earlier is not None and not earlier.own
                changes[place] = ChangeByOthers(
                    by=step.created_by,
                    place=place,
                    sign=sign,
                    before=earlier.before if earlier and is_theirs else before,
                    after=after,
                    steps=(*earlier.steps, step.step) if earlier and is_theirs else (step.step,),
                )
            elif earlier is not None:
                own_steps_there = (*earlier.steps, step.step) if earlier.own else (step.step,)
                changes[place] = replace(earlier, own=after or "…", steps=own_steps_there)
    return [change for change in changes.values() if not change.own or change.own != change.after]


def _places(
    step: DraftStep, contents: Mapping[int, DraftContent], catalogue: Catalogue
) -> list[tuple[str, str, str, str]]:
    """Sign, place, and what was there before and after; a step that changes no words, such as a move, is its label."""
    before, after = contents.get(step.step - 1), contents.get(step.step)
    if before is None or after is None:
        return [("~", step.label, "", "")]
    lines = difference((before.document, before.tree), (after.document, after.tree), catalogue)
    changed = [(line.sign, line.number, line.before, line.after) for line in lines if line.sign != " "]
    return changed or [("~", step.label, "", "")]
