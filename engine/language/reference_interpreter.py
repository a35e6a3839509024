"""The reference interpreter, json-logic-qubit, and where a compiled rule differs from it (the shadow check).

The reference walks the same tree with the operators of our table.

Its loose operators are replaced through its own `add_operation`, once, when this module is imported. A rule reaches it
only as a parsed tree that is written out again, so none of its other operations (`method` runs arbitrary code) can
occur. Three things cannot be replaced and are written differently for it: facts get names without dots; items of lists
are wrapped, since it drops falsy ones; and calculations without an answer name the fact that is missing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from json_logic import add_operation, jsonLogic

from engine.language import arithmetic, semantics
from engine.language.compile import CACHED_MAX, CompiledLogic, paths_of
from engine.language.emit import is_outcome
from engine.language.facts import Facts, MissingFact
from engine.language.operators import OPERATORS, OperatorFamily
from engine.language.parse import Literal, Node, Op, Var, parse, walk
from engine.language.words.wording import value_text

_ITEM = "\x1e"
_DOT = "\x1f"
_cache: dict[str, tuple[Node, frozenset[str]]] = {}
_BLOCKED = ("method", "log", "count", "cat", "substr", "merge")


def evaluate(logic: Any, facts: Mapping[str, Any]) -> Any:
    """The value of an admitted rule, as `Compiled.evaluate`: same answers, same exceptions."""
    node, paths = _parsed(logic)
    known = Facts(facts) if type(facts) is dict else facts
    values = {path: known[path] for path in paths}
    return jsonLogic(_rewritten(node), {_undotted(path): value for path, value in values.items() if value is not None})


def _parsed(logic: Any) -> tuple[Node, frozenset[str]]:
    """The tree of a rule and the facts that it reads: parsed once, for the same rules are sampled again and again."""
    written = repr(logic)
    parsed = _cache.get(written)
    if parsed is None:
        node, problems = parse(logic)
        if node is None:
            raise ValueError(f"not admitted: {problems[0].path}: {problems[0].message}")
        if len(_cache) >= CACHED_MAX:
            _cache.clear()
        parsed = _cache[written] = node, paths_of(node)
    return parsed


def holds(logic: Any, facts: Mapping[str, Any]) -> bool:
    """Whether the value counts as true. Raises `MissingFact` if arithmetic has no answer."""
    return bool(evaluate(logic, facts))


def difference_from_reference(logic: Any, compiled: CompiledLogic, facts: Mapping[str, Any]) -> str:
    """How `compiled` and the reference differ on `facts`; empty if they agree, exceptions included."""
    ours, theirs = _answer(compiled.evaluate, facts), _answer(lambda known: evaluate(logic, known), facts)
    if ours == theirs:
        return ""
    return f"compiled: {ours[1]}; reference: {theirs[1]}"


def _answer(evaluator: Callable[[Mapping[str, Any]], Any], facts: Mapping[str, Any]) -> tuple[Any, str]:
    """The value with its type, since 1 and True are equal, and how it reads."""
    try:
        value = evaluator(facts)
    except MissingFact as unanswered:
        return (MissingFact, unanswered.path, unanswered.reason), str(unanswered)
    return (type(value), value), value_text(value)


def _undotted(path: str) -> str:
    return path.replace(".", _DOT) or _DOT


def _rewritten(node: Node) -> Any:
    if isinstance(node, Literal):
        return list(node.value) if type(node.value) is tuple else node.value
    if isinstance(node, Var):
        return {"var": [_undotted(node.fact), node.default]}
    match node.operator.family:
        case OperatorFamily.ARITHMETIC:
            return {"rounded": [_calculated(node)]}
        case OperatorFamily.ITERATOR:
            return _iterated(node)
        case OperatorFamily.ABSENCE:
            return {"dotted": [{"missing": [_undotted(arg.value) for arg in node.args if isinstance(arg, Literal)]}]}
        case _:
            return {node.name: [_rewritten(arg) for arg in node.args]}


def _calculated(node: Node) -> Any:
    if isinstance(node, Op) and node.operator.family is OperatorFamily.ARITHMETIC:
        return {node.name: [_calculated(arg) for arg in node.args]}
    if isinstance(node, Op) and node.operator.family is OperatorFamily.CHOICE:
        parts = [_calculated(arg) if is_outcome(node, i) else _rewritten(arg) for i, arg in enumerate(node.args)]
        return {"number": [{"if": parts}, ""]}
    return {"number": [_rewritten(node), node.fact if isinstance(node, Var) else ""]}


def _iterated(node: Op) -> Any:
    source, body = node.args
    parts = sorted({node.fact for node in walk(body) if isinstance(node, Var)})
    items = {"items": [_rewritten(source), parts]}
    loop = {node.name: [items, _rewritten(body)]}
    if node.name == "filter":
        return {"unwrapped": [loop]}
    return {"and": [{"listed": [_rewritten(source)]}, loop]} if node.name == "none" else loop


def _items(source: Any, parts: list[str]) -> list[dict[str, Any]]:
    return [_wrapped(item, parts) for item in semantics.listed(source) or ()]


def _wrapped(item: Any, parts: list[str]) -> dict[str, Any]:
    values = {_undotted(path): semantics.value_at(item, path.split(".")) if path else item for path in parts}
    return {_ITEM: item} | {name: value for name, value in values.items() if value is not None}


def _blocked(*_: Any) -> Any:
    raise AssertionError("an operation outside the safe profile reached the reference interpreter")


def _register() -> None:
    operations: dict[str, Callable[..., Any]] = {
        "rounded": arithmetic.rounded,
        "number": arithmetic.number,
        "listed": lambda source: semantics.listed(source) is not None,
        "items": _items,
        "unwrapped": lambda items: [item[_ITEM] for item in items],
        "dotted": lambda names: [name.replace(_DOT, ".") for name in names],
    }
    operations |= {operator.name: operator.function for operator in OPERATORS.values() if operator.function is not None}
    operations |= dict.fromkeys(_BLOCKED, _blocked)
    for name, function in operations.items():
        add_operation(name, function)


_register()
