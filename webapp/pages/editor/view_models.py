"""A condition tree as the page shows it: each node with what its controls show and offer."""

from dataclasses import dataclass

from engine.authoring.forms.row_options import OperatorOffer, ValueChoice
from engine.authoring.trace import NodeMark
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow
from engine.vocabulary.fact import Fact


@dataclass(frozen=True, slots=True)
class ValueControl:
    """One field or chip of a value: the name and id of its control, its text, and its words for people."""

    name: str
    id: str
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class NodeHead:
    """What all nodes have. `sort` is group, row or block; `mistakes` stand below it; a note may be open to write.

    `sign` differs once the node does, whatever stands in it.
    """

    sort: str
    id: str
    number: str
    called: str
    mark: NodeMark | None
    mistakes: tuple[str, ...]
    is_muted: bool
    note: str
    is_noting: bool
    sign: str


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node."""

    head: NodeHead


@dataclass(frozen=True, slots=True)
class GroupView(NodeView):
    """A group and its rows; `may_nest` says whether another group fits into it, `told` is its sentence if folded."""

    group: ConditionGroup
    rows: tuple[NodeView, ...]
    may_nest: bool
    is_root: bool
    folded_sentence: str


@dataclass(frozen=True, slots=True)
class RowView(NodeView):
    """A row: its fact, the comparisons for it, and the fields of its value."""

    row: ConditionRow
    fact: Fact | None
    operators: tuple[OperatorOffer, ...]
    widget: str
    values: tuple[ValueControl, ...]
    choices: tuple[ValueChoice, ...]
    days: int | None
    other: Fact | None
    takes_fact: bool
    opened: str


@dataclass(frozen=True, slots=True)
class BlockView(NodeView):
    """A locked piece of logic, in words and as JSON."""

    text: str
    logic: str
