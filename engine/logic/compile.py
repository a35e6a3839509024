"""Compiles a checked rule to guarded Python source: the same answers as the reference, some fifty times faster.

Nothing that an author wrote becomes code: texts and numbers enter the source through `repr` of parsed literals only,
and the compiled function sees no built-ins. For two plain numbers, or a text and a written text, the source compares
inline; every other pair goes through the function of `strict` that the reference uses too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.logic import strict
from engine.logic.facts import Facts
from engine.logic.missing import MissingFact
from engine.logic.operators import Family
from engine.logic.parse import Literal, Node, Op, Var, parse, walk
from engine.logic.strict import Number

COMPILER_VERSION = "1"
_SHARED: dict[str, Any] = {
    "__builtins__": {},
    "type": type,
    "int": int,
    "float": float,
    "str": str,
    "dict": dict,
    "any": any,
    "all": all,
    "listed": strict.listed,
    "part": strict.part,
    "absent": strict.absent,
    "number": strict.number,
    "rounded": strict.rounded,
}
_NAMES = {
    "===": "same",
    "==": "same",
    "!==": "differs",
    "!=": "differs",
    "<": "below",
    "<=": "at_most",
    ">": "above",
    ">=": "at_least",
    "in": "inside",
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided",
    "%": "remainder",
    "min": "least",
    "max": "greatest",
}
_SHARED |= {name: getattr(strict, name) for name in _NAMES.values()}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled rule. `paths` are the facts it reads, `source` the Python it became."""

    paths: frozenset[str]
    source: str
    rule: Callable[[Mapping[str, Any]], Any]

    def evaluate(self, facts: Mapping[str, Any]) -> Any:
        """The value of the rule. Raises `MissingFact` where arithmetic has no answer.

        `facts[path]` must give None for what is absent; of a plain dict that is taken care of.
        """
        return self.rule(Facts(facts) if type(facts) is dict else facts)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether the value counts as true. Raises `MissingFact` as `evaluate` does."""
        return bool(self.rule(Facts(facts) if type(facts) is dict else facts))

    def number(self, facts: Mapping[str, Any]) -> Number:
        """The value of a formula, rounded to 6 places. Raises `MissingFact` where it is no number."""
        value = self.evaluate(facts)
        if not strict.is_number(value):
            raise MissingFact(min(self.paths, default=""))
        return strict.rounded(value)


def compile_logic(logic: Any) -> Compiled:
    """Compiles `logic`, which `check` has admitted. Raises ValueError if not even its shape is that of a rule."""
    node, problems = parse(logic)
    if node is None:
        raise ValueError(f"not admitted: {problems[0].path}: {problems[0].message}")
    emitter = _Emitter()
    source = f"def rule(f):\n    return {emitter.value(node)}\n"
    namespace = {**_SHARED, **emitter.constants}
    exec(compile(source, "<rule>", "exec"), namespace)  # noqa: S102 — our own source; the reason is told above
    return Compiled(paths_of(node), source, namespace["rule"])


def paths_of(node: Node) -> frozenset[str]:
    """The facts that a rule reads."""
    asked = {each.fact for each in walk(node) if isinstance(each, Var) and not each.of_item}
    for each in walk(node):
        if isinstance(each, Op) and each.operator.family is Family.ABSENCE:
            asked.update(arg.value for arg in each.args if isinstance(arg, Literal))
    return frozenset(asked)


@dataclass
class _Emitter:
    constants: dict[str, Any] = field(default_factory=dict)
    locals: int = 0

    def value(self, node: Node) -> str:
        if isinstance(node, Literal):
            return self._literal(node.value)
        if isinstance(node, Var):
            return self._var(node)
        return getattr(self, f"_{node.operator.family}")(node)  # type: ignore[no-any-return]

    def _local(self) -> str:
        self.locals += 1
        return f"v{self.locals}"

    def _constant(self, value: Any) -> str:
        name = f"K{len(self.constants)}"
        self.constants[name] = value
        return name

    def _literal(self, value: Any) -> str:
        assert value is None or type(value) in (bool, int, float, str, tuple)
        return self._constant(value) if type(value) is tuple else f"({value!r})"

    def _var(self, node: Var) -> str:
        if not node.of_item:
            read = f"f[{node.fact!r}]"
        elif not node.fact:
            read = "i"
        else:
            read = f"part(i, {tuple(node.fact.split('.'))!r})"
        if node.default is None:
            return read
        local = self._local()
        return f"({local} if ({local} := {read}) is not None else {node.default!r})"

    def _group(self, node: Op) -> str:
        return "(" + f" {node.name} ".join(self.value(arg) for arg in node.args) + ")"

    def _negation(self, node: Op) -> str:
        inner = self.value(node.args[0])
        return f"(not {inner})" if node.name == "!" else f"(not not {inner})"

    def _choice(self, node: Op) -> str:
        return self._branches([self.value(arg) for arg in node.args])

    def _branches(self, parts: list[str]) -> str:
        last = parts.pop() if len(parts) % 2 else "None"
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return "(" + "".join(f"{then} if {test} else " for test, then in pairs) + last + ")"

    def _equality(self, node: Op) -> str:
        left, right = sorted(node.args, key=lambda arg: isinstance(arg, Literal))
        if isinstance(right, Literal) and type(right.value) is str:
            if node.operator.snippet == "==":
                return f"({self.value(left)} == {right.value!r})"
            local = self._local()
            return f"(type({local} := {self.value(left)}) is str and {local} != {right.value!r})"
        return self._compared(node)

    def _order(self, node: Op) -> str:
        return self._compared(node)

    def _compared(self, node: Op) -> str:
        function, sign = _NAMES[node.name], node.operator.snippet
        written = [arg for arg in node.args if isinstance(arg, Literal)]
        if len(node.args) > 2 or len(written) != 1 or not strict.is_number(written[0].value):
            return f"{function}({', '.join(self.value(arg) for arg in node.args)})"
        local = self._local()
        asked = next(self.value(arg) for arg in node.args if arg is not written[0])
        names = [repr(written[0].value) if arg is written[0] else local for arg in node.args]
        inline, slow = f" {sign} ".join(names), f"{function}({', '.join(names)})"
        kind = self._local()
        plain = f"({kind} := type({local} := {asked})) is int or {kind} is float"
        return f"({inline} if {plain} else {slow})"

    def _membership(self, node: Op) -> str:
        needle, haystack = node.args
        if isinstance(haystack, Literal) and type(haystack.value) is tuple:
            return self._one_of(self.value(needle), haystack.value)
        return f"inside({self.value(needle)}, {self.value(haystack)})"

    def _one_of(self, needle: str, items: tuple[Any, ...]) -> str:
        local = self._local()
        if all(type(item) is str for item in items):
            return f"(type({local} := {needle}) is str and {local} in {self._constant(frozenset(items))})"
        if all(type(item) is int for item in items):
            known, rest = self._constant(frozenset(items)), self._constant(items)
            return f"({local} in {known} if type({local} := {needle}) is int else inside({local}, {rest}))"
        return f"inside({needle}, {self._constant(items)})"

    def _arithmetic(self, node: Op) -> str:
        return f"rounded({self._calculated(node)})"

    def _calculated(self, node: Node) -> str:
        """A part of a calculation: not rounded, and checked to be a number."""
        if isinstance(node, Op) and node.operator.family is Family.ARITHMETIC:
            return f"{_NAMES[node.name]}({', '.join(self._calculated(arg) for arg in node.args)})"
        if isinstance(node, Op) and node.operator.family is Family.CHOICE:
            parts = [
                self._calculated(arg) if is_outcome(node, index) else self.value(arg)
                for index, arg in enumerate(node.args)
            ]
            return f"number({self._branches(parts)})"
        if isinstance(node, Literal) and strict.is_number(node.value):
            return repr(node.value)
        path = node.fact if isinstance(node, Var) else ""
        return f"number({self.value(node)}, {path!r})"

    def _iterator(self, node: Op) -> str:
        source, body = node.args
        items, local = f"listed({self.value(source)})", self._local()
        if node.name == "filter":
            return f"[i for i in ({items} or ()) if {self.value(body)}]"
        each = f"{self.value(body)} for i in {local}"
        if node.name != "all" and can_raise(body):
            each = f"[{each}]"  # the reference looks at every item, so that what one of them raises is raised
        if node.name == "none":
            return f"(not any({each}) if ({local} := {items}) is not None else False)"
        word = "all" if node.name == "all" else "any"
        return f"({word}({each}) if ({local} := {items}) else False)"

    def _absence(self, node: Op) -> str:
        paths = tuple(arg.value for arg in node.args if isinstance(arg, Literal))
        return f"absent(f, {self._constant(paths)})"


def is_outcome(choice: Op, index: int) -> bool:
    """Whether the operand at `index` of an `if` is a result, not a test."""
    return index % 2 == 1 or (index == len(choice.args) - 1 and index % 2 == 0)


def can_raise(node: Node) -> bool:
    """Whether evaluating `node` may raise `MissingFact`: only arithmetic does."""
    return any(isinstance(each, Op) and each.operator.family is Family.ARITHMETIC for each in walk(node))
