"""Writes a parsed rule as one Python expression over the facts `f`.

Texts and numbers enter it through `repr` of parsed literals only. For two plain numbers, or a text and a written text,
it compares inline; every other pair goes through the functions that the reference uses, too.
"""

from dataclasses import dataclass, field
from typing import Any

from engine.language.arithmetic import NUMBER_MAX
from engine.language.cost import steps_for_each_item
from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op, Var, walk
from engine.language.semantics import is_number

FUNCTIONS = {
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


@dataclass
class Emitter:
    """Turns nodes into source; `constants` are the lists that the source refers to by name.

    In the source, `f` are the facts, `i` is the item of an iterator, `v1`, `v2` … are values evaluated once, `K0`,
    `K1` … are constants.
    """

    constants: dict[str, Any] = field(default_factory=dict)
    locals: int = 0

    def value(self, node: Node) -> str:
        """The expression for `node`."""
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
        # Nothing else may reach `repr`: this is what keeps an author's text from becoming code.
        assert value is None or type(value) in (bool, int, float, str, tuple)
        return self._constant(value) if type(value) is tuple else f"({value!r})"

    def _var(self, node: Var) -> str:
        if not node.of_item:
            read = f"f[{node.fact!r}]"
        elif not node.fact:
            read = "i"
        else:
            read = self._part_of_item(node.fact.split("."))
        if node.default is None:
            return read
        local = self._local()
        return f"({local} if ({local} := {read}) is not None else {node.default!r})"

    def _part_of_item(self, steps: list[str]) -> str:
        if len(steps) == 1:
            return f"(i.get({steps[0]!r}) if type(i) is dict else None)"
        return f"part(i, {tuple(steps)!r})"

    def _group(self, node: Op) -> str:
        return "(" + f" {node.name} ".join(self.value(arg) for arg in node.args) + ")"

    def _negation(self, node: Op) -> str:
        operand = self.value(node.args[0])
        return f"(not {operand})" if node.name == "!" else f"(not not {operand})"

    def _choice(self, node: Op) -> str:
        return self._branches([self.value(arg) for arg in node.args])

    def _branches(self, operands: list[str]) -> str:
        otherwise = operands.pop() if len(operands) % 2 else "None"
        pairs = zip(operands[::2], operands[1::2], strict=True)
        return "(" + "".join(f"{result} if {test} else " for test, result in pairs) + otherwise + ")"

    def _equality(self, node: Op) -> str:
        left, right = sorted(node.args, key=lambda arg: isinstance(arg, Literal))
        if isinstance(right, Literal) and type(right.value) is str:
            if node.operator.snippet == "==":
                return f"({self.value(left)} == {right.value!r})"
            # Values that cannot be compared do not differ either, so another type than text is false.
            local = self._local()
            return f"(type({local} := {self.value(left)}) is str and {local} != {right.value!r})"
        return self._comparison(node)

    def _order(self, node: Op) -> str:
        return self._comparison(node)

    def _comparison(self, node: Op) -> str:
        function, sign = FUNCTIONS[node.name], node.operator.snippet
        literals = [arg for arg in node.args if isinstance(arg, Literal)]
        if len(node.args) > 2 or len(literals) != 1 or not is_number(literals[0].value):
            return f"{function}({', '.join(self.value(arg) for arg in node.args)})"
        literal = literals[0]
        local = self._local()
        operand = next(self.value(arg) for arg in node.args if arg is not literal)
        names = [repr(literal.value) if arg is literal else local for arg in node.args]
        inline, by_function = f" {sign} ".join(names), f"{function}({', '.join(names)})"
        kind = self._local()
        is_plain_number = f"({kind} := type({local} := {operand})) is int or {kind} is float"
        return f"({inline} if {is_plain_number} else {by_function})"

    def _membership(self, node: Op) -> str:
        needle, haystack = node.args
        if isinstance(haystack, Literal) and type(haystack.value) is tuple:
            return self._one_of(self.value(needle), haystack.value)
        return f"charged_inside(f, {self.value(needle)}, {self.value(haystack)})"

    def _one_of(self, needle: str, items: tuple[Any, ...]) -> str:
        local = self._local()
        if all(type(item) is str for item in items):
            return f"(type({local} := {needle}) is str and {local} in {self._constant(frozenset(items))})"
        if all(type(item) is int for item in items):
            as_set, as_tuple = self._constant(frozenset(items)), self._constant(items)
            return f"({local} in {as_set} if type({local} := {needle}) is int else inside({local}, {as_tuple}))"
        return f"inside({needle}, {self._constant(items)})"

    def _arithmetic(self, node: Op) -> str:
        if not _is_inlined(node):
            return f"rounded({self._operand(node)})"
        local = self._local()
        return f"({local} if type({local} := {self._operand(node)}) is int else rounded({local}))"

    def _operand(self, node: Node) -> str:
        """A part of a calculation: not rounded, and checked to be a number."""
        if isinstance(node, Literal) and is_number(node.value):
            return f"({node.value!r})"
        if isinstance(node, Op) and node.operator.family is OperatorFamily.ARITHMETIC:
            operands = [self._operand(arg) for arg in node.args]
            if _is_inlined(node):
                return self._inlined(node, *operands)
            return f"{FUNCTIONS[node.name]}({', '.join(operands)})"
        if isinstance(node, Op) and node.operator.family is OperatorFamily.CHOICE:
            parts = [
                self._operand(arg) if is_outcome(node, index) else self.value(arg)
                for index, arg in enumerate(node.args)
            ]
            return f"number({self._branches(parts)})"
        local, path = self._local(), node.fact if isinstance(node, Var) else ""
        return f"({local} if type({local} := {self.value(node)}) is int else number({local}, {path!r}))"

    def _inlined(self, node: Op, left: str, right: str) -> str:
        """Two whole numbers with a small result are calculated in place, everything else by the function."""
        a, b, result = self._local(), self._local(), self._local()
        are_whole = f"type({a} := {left}) is type({b} := {right}) is int"
        is_small = f"-{NUMBER_MAX} <= ({result} := {a} {node.name} {b}) <= {NUMBER_MAX}"
        return f"({result} if {are_whole} and {is_small} else {FUNCTIONS[node.name]}({a}, {b}))"

    def _iterator(self, node: Op) -> str:
        source, body = node.args
        items = f"charged_list(f, {self.value(source)}, {steps_for_each_item(node)})"
        local = self._local()
        if node.name == "filter":
            return f"[i for i in ({items} or ()) if {self.value(body)}]"
        results = f"{self.value(body)} for i in {local}"
        if node.name != "all" and can_raise(body):
            results = f"[{results}]"  # the reference looks at every item, so that what one of them raises is raised
        if node.name == "none":
            return f"(not any({results}) if ({local} := {items}) is not None else False)"
        function = "all" if node.name == "all" else "any"
        return f"({function}({results}) if ({local} := {items}) else False)"

    def _absence(self, node: Op) -> str:
        paths = tuple(arg.value for arg in node.args if isinstance(arg, Literal))
        return f"absent(f, {self._constant(paths)})"


def _is_inlined(node: Op) -> bool:
    return node.name in ("+", "-", "*") and len(node.args) == 2


def is_outcome(choice: Op, index: int) -> bool:
    """Whether the operand at `index` of an `if` is a result, not a test."""
    is_else = index == len(choice.args) - 1 and index % 2 == 0
    return index % 2 == 1 or is_else


def can_raise(node: Node) -> bool:
    """Whether evaluating `node` may raise `MissingFact`: only arithmetic does."""
    return any(isinstance(part, Op) and part.operator.family is OperatorFamily.ARITHMETIC for part in walk(node))
