"""Compiles a checked rule to guarded Python source: the same answers as the reference, some fifty times faster.

Nothing that an author wrote becomes code: texts and numbers enter the source through `repr` of parsed literals only,
and the compiled function sees no built-ins. For two plain numbers, or a text and a written text, the source compares
inline; every other pair goes through the function of `semantics` that the reference uses, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.language import arithmetic, semantics
from engine.language.emit import FUNCTIONS, Emitter
from engine.language.facts import Facts, MissingFact
from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op, Var, parse, walk
from engine.language.semantics import Number

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
    "listed": semantics.listed,
    "part": semantics.value_at,
    "absent": semantics.absent,
    "number": arithmetic.number,
    "rounded": arithmetic.rounded,
}
_SHARED |= {name: getattr(arithmetic, name, None) or getattr(semantics, name) for name in FUNCTIONS.values()}


@dataclass(frozen=True, slots=True)
class CompiledLogic:
    """A compiled condition or formula. `paths` are the facts it reads, `source` the Python it became."""

    paths: frozenset[str]
    source: str
    rule: Callable[[Mapping[str, Any]], Any]

    def evaluate(self, facts: Mapping[str, Any]) -> Any:
        """The value of the rule. Raises `MissingFact` if arithmetic has no answer.

        `facts[path]` must be None for what is absent; a plain dict is wrapped so that it is.
        """
        return self.rule(Facts(facts) if type(facts) is dict else facts)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether the value counts as true. Raises `MissingFact` as `evaluate` does."""
        return bool(self.rule(Facts(facts) if type(facts) is dict else facts))

    def number(self, facts: Mapping[str, Any]) -> Number:
        """The value of a formula, rounded to 6 places. Raises `MissingFact` if it is not a number."""
        value = self.evaluate(facts)
        if not semantics.is_number(value):
            raise MissingFact(min(self.paths, default=""))
        return arithmetic.rounded(value)


def compile_logic(logic: Any) -> CompiledLogic:
    """Compile `logic`, which `check` has admitted. Raises ValueError if not even its shape is that of a rule."""
    node, problems = parse(logic)
    if node is None:
        raise ValueError(f"not admitted: {problems[0].path}: {problems[0].message}")
    emitter = Emitter()
    source = f"def rule(f):\n    return {emitter.value(node)}\n"
    namespace = {**_SHARED, **emitter.constants}
    exec(compile(source, "<rule>", "exec"), namespace)  # noqa: S102 — our own source; see the top of this module
    return CompiledLogic(paths_of(node), source, namespace["rule"])


def paths_of(node: Node) -> frozenset[str]:
    """The facts that a rule reads."""
    paths: set[str] = set()
    for part in walk(node):
        if isinstance(part, Var) and not part.of_item:
            paths.add(part.fact)
        elif isinstance(part, Op) and part.operator.family is OperatorFamily.ABSENCE:
            paths.update(arg.value for arg in part.args if isinstance(arg, Literal))
    return frozenset(paths)
