"""Reads JsonLogic into a tree of typed nodes and refuses everything that is not of the shape of the safe profile.

The tree is bounded in depth, nodes, iterators and size, so that everything after it may recurse and evaluate.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.language.arithmetic import NUMBER_MAX
from engine.language.operators import OPERATORS, LogicOperator, OperatorFamily
from engine.language.semantics import ITEMS_MAX, is_number
from engine.vocabulary.fact import PATH_LENGTH_MAX
from engine.vocabulary.problem import Problem, pointer

DEPTH_MAX = 16
NODES_MAX = 400
TEXT_LENGTH_MAX = 1000
LIST_LENGTH_MAX = 1000
SIZE_MAX = 64_000
ITERATORS_MAX = 4
ITEM_NODES_MAX = 40
"""How many nodes look at each item. Numbers in a written list count, too: each is compared with each item."""
STEPS_MAX = NODES_MAX + ITERATORS_MAX * ITEM_NODES_MAX * ITEMS_MAX
"""How many nodes are evaluated at most, whatever the event contains. This, not a clock, limits what a rule may cost."""
_UNSTORABLE = frozenset(["\x00", *map(chr, range(0xD800, 0xE000))])


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: number, text, boolean, null, or a tuple of numbers or of texts."""

    value: Any
    path: str


@dataclass(frozen=True, slots=True)
class Var:
    """A fact, or inside an iterator a part of the item (`fact` is empty for the item itself)."""

    fact: str
    path: str
    default: Any = None
    of_item: bool = False


@dataclass(frozen=True, slots=True)
class Op:
    """An operator with its operands; `path` points at the object, `path/operator` at the operands."""

    operator: LogicOperator
    args: tuple["Node", ...]
    path: str

    @property
    def name(self) -> str:
        """The operator as written in JsonLogic."""
        return self.operator.name

    @property
    def at(self) -> str:
        """The pointer to the operands, where problems of this operation are reported."""
        return pointer(self.path, self.operator.name)


