"""The query of the Build page: what is open, folded, typed and announced."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.authoring.tree.nodes import Tree
from webapp.pages.editor.folding import FoldedGroups, fold_groups
from webapp.pages.editor.nodes import Typed
from webapp.store.rules.drafts import PresentOperator


@dataclass(frozen=True, slots=True)
class EditorQuery:
    """What the page should show: the open control and panel, refused texts, the announcement, folded groups.

    `noticed` is the revision up to which one knows what others changed, None for the present one. `is_part` is the part
    of the page that scripts fetch. It comes without the sample, whose marks follow in a response of their own.
    """

    opened: str = ""
    panel: str = "checks"
    typed: Typed = field(default_factory=dict)
    focus: str = ""
    announcement: str = ""
    noticed: int | None = None
    present: Sequence[PresentOperator] = ()
    is_part: bool = False
    folded: frozenset[str] = frozenset()

    def folding_of(self, trees: Sequence[Tree]) -> FoldedGroups:
        """The folded groups of these trees, except those that hide the focus, the open control, or a refused text."""
        needed = {self.focus.rpartition("-")[0], *(control.partition(".")[0] for control in (self.opened, *self.typed))}
        return fold_groups(trees, self.folded, needed)
