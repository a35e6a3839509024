"""Compiles a checked rule to guarded Python source: the same answers as the reference, some fifty times faster.

Nothing that an author wrote becomes code: texts and numbers enter the source through `repr` of parsed literals only,
and the compiled function sees no built-ins. For two plain numbers, or a text and a written text, the source compares
inline; every other pair goes through the function of `strict` that the reference uses too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.language import arithmetic, semantics
from engine.language.emit import FUNCTIONS, Emitter
from engine.language.facts import Facts
from engine.language.missing_facts import MissingFact
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
        if not semantics.is_number(value):
            raise MissingFact(min(self.paths, default=""))
        return arithmetic.rounded(value)


def compile_logic(logic: Any) -> CompiledLogic:
    """Compiles `logic`, which `check` has admitted. Raises ValueError if not even its shape is that of a rule."""
    node, problems = parse(logic)
    if node is None:
        raise ValueError(f"not admitted: {problems[0].path}: {problems[0].message}")
    emitter = Emitter()
    source = f"def rule(f):\n    return {emitter.value(node)}\n"
    namespace = {**_SHARED, **emitter.constants}
    exec(compile(source, "<rule>", "exec"), namespace)  # noqa: S102 — our own source; the reason is told above
    return CompiledLogic(paths_of(node), source, namespace["rule"])


def paths_of(node: Node) -> frozenset[str]:
    """The facts that a rule reads."""
    asked = {each.fact for each in walk(node) if isinstance(each, Var) and not each.of_item}
    for each in walk(node):
        if isinstance(each, Op) and each.operator.family is OperatorFamily.ABSENCE:
            asked.update(arg.value for arg in each.args if isinstance(arg, Literal))
    return frozenset(asked)