Node: TypeAlias = Literal | Var | Op


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, parents first, left to right."""
    yield node
    if isinstance(node, Op):
        for arg in node.args:
            yield from walk(arg)


def parse(logic: Any, at: str = "") -> tuple[Node | None, list[Problem]]:
    """The tree of `logic`, or None and every reason why there is none. `at` points at `logic` in its document."""
    reading = _Reader()
    node = reading.node(logic, at, 1, in_item=False)
    if reading.nodes > NODES_MAX:
        return None, [Problem(at, f"is too big: more than {NODES_MAX} operations, facts and values")]
    if reading.size > SIZE_MAX:
        return None, [Problem(at, f"is too long: more than {SIZE_MAX:,} characters")]
    return (None, reading.problems) if reading.problems else (node, [])


@dataclass
class _Reader:
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0
    size: int = 0
    iterators: int = 0

    def refuse(self, at: str, message: str) -> Literal | None:
        """Note a problem; returns None, so that a refusal can be returned as the result."""
        self.problems.append(Problem(at, message))
        return None

    def node(self, logic: Any, at: str, depth: int, *, in_item: bool) -> Node | None:
        self.nodes += 1
        if self.nodes > NODES_MAX or self.size > SIZE_MAX:
            return None
        if depth > DEPTH_MAX:
            return self.refuse(at, f"is nested too deeply: more than {DEPTH_MAX} levels")
        if isinstance(logic, dict):
            return self._operation(logic, at, depth, in_item=in_item)
        if isinstance(logic, list | tuple):
            if in_item:
                self.nodes += sum(not isinstance(value, str) for value in logic)
            return self._list(logic, at)
        return self._scalar(logic, at)

    def _operation(self, logic: dict[Any, Any], at: str, depth: int, *, in_item: bool) -> Node | None:
        operator = self._operator(logic, at)
        if operator is None:
            return None
        raw = next(iter(logic.values()))
        args = list(raw) if isinstance(raw, list | tuple) else [raw]
        inside = pointer(at, operator.name)
        if operator.family is OperatorFamily.ABSENCE and len(args) == 1 and isinstance(args[0], list | tuple):
            args, inside = list(args[0]), pointer(inside, 0)
        if not operator.least <= len(args) <= operator.most:
            return self.refuse(inside, f"{operator.name!r} takes {_count(operator)}, has {len(args)}")
        if operator.family is OperatorFamily.FACT:
            return self._var(args, at, inside, in_item=in_item)
        if operator.family is OperatorFamily.ITERATOR:
            return self._iterator(operator, args, at, depth, in_item=in_item)
        paths = [pointer(inside, index) for index in range(len(args))] if isinstance(raw, list | tuple) else [inside]
        nodes = [self.node(arg, path, depth + 1, in_item=in_item) for arg, path in zip(args, paths, strict=True)]
        operands = tuple(node for node in nodes if node is not None)
        if operator.family is OperatorFamily.ABSENCE and in_item:
            return self.refuse(inside, "'missing' asks about facts, not about the parts of an item")
        return Op(operator, operands, at) if len(operands) == len(args) else None

    def _operator(self, logic: dict[Any, Any], at: str) -> LogicOperator | None:
        """The one operator of an object; None after noting why there is none."""
        name = next(iter(logic), None)
        operator = OPERATORS.get(name) if isinstance(name, str) else None
        if len(logic) != 1:
            names = ", ".join(repr(str(key)[:40]) for key in list(logic)[:4]) or "none"
            self.refuse(at, f"must have exactly one operator, has {len(logic)}: {names}")
            return None
        if operator is None:
            self.refuse(pointer(at, str(name)[:40]), f"unknown operator {str(name)[:40]!r}")
            return None
        self.size += len(operator.name)
        return operator

    def _iterator(self, operator: LogicOperator, args: list[Any], at: str, depth: int, *, in_item: bool) -> Node | None:
        inside = pointer(at, operator.name)
        self.iterators += 1
        if in_item:
            return self.refuse(inside, f"{operator.name!r} may not stand inside another iterator")
        if self.iterators > ITERATORS_MAX:
            return self.refuse(inside, f"more than {ITERATORS_MAX} iterators in one rule")
        source = self.node(args[0], pointer(inside, 0), depth + 1, in_item=False)
        before = self.nodes
        body = self.node(args[1], pointer(inside, 1), depth + 1, in_item=True)
        if self.nodes - before > ITEM_NODES_MAX:
            return self.refuse(pointer(inside, 1), f"asks too much of each item: more than {ITEM_NODES_MAX} parts")
        if isinstance(source, Op):
            return self.refuse(pointer(inside, 0), f"{operator.name!r} reads a list fact or a written list")
        return Op(operator, (source, body), at) if source is not None and body is not None else None

    def _var(self, args: list[Any], at: str, inside: str, *, in_item: bool) -> Node | None:
        fact, default = args[0], (args[1] if len(args) > 1 else None)
        if not isinstance(fact, str) or (not fact and not in_item):
            return self.refuse(inside, "must name a fact as plain text")
        if len(fact) > PATH_LENGTH_MAX:
            return self.refuse(inside, f"names a fact longer than {PATH_LENGTH_MAX} characters")
        if isinstance(default, dict | list | tuple):
            return self.refuse(pointer(inside, 1), "the default must be a number, a text, true or false")
        literal = self._scalar(default, pointer(inside, 1))
        self.size += len(fact)
        return Var(fact, at, literal.value, of_item=in_item) if literal else None

    def _list(self, items: Any, at: str) -> Node | None:
        if len(items) > LIST_LENGTH_MAX:
            return self.refuse(at, f"is too long: more than {LIST_LENGTH_MAX} items")
        problems_before = len(self.problems)
        values = [self._item(item, pointer(at, index)) for index, item in enumerate(items)]
        return Literal(tuple(values), at) if len(self.problems) == problems_before else None

    def _item(self, item: Any, at: str) -> Any:
        if isinstance(item, dict | list | tuple):
            return self.refuse(at, "a list holds plain values only")
        literal = self._scalar(item, at)
        return literal.value if literal else None

    def _scalar(self, value: Any, at: str) -> Literal | None:
        problem = _value_problem(value)
        if problem:
            return self.refuse(at, problem)
        self.size += len(value) if isinstance(value, str) else 8
        return Literal(value, at)


def _value_problem(value: Any) -> str:
    """Why a rule may not contain a plain value; empty if it may."""
    if isinstance(value, str):
        if len(value) > TEXT_LENGTH_MAX:
            return f"is too long: more than {TEXT_LENGTH_MAX} characters"
        return "" if _UNSTORABLE.isdisjoint(value) else "holds a character that cannot be stored"
    if value is None or isinstance(value, bool):
        return ""
    if not is_number(value):
        return "must be a finite number, a text, true or false"
    return "" if abs(value) <= NUMBER_MAX else f"is too large a number: beyond ±{NUMBER_MAX:,}"


def _count(operator: LogicOperator) -> str:
    if operator.least == operator.most:
        return f"{operator.least} value" + ("s" if operator.least > 1 else "")
    return f"{operator.least} to {operator.most} values"
