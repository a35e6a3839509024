"""Draws condition trees: what the controls of each node show and offer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from zlib import crc32

from engine.authoring.forms import row_options
from engine.authoring.forms.row_options import ValueChoice
from engine.authoring.forms.typed_values import one_value
from engine.authoring.rule_sentence import group_text, row_text
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
"""Name of a control → what was typed into it, and why that was refused."""
SEVERAL = ("numbers", "texts", "choices", "weekdays")


@dataclass(frozen=True, slots=True)
class TreeContext:
    """What drawing a tree needs beside it: marks, mistakes, refused texts, values seen, what is opened or folded."""

    catalogue: Catalogue
    marks: Mapping[str, NodeMark] = field(default_factory=dict)
    mistakes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    typed: Typed = field(default_factory=dict)
    seen: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    opened: str = ""
    folding: FoldedGroups = field(default_factory=FoldedGroups)


def draw_tree(part: DraftCondition, around: TreeContext) -> GroupView:
    """A whole tree as drawn."""
    return _TreeDrawing(part, replace(around, catalogue=part.catalogue)).group(part.tree)


@dataclass
class _TreeDrawing:
    part: DraftCondition
    around: TreeContext

    def __post_init__(self) -> None:
        self.tree = self.part.tree
        self.numbers, self.depths = numbers(self.tree), depths(self.tree)

    def node(self, node: Node) -> NodeView:
        if isinstance(node, ConditionGroup):
            return self.group(node)
        if isinstance(node, ConditionRow):
            return self.row(node)
        text = row_text(node, self.around.catalogue)
        return BlockView(self._head("block", "Advanced block", node), text, written(node.logic))

    def group(self, group: ConditionGroup) -> GroupView:
        rows = tuple(map(self.node, group.rows))
        may_nest = self.depths[group.id] < DEPTH_MAX
        told = group_text(group, self.around.catalogue) if group.id in self.around.folding.groups else ""
        return GroupView(self._head("group", "Group", group), group, rows, may_nest, group.id == self.tree.id, told)

    def row(self, row: ConditionRow) -> RowView:
        known = self.around.catalogue
        fact = known.fact(row.fact) if row.fact else None
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
            other=known.fact(path) if path else None,
            takes_fact=row_options.takes_other_fact(row.operator),
            opened=self.around.opened.removeprefix(f"{row.id}.") if self.around.opened.startswith(f"{row.id}.") else "",
        )

    def _head(self, sort: str, word: str, node: Node) -> NodeHead:
        number, around = self.numbers[node.id], self.around
        called = f"{word} {self.part.numbers[node.id]}" if number else self.part.all_called
        refused = [why for name, (_, why) in around.typed.items() if name.startswith(f"{node.id}.")]
        own = () if refused else (*around.mistakes.get(node.id, ()), *self._hidden_mistakes(node))
        is_noting = bool(node.note) or around.opened == f"{node.id}.note"
        mark = around.marks.get(node.id)
        alone = replace(node, rows=()) if isinstance(node, ConditionGroup) else node
        sign = f"{crc32(repr(alone).encode()):x}"
        return NodeHead(
            sort, node.id, number, called, mark, (*refused, *own), node.is_muted, node.note, is_noting, sign
        )

    def _hidden_mistakes(self, node: Node) -> Iterator[str]:
        """What is wrong in the rows that a folded group hides."""
        if node.id in self.around.folding.groups:
            for each in walk(node):
                found = self.around.mistakes.get(each.id, ()) if each is not node else ()
                yield from (f"{self.numbers[each.id]}: {why}" for why in found)

    def _values(self, row: ConditionRow, fact: Fact | None) -> Iterator[ValueControl]:
        field_, typed = row_options.widget(fact, row.operator, row.value), self.around.typed
        held = row.value if isinstance(row.value, list) else [row.value]
        if field_ in ("none", "fact") or not row.fact:
            return
        if field_ in SEVERAL:
            for index, each in enumerate(row.value or ()):
                yield ValueControl(f"drop:{row.id}:{index}", f"{row.id}-chip{index}", "", self._words(each, fact))
            return
        names = ("value0", "value1") if field_ in ("numbers2", "dates2") else ("value",)
        for name, each in zip(names, [*held, None], strict=False):
            text, _ = typed.get(f"{row.id}.{name}", (text_of(each, fact), ""))
            yield ValueControl(f"{row.id}.{name}", f"{row.id}-{name.replace('0', '')}", text, text)

    def _words(self, value: Any, fact: Fact | None) -> str:
        return OperandWords(self.around.catalogue).value(value, fact).strip("“”") if fact else str(value)

    def _choices(self, fact: Fact | None) -> list[ValueChoice]:
        found = row_options.choices(fact, self.around.catalogue)
        if found or fact is None or fact.type is FactType.NUMBER:
            return found
        seen = self.around.seen.get(fact.path.removeprefix(EVENT_PROPERTY), ())
        return [ValueChoice(each, str(each)) for each in seen if isinstance(each, str)]


def text_of(value: Any, fact: Fact | None) -> str:
    """What stands in the field of a value, so that reading it gives the value again."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and (fact is None or fact.type in (FactType.UNKNOWN, FactType.LIST)):
        return value if one_value(fact, value) == value else f'"{value}"'
    return str(value)
