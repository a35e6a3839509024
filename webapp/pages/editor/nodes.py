"""Builds the views of condition trees: what the controls of each node show and offer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from zlib import crc32

from engine.authoring.draft_sentence import group_text, row_text
from engine.authoring.forms import row_options
from engine.authoring.forms.row_options import ValueChoice
from engine.authoring.forms.typed_values import one_value
from engine.authoring.trace import NodeMark
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.conditions import DraftCondition
from engine.authoring.tree.nodes import DEPTH_MAX, ConditionGroup, ConditionRow, Node, depths, numbers, walk
from engine.language.words.wording import OperandWords
from engine.vocabulary.fact import EVENT_PROPERTY, Catalogue, Fact, FactType
from webapp.pages.document_text import written
from webapp.pages.editor.folding import FoldedGroups
from webapp.pages.editor.view_models import BlockView, GroupView, NodeHead, NodeView, RowView, ValueControl

Typed: TypeAlias = Mapping[str, tuple[str, str]]
"""Name of a control → the text typed into it, and why that was refused."""
SEVERAL = ("numbers", "texts", "choices", "weekdays")


@dataclass(frozen=True, slots=True)
class TreeContext:
    """What the view of a tree needs beside it: marks, mistakes, refused texts, values seen, what is open or folded."""

    catalogue: Catalogue
    marks: Mapping[str, NodeMark] = field(default_factory=dict)
    mistakes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    typed: Typed = field(default_factory=dict)
    values_seen: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    opened: str = ""
    folding: FoldedGroups = field(default_factory=FoldedGroups)


def draw_tree(part: DraftCondition, context: TreeContext) -> GroupView:
    """The view of a whole tree."""
    return _TreeDrawing(part, replace(context, catalogue=part.catalogue)).group(part.tree)


@dataclass
class _TreeDrawing:
    part: DraftCondition
    context: TreeContext

    def __post_init__(self) -> None:
        self.tree = self.part.tree
        self.numbers, self.depths = numbers(self.tree), depths(self.tree)
        self.numbers_on_page = self.part.numbers

    def node(self, node: Node) -> NodeView:
        if isinstance(node, ConditionGroup):
            return self.group(node)
        if isinstance(node, ConditionRow):
            return self.row(node)
        text = row_text(node, self.context.catalogue)
        return BlockView(self._head("block", "Advanced block", node), text, written(node.logic))

    def group(self, group: ConditionGroup) -> GroupView:
        rows = tuple(map(self.node, group.rows))
        may_nest = self.depths[group.id] < DEPTH_MAX
        folded_sentence = group_text(group, self.context.catalogue) if group.id in self.context.folding.groups else ""
        return GroupView(
            self._head("group", "Group", group), group, rows, may_nest, group.id == self.tree.id, folded_sentence
        )

    def row(self, row: ConditionRow) -> RowView:
        catalogue = self.context.catalogue
        fact = catalogue.fact(row.fact) if row.fact else None
        path = other_fact(row.value)
        return RowView(
            self._head("row", "Condition", row),
            row,
            fact=fact,
            operators=tuple(row_options.operators_for(fact, row.operator)) if row.fact else (),
            widget=row_options.widget(fact, row.operator, row.value) if row.fact else "none",
            values=tuple(self._values(row, fact)),
            choices=tuple(self._choices(fact)),
            days=row_options.days_of(row.fact),
            other=catalogue.fact(path) if path else None,
            takes_fact=row_options.takes_other_fact(row.operator),
            opened=self.context.opened.removeprefix(f"{row.id}.")
            if self.context.opened.startswith(f"{row.id}.")
            else "",
        )

    def _head(self, sort: str, word: str, node: Node) -> NodeHead:
        number, context = self.numbers[node.id], self.context
        called = f"{word} {self.numbers_on_page[node.id]}" if number else self.part.all_called
        refused = [why for name, (_, why) in context.typed.items() if name.startswith(f"{node.id}.")]
        found_mistakes = () if refused else (*context.mistakes.get(node.id, ()), *self._hidden_mistakes(node))
        is_noting = bool(node.note) or context.opened == f"{node.id}.note"
        mark = context.marks.get(node.id)
        alone = replace(node, rows=()) if isinstance(node, ConditionGroup) else node
        sign = f"{crc32(repr(alone).encode()):x}"
        return NodeHead(
            sort, node.id, number, called, mark, (*refused, *found_mistakes), node.is_muted, node.note, is_noting, sign
        )

    def _hidden_mistakes(self, node: Node) -> Iterator[str]:
        """The mistakes in the rows that a folded group hides."""
        if node.id in self.context.folding.groups:
            for hidden in walk(node):
                mistakes = self.context.mistakes.get(hidden.id, ()) if hidden is not node else ()
                yield from (f"{self.numbers[hidden.id]}: {why}" for why in mistakes)

    def _values(self, row: ConditionRow, fact: Fact | None) -> Iterator[ValueControl]:
        widget, typed = row_options.widget(fact, row.operator, row.value), self.context.typed
        values = row.value if isinstance(row.value, list) else [row.value]
        if widget in ("none", "fact") or not row.fact:
            return
        if widget in SEVERAL:
            for index, value in enumerate(row.value or ()):
                yield ValueControl(f"drop:{row.id}:{index}", f"{row.id}-chip{index}", "", self._words(value, fact))
            return
        names = ("value0", "value1") if widget in ("numbers2", "dates2") else ("value",)
        for name, value in zip(names, [*values, None], strict=False):
            text, _ = typed.get(f"{row.id}.{name}", (text_of(value, fact), ""))
            yield ValueControl(f"{row.id}.{name}", f"{row.id}-{name.replace('0', '')}", text, text)

    def _words(self, value: Any, fact: Fact | None) -> str:
        return OperandWords(self.context.catalogue).value(value, fact).strip("“”") if fact else str(value)

    def _choices(self, fact: Fact | None) -> list[ValueChoice]:
        declared = row_options.choices(fact, self.context.catalogue)
        if declared or fact is None or fact.type is FactType.NUMBER:
            return declared
        values = self.context.values_seen.get(fact.path.removeprefix(EVENT_PROPERTY), ())
        return [ValueChoice(value, str(value)) for value in values if isinstance(value, str)]


def text_of(value: Any, fact: Fact | None) -> str:
    """The text in the field of a value; parsing it gives the value again."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and (fact is None or fact.type in (FactType.UNKNOWN, FactType.LIST)):
        return value if one_value(fact, value) == value else f'"{value}"'
    return str(value)
