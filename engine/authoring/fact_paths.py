"""Which facts a draft reads: the rows of its trees, and the fields of its form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.jsonlogic.lower import takes_part
from engine.authoring.tree.comparisons import other_fact
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock, Node, Tree
from engine.documents.fields import TABLE_WIDGETS, FormField, all_fields, member_at
from engine.kinds import KINDS
from engine.language.compile import paths_of
from engine.language.operators import OperatorFamily
from engine.language.parse import Node as Logic
from engine.language.parse import Op, Var, parse
from engine.vocabulary.fact import EVENT_PROPERTY
from engine.vocabulary.problem import pointer


@dataclass(frozen=True, slots=True)
class FieldRead:
    """A fact that the field at a pointer reads, and what becomes of the events that lack it."""

    pointer: str
    label: str
    path: str
    consequence: str


def fields_reading(document: Mapping[str, Any]) -> list[FieldRead]:
    """The facts that the fields of a draft cannot do without: factors of amounts, once-per facts, what is measured."""
    return list(_field_reads(tuple(all_fields(KINDS[str(document["kind"])].form)), document, ""))


def _field_reads(fields: Sequence[FormField], document: Mapping[str, Any], row: str) -> Iterator[FieldRead]:
    for field in fields:
        at = row + field.pointer
        value = member_at(document, at)
        if field.widget in TABLE_WIDGETS:
            names = list(value) if isinstance(value, Mapping) else range(len(value or ()))
            for name in names:
                yield from _field_reads(field.columns, document, pointer(at, name))
        elif field.widget == "amount":
            yield from (FieldRead(at, field.label, path, "nothing is given for them") for path in _factors(value))
        elif field.choices_from == "once_per":
            yield from (FieldRead(at, field.label, str(path), "nothing is given for them") for path in value or ())
        elif field.choices_from == "properties" and value:
            yield FieldRead(at, field.label, f"{EVENT_PROPERTY}{value}", "they do not count")


def _factors(amount: Any) -> list[str]:
    """The facts without which an amount has no answer: those that have no default and are read in any case."""
    logic, _ = parse(amount)
    return list(dict.fromkeys(_always_read(logic))) if logic else []


def _always_read(logic: Logic) -> Iterator[str]:
    if isinstance(logic, Var):
        if logic.default is None and not logic.of_item:
            yield logic.fact
    elif isinstance(logic, Op) and logic.operator.family is not OperatorFamily.ABSENCE:
        # Of a choice and of a group only the first operand is evaluated whatever the others are.
        may_stop = logic.operator.family in (OperatorFamily.CHOICE, OperatorFamily.GROUP)
        for operand in logic.args[:1] if may_stop else logic.args:
            yield from _always_read(operand)


def paths_read_by(tree: Tree) -> list[str]:
    """The facts that the rows and blocks that take part read, in the order of the page, each once."""
    return list(dict.fromkeys(_paths(tree)))


def _paths(node: Node) -> Iterator[str]:
    if not takes_part(node):
        return
    if isinstance(node, ConditionGroup):
        for row in node.rows:
            yield from _paths(row)
    elif isinstance(node, ConditionRow):
        yield str(node.fact)
        other = other_fact(node.value)
        if other:
            yield other
    elif isinstance(node, LogicBlock):
        logic, _ = parse(node.logic)
        if logic is not None:
            yield from sorted(paths_of(logic))
