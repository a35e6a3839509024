"""How the Build page is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.authoring.tree.nodes import Tree
from webapp.pages.editor.folding import FoldedGroups, fold_groups
from webapp.pages.editor.nodes import Typed
from webapp.store.rules.drafts import PresentOperator


@dataclass(frozen=True, slots=True)
class EditorQuery:
    """How the page is asked for: the opened control and panel, what was typed and refused, what is told and folded.

    A part of it for scripts comes without the sample: its marks follow in an answer of their own.
    """

    opened: str = ""
    panel: str = "checks"
    typed: Typed = field(default_factory=dict)
    focus: str = ""
    said: str = ""
    others: str = ""
    present: Sequence[PresentOperator] = ()
    is_part: bool = False
    folded: frozenset[str] = frozenset()

    def folding_of(self, trees: Sequence[Tree]) -> FoldedGroups:
        """What is folded in these trees: not what hides the focus, an opened control, or a text that was refused."""
        needed = {self.focus.rpartition("-")[0], *(each.partition(".")[0] for each in (self.opened, *self.typed))}
        return fold_groups(trees, self.folded, needed)
