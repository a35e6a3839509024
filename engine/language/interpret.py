"""The value of a part of a rule, straight from its tree: what the explanation shows beside each row."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.language import arithmetic, semantics
from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op, Var


def value_of(node: Node, facts: Mapping[str, Any], item: Any = None) -> Any:
    """The value of `node`, the same as in the compiled rule. Raises `MissingFact` if arithmetic has no answer.

    `facts[path]` must be None for what is absent; `item` is the item of the list that is being looked at.
    """
    if isinstance(node, Literal):
        return list(node.value) if isinstance(node.value, tuple) else node.value
    if isinstance(node, Var):
        return _read(node, facts, item)
    evaluate = _EVALUATORS.get(node.operator.family)
    if evaluate is not None:
        return evaluate(node, facts, item)
    return _apply(node, [value_of(arg, facts, item) for arg in node.args])


def _apply(node: Op, values: list[Any]) -> Any:
    assert node.operator.function is not None
    return node.operator.function(*values)


def _read(node: Var, facts: Mapping[str, Any], item: Any) -> Any:
    steps = node.fact.split(".") if node.fact else []
    value = semantics.value_at(item, steps) if node.of_item else facts[node.fact]
    return node.default if value is None else value


def _group(node: Op, facts: Mapping[str, Any], item: Any) -> Any:
    """The first operand that decides, else the last one, as Python's `and` and `or` have it."""
    value: Any = False
    for arg in node.args:
        value = value_of(arg, facts, item)
        if bool(value) is (node.name == "or"):
            return value
    return value


def _taken_branch(node: Op, facts: Mapping[str, Any], item: Any) -> Node | None:
    for index in range(0, len(node.args) - 1, 2):
        if value_of(node.args[index], facts, item):
            return node.args[index + 1]
    return node.args[-1] if len(node.args) % 2 else None


def _choice(node: Op, facts: Mapping[str, Any], item: Any) -> Any:
    branch = _taken_branch(node, facts, item)
    return None if branch is None else value_of(branch, facts, item)


def _operand(node: Node, facts: Mapping[str, Any], item: Any) -> Any:
    """A part of a calculation: not rounded, and checked to be a number."""
    if isinstance(node, Op) and node.operator.family is OperatorFamily.ARITHMETIC:
        return _apply(node, [_operand(arg, facts, item) for arg in node.args])
    if isinstance(node, Op) and node.operator.family is OperatorFamily.CHOICE:
        branch = _taken_branch(node, facts, item)
        return arithmetic.number(None if branch is None else _operand(branch, facts, item))
    return arithmetic.number(value_of(node, facts, item), node.fact if isinstance(node, Var) else "")


def _iterator(node: Op, facts: Mapping[str, Any], _: Any) -> Any:
    source, body = node.args
    items = semantics.listed(value_of(source, facts))
    if node.name == "all":
        return bool(items) and all(value_of(body, facts, item) for item in items or ())
    matching = [item for item in items or () if value_of(body, facts, item)]
    if node.name == "filter":
        return matching
    if node.name == "some":
        return bool(matching)
    return items is not None and not matching


def _absence(node: Op, facts: Mapping[str, Any], _: Any) -> Any:
    return semantics.absent(facts, [arg.value for arg in node.args if isinstance(arg, Literal)])


def _arithmetic(node: Op, facts: Mapping[str, Any], item: Any) -> Any:
    return arithmetic.rounded(_operand(node, facts, item))


_EVALUATORS: dict[OperatorFamily, Callable[[Op, Mapping[str, Any], Any], Any]] = {
    OperatorFamily.GROUP: _group,
    OperatorFamily.CHOICE: _choice,
    OperatorFamily.ITERATOR: _iterator,
    OperatorFamily.ABSENCE: _absence,
    OperatorFamily.ARITHMETIC: _arithmetic,
}
